"""One manifest, tried as an installation would: read, compiled with sample answers, its templates rendered."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from townos.author.advice import advice
from townos.author.findings import Finding
from townos.author.samples import HOST, HOSTNAME, refused_answers, sample_answers, without_defaults
from townos.author.unknown import unknown_keys
from townos.errors import FieldError, TownError
from townos.installations.planning.unit import service_unit
from townos.names import PackageId
from townos.packages.compile import compile_package
from townos.packages.loading import load_manifest
from townos.packages.manifest import Manifest
from townos.packages.nodes import NotReadable, read_document
from townos.packages.package import Package, PackageTemplate
from townos.packages.problems import ManifestInvalid, PackageInvalid
from townos.packages.questions import converted
from townos.packages.template_data import template_data
from townos.packages.templates import Data, TemplateRefused, render


def check_manifest(package: PackageId, content: bytes, file: str) -> list[Finding]:
    """Return what is wrong with a manifest and what is doubtful, by line."""
    findings = [*_doubtful_keys(content, file), *_checked(package, content, file)]
    return sorted(findings, key=lambda finding: finding.line)


def _doubtful_keys(content: bytes, file: str) -> Iterator[Finding]:
    with suppress(NotReadable):  # which loading tells
        for line, field in unknown_keys(read_document(content)):
            yield Finding(file, line, field, is_warning=True)


def _checked(package: PackageId, content: bytes, file: str) -> Iterator[Finding]:
    try:
        manifest = load_manifest(content, f"{package.name}/{package.version}")
    except ManifestInvalid as error:
        yield from (Finding(file, line, field) for line, field in zip(error.lines, error.fields, strict=True))
        return
    yield from (Finding(file, manifest.line(field.name), field, is_warning=True) for field in advice(manifest))
    answers = sample_answers(package, manifest)
    if refused := refused_answers(manifest, answers):
        yield from (_about_question(manifest, file, field) for field in refused)
        answers = sample_answers(package, without_defaults(manifest, {field.name for field in refused}))
    if not refused_answers(manifest, answers):
        yield from _compiled(package, manifest, answers, file)


def _about_question(manifest: Manifest, file: str, field: FieldError) -> Finding:
    path = f"questions.{field.name}"
    return Finding(file, manifest.line(path), FieldError(path, field.code, field.params))


def _compiled(package: PackageId, manifest: Manifest, answers: dict[str, str], file: str) -> Iterator[Finding]:
    try:
        compiled = compile_package(package, manifest, answers, HOST)
    except PackageInvalid as error:
        yield from (Finding(file, line, field) for line, field in zip(error.lines, error.fields, strict=True))
        return
    yield from _written(manifest, compiled, file)
    data = template_data(compiled, converted(manifest.questions, answers), HOSTNAME, HOST)
    for template in compiled.templates:
        yield from _rendered(manifest, template, data, file)


def _written(manifest: Manifest, package: Package, file: str) -> Iterator[Finding]:
    """Write the unit of a container, which has limits of its own."""
    if package.image is None:
        return
    try:
        service_unit(package, {volume.name: Path("/volume") for volume in package.volumes}, "bridge", Path("/profile"))
    except TownError as error:
        yield Finding(file, manifest.line("image"), FieldError("image", error.code, error.params))


def _rendered(manifest: Manifest, template: PackageTemplate, data: Data, file: str) -> Iterator[Finding]:
    path = f"templates.{template.name}.content"
    line = manifest.line(path)
    try:
        render(template.content, data, lambda: None)
    except TemplateRefused as error:
        line += error.place.line if "\n" in template.content else 0
        yield Finding(file, line, FieldError(path, error.code, error.params))
    except TownError as error:
        yield Finding(file, line, FieldError(path, error.code, error.params))

"""Answers as a person might give them, to see what a package becomes."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Final

from townos.errors import FieldError, Invalid
from townos.names import PackageId
from townos.packages.compile import HostNames, compile_package
from townos.packages.manifest import Manifest
from townos.packages.problems import PackageInvalid
from townos.packages.questions import completed, converted

HOSTNAME: Final = "sample"
HOST: Final = HostNames("sample.example.org", "192.0.2.1")
_TEXTS: Final = (
    "sample",
    "1",
    "1gb",
    "sample.example.org",
    "sample.tar.gz",
    "/sample",
    "https://example.org/sample",
    "me@example.org",
)
_SAMPLES: Final = {
    "": _TEXTS,
    "volume": ("sample",),
    "bytes": ("1gb",),
    "archive": ("sample.tar.gz",),
    "duration": ("5m",),
}


def sample_answers(package: PackageId, manifest: Manifest) -> dict[str, str]:
    """Return an answer to every question: its default, a generated one, or a plausible one.

    Of those that are plausible it is the first with which the fewest fields are wrong: a text without a type may have
    to be a port, a path or the name of a volume, which only shows where it is used.
    """
    ports = _free_ports(manifest)
    answers = completed(manifest.questions, {}, package.name, lambda: next(ports))
    plausible = {name: _plausible(manifest, name, ports) for name in manifest.questions if name not in answers}
    answers.update((name, samples[0]) for name, samples in plausible.items())
    for name, samples in plausible.items():
        answers[name] = min(samples, key=_wrong_with(package, manifest, answers, name))
    return answers


def refused_answers(manifest: Manifest, answers: Mapping[str, str]) -> Sequence[FieldError]:
    """Return what is wrong with answers by themselves: a default that its own type refuses, or an unknown type."""
    try:
        converted(manifest.questions, answers)
    except Invalid as error:
        return error.fields
    return ()


def without_defaults(manifest: Manifest, names: Collection[str]) -> Manifest:
    """Return a manifest that has no default for some of its questions."""
    questions = {
        name: replace(question, default="") if name in names else question
        for name, question in manifest.questions.items()
    }
    return replace(manifest, questions=questions)


def _free_ports(manifest: Manifest) -> Iterator[int]:
    written = manifest.external.keys() | manifest.internal.keys()
    return (port for port in count(10_000) if str(port) not in written)


def _plausible(manifest: Manifest, name: str, ports: Iterator[int]) -> list[str]:
    kind = manifest.questions[name].type
    samples = list(_SAMPLES.get(kind, _TEXTS))
    if kind in {"", "volume"}:
        samples += manifest.volumes
    return [*samples, str(next(ports))] if not kind else samples


def _wrong_with(package: PackageId, manifest: Manifest, answers: dict[str, str], name: str) -> Callable[[str], int]:
    def wrong(answer: str) -> int:
        try:
            compile_package(package, manifest, {**answers, name: answer}, HOST)
        except PackageInvalid as error:
            return len(error.fields)
        return 0

    return wrong

"""A whole package repository, as the appliance would list it."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final

from townos.author.findings import Finding
from townos.author.manifests import check_manifest
from townos.errors import FieldError, Malformed, TownError
from townos.i18n import Bytes
from townos.limits import MANIFEST_MAX_BYTES
from townos.names import PackageId, PackageName, RepositoryName, Version
from townos.packages.versions import compare, version_key
from townos.repositories.directories import look
from townos.repositories.scan import FEATURED, PACKAGES, SUFFIX, read_featured, read_manifest

REPOSITORY: Final = RepositoryName("repository")
"""Stands for the name that whoever adds the repository gives it."""

Checked = tuple[int, Sequence[Finding]]
"""How many manifests were looked at, none or one, and what was found."""


def check_path(path: Path) -> Iterator[Checked]:
    """Check a repository, or one manifest in it, file by file. Raises `Malformed` for what is neither."""
    if path.is_dir() and (path / PACKAGES).is_dir():
        yield from _repository(path)
    elif path.is_file() and path.suffix == SUFFIX:
        yield _file(path)
    else:
        raise Malformed("check.no_repository", str(path), PACKAGES)


def _repository(root: Path) -> Iterator[Checked]:
    seen = look(root)
    yield 0, [_whole_file(problem.path, problem.error) for problem in seen.problems]
    directories = seen.directories.values()
    found = [PackageId(REPOSITORY, directory.name, version) for directory in directories for version in directory.files]
    for manifest in found:
        yield 1, _manifest(root, manifest)
    yield 0, list(_same_versions(found))
    yield 0, list(_featured(root, {str(manifest.name) for manifest in found}))


def _manifest(root: Path, found: PackageId) -> Sequence[Finding]:
    file = f"{found.name}/{found.version}{SUFFIX}"
    try:
        content = read_manifest(root, found.name, found.version)
    except TownError as error:
        return [_whole_file(file, error)]
    return check_manifest(found, content, file)


def _file(path: Path) -> Checked:
    path = path.absolute()
    file = f"{path.parent.name}/{path.name}"
    try:
        package = PackageId(REPOSITORY, PackageName.parse(path.parent.name), Version.parse(path.stem))
        with path.open("rb") as opened:
            content = opened.read(MANIFEST_MAX_BYTES + 1)
    except OSError as error:
        raise Malformed("template.unreadable", str(path), error.strerror or "") from error
    except TownError as error:
        return 1, [_whole_file(file, error)]
    if len(content) > MANIFEST_MAX_BYTES:
        return 1, [
            Finding(file, 1, FieldError("file", "repository.manifest_too_large", (file, Bytes(MANIFEST_MAX_BYTES))))
        ]
    return 1, check_manifest(package, content, file)


def _same_versions(found: Sequence[PackageId]) -> Iterator[Finding]:
    """Yield versions of a package of which none is newer than the other."""
    for name, manifests in groupby(found, key=lambda manifest: manifest.name):
        for older, newer in pairwise(sorted((manifest.version for manifest in manifests), key=version_key)):
            if compare(older, newer) == 0:
                field = FieldError("version", "check.same_version", (older, newer))
                yield Finding(f"{name}/{newer}{SUFFIX}", 1, field)


def _featured(root: Path, names: set[str]) -> Iterator[Finding]:
    try:
        featured = read_featured(root)
    except TownError as error:
        yield _whole_file(FEATURED, error)
        return
    for name in featured:
        if name not in names:
            yield Finding(FEATURED, 1, FieldError("featured", "check.featured", (name,)))


def _whole_file(file: str, error: TownError) -> Finding:
    return Finding(file, 1, FieldError("file", error.code, error.params))

"""What is installed and what was answered, as files below the repositories' directory.

    installed/<repo>/<name>/<version>.yaml      hard link to the manifest; only regular files count
    installed/<repo>/<name>/<version>.yaml.previous   the manifest that an operation is replacing, until it has ended
    installed/<repo>/<name>/disabled            empty marker
    installed/<repo>/<name>/children.json       names of packages, if somebody wrote it
    responses/<repo>/<name>/<version>.json      the answers, as given or generated
    responses/last/<repo>/<name>.json           the answers of the last installation, for the next one

Every path is made of checked names, and none is used when a directory on the way is a symlink.
"""

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import Final, TypeVar

import msgspec
import trio

from townos.encoding import encode_json
from townos.errors import Conflict, Internal, Invalid, NotFound
from townos.limits import MANIFEST_MAX_BYTES, RECORD_THREADS
from townos.names import PackageId, PackageName, RepositoryName, Version
from townos.posix.files import replace_file, sync_directory

T = TypeVar("T")

INSTALLED: Final = "installed"
RESPONSES: Final = "responses"
LAST: Final = "last"
DISABLED: Final = "disabled"
CHILDREN: Final = "children.json"
_MANIFEST: Final = ".yaml"
_ANSWERS: Final = ".json"


class Records:
    """The records below a base directory. Every method is safe to repeat after a crash in its middle."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._threads = trio.CapacityLimiter(RECORD_THREADS)
        self.revision = 0
        """Grows each time that `save`, `restore` or `remove` has ended. Who read before has to read again."""

    async def installed(self) -> list[PackageId]:
        """Return what is installed, sorted by repository, name and version."""
        return await self._look(lambda: sorted(self._walk()))

    async def versions(self, repository: RepositoryName, name: PackageName) -> list[Version]:
        """Return the installed versions of one package."""
        return [
            package.version
            for package in await self.installed()
            if (package.repository, package.name) == (repository, name)
        ]

    async def manifest(self, package: PackageId) -> bytes:
        """Return the installed manifest's bytes. Raises `NotFound`."""
        return await self._look(partial(self._read, self._link(package), package))

    async def answers(self, package: PackageId) -> dict[str, str]:
        """Return the answers of an installed version; none if there are no such answers."""
        return await self._look(lambda: _read_answers(self._plain(self._answers(package))))

    async def last_answers(self, repository: RepositoryName, name: PackageName) -> dict[str, str]:
        """Return the answers of the last installation of a package."""
        return await self._look(lambda: _read_answers(self._plain(self._last(repository, name))))

    async def save(self, package: PackageId, manifest: Path, digest: str, answers: Mapping[str, str]) -> None:
        """Record an installation: link its manifest, whose bytes must have this SHA-256, and store the answers.

        A different manifest that is linked already is set aside: `restore` links it again, `drop_replaced_manifest`
        deletes it. Raises `Conflict` when the manifest is not the one that was planned with.
        """
        await self._change(partial(self._save, package, manifest, digest, dict(answers)))

    async def restore(self, package: PackageId, answers: Mapping[str, str]) -> None:
        """Link the manifest again that `save` set aside, if it did, and store the earlier answers."""
        await self._change(partial(self._restore, package, dict(answers)))

    async def drop_replaced_manifest(self, package: PackageId) -> None:
        """Delete the manifest that `save` set aside, if there is one."""
        await self._run(lambda: _unlink(self._plain(self._aside(package)), self._base / INSTALLED))

    async def changed(self, manifests: Mapping[PackageId, Path]) -> frozenset[PackageId]:
        """Return the packages that run from another file than this manifest of their repository, or it is missing."""

        def work() -> frozenset[PackageId]:
            links = {package: self._plain(self._link(package)) for package in manifests}
            return frozenset(one for one, manifest in manifests.items() if not _same_file(links[one], manifest))

        return await self._look(work)

    async def remove(self, package: PackageId) -> None:
        """Forget an installation, its marker and the directories that become empty."""
        await self._change(partial(self._remove, package))

    async def save_last_answers(self, package: PackageId, answers: Mapping[str, str]) -> None:
        """Keep answers for the next installation of the package."""
        last = self._last(package.repository, package.name)
        await self._run(lambda: _write_answers(self._plain(last), dict(answers)))

    async def clear_last_answers(self, repository: RepositoryName, name: PackageName) -> None:
        """Forget the answers of the last installation."""
        await self._run(lambda: _unlink(self._plain(self._last(repository, name)), self._base / RESPONSES))

    async def children(self, repository: RepositoryName, name: PackageName) -> list[str]:
        """Return the names in a package's `children.json`; none if there is no such list."""
        path = self._base / INSTALLED / repository / name / CHILDREN
        return await self._look(lambda: _read_children(self._plain(path)))

    async def disabled(self, repository: RepositoryName, name: PackageName) -> bool:
        """Tell whether a package must not be started."""
        return await self._look(lambda: _is_regular(self._marker(repository, name)))

    async def disable(self, repository: RepositoryName, name: PackageName) -> None:
        """Mark a package as one that must not be started. Raises `NotFound` unless it is installed."""
        await self._run(partial(self._disable, repository, name))

    async def enable(self, repository: RepositoryName, name: PackageName) -> None:
        """Take the mark away, if there is one."""
        await self._run(partial(self._enable, repository, name))

    def _disable(self, repository: RepositoryName, name: PackageName) -> None:
        marker = self._marker(repository, name)
        try:
            with suppress(FileExistsError):
                os.close(os.open(marker, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileNotFoundError as error:
            raise NotFound("install.not_installed", f"{repository}/{name}") from error
        sync_directory(marker.parent)

    def _enable(self, repository: RepositoryName, name: PackageName) -> None:
        marker = self._marker(repository, name)
        with suppress(FileNotFoundError):
            marker.unlink()
            sync_directory(marker.parent)

    def _save(self, package: PackageId, manifest: Path, digest: str, answers: dict[str, str]) -> None:
        from hashlib import sha256

        _write_answers(self._plain(self._answers(package)), answers)
        link, aside = self._plain(self._link(package)), self._plain(self._aside(package))
        if _is_regular(link) and not _is_regular(aside) and not _same_file(link, manifest) and _is_regular(manifest):
            link.rename(aside)
        if not _is_regular(link):
            link.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(manifest, link, follow_symlinks=False)
            except FileNotFoundError as error:
                raise Conflict("install.manifest_gone", str(package)) from error
            sync_directory(link.parent)
        if not _is_regular(link) or sha256(self._read(link, package)).hexdigest() != digest:
            raise Conflict("install.manifest_changed", str(package))

    def _restore(self, package: PackageId, answers: dict[str, str]) -> None:
        link, aside = self._plain(self._link(package)), self._plain(self._aside(package))
        with suppress(FileNotFoundError):
            aside.replace(link)
            sync_directory(link.parent)
        _write_answers(self._plain(self._answers(package)), answers)

    def _remove(self, package: PackageId) -> None:
        link = self._plain(self._link(package))
        _unlink(self._plain(self._answers(package)), self._base / RESPONSES)
        for path in (link, self._plain(self._aside(package))):
            path.unlink(missing_ok=True)
        if not list(link.parent.glob(f"*{_MANIFEST}")):
            _unlink(link.parent / DISABLED, self._base / INSTALLED)
        _remove_empty(link.parent, self._base / INSTALLED)

    def _walk(self) -> Iterator[PackageId]:
        for path in (self._base / INSTALLED).glob(f"*/*/*{_MANIFEST}"):
            if _is_regular(path):
                with suppress(Invalid, Conflict):  # a name or a symlink that no installation can have made
                    self._plain(path)
                    yield PackageId.parse(path.parent.parent.name, path.parent.name, path.name.removesuffix(_MANIFEST))

    def _plain(self, path: Path) -> Path:
        """Return a path below the base. Raises `Conflict` if a directory on the way is a symlink."""
        for directory in path.parents[: len(path.relative_to(self._base).parts) - 1]:
            if directory.is_symlink():
                raise Conflict("install.symlink", str(directory.relative_to(self._base)))
        return path

    def _read(self, path: Path, package: PackageId) -> bytes:
        try:
            descriptor = os.open(self._plain(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
                raise NotFound("install.not_installed", str(package)) from error
            raise
        with os.fdopen(descriptor, "rb") as file:
            return file.read(MANIFEST_MAX_BYTES)

    def _link(self, package: PackageId) -> Path:
        return self._base / INSTALLED / package.repository / package.name / f"{package.version}{_MANIFEST}"

    def _aside(self, package: PackageId) -> Path:
        link = self._link(package)
        return link.with_name(f"{link.name}.previous")

    def _marker(self, repository: RepositoryName, name: PackageName) -> Path:
        return self._plain(self._base / INSTALLED / repository / name / DISABLED)

    def _answers(self, package: PackageId) -> Path:
        return self._base / RESPONSES / package.repository / package.name / f"{package.version}{_ANSWERS}"

    def _last(self, repository: RepositoryName, name: PackageName) -> Path:
        return self._base / RESPONSES / LAST / repository / f"{name}{_ANSWERS}"

    async def _change(self, work: Callable[[], None]) -> None:
        try:
            await self._run(work)
        finally:
            self.revision += 1

    async def _look(self, work: Callable[[], T]) -> T:
        """Run work that changes nothing. A cancel leaves it behind, so a disk that hangs holds up nobody for long."""
        return await trio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=self._threads)

    async def _run(self, work: Callable[[], T]) -> T:
        return await trio.to_thread.run_sync(work, limiter=self._threads)


def _is_regular(path: Path) -> bool:
    try:
        return S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _same_file(link: Path, manifest: Path) -> bool:
    try:
        return os.path.samestat(link.lstat(), manifest.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return False


def _read_answers(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except msgspec.DecodeError as error:
        raise Internal("install.answers_unreadable", path.name) from error


def _read_children(path: Path) -> list[str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[str])
    except (FileNotFoundError, NotADirectoryError):
        return []
    except msgspec.DecodeError as error:
        raise Internal("install.children_unreadable") from error


def _write_answers(path: Path, answers: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_file(path, encode_json(answers))


def _unlink(path: Path, root: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
    _remove_empty(path.parent, root)


def _remove_empty(directory: Path, root: Path) -> None:
    """Remove a directory below `root`, and those above it, as far as they are empty."""
    while directory != root and directory.is_relative_to(root):
        try:
            with suppress(FileNotFoundError):
                directory.rmdir()
        except OSError:
            return
        directory = directory.parent

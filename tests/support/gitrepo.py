"""Repositories for tests, made with the git program so that it is the oracle and not the library under test."""

import atexit
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp


def git(directory: Path, *args: str, given: bytes | None = None) -> str:
    """Run git in a directory with no configuration of this machine; its output without the last newline."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Author",
        "GIT_AUTHOR_EMAIL": "author@example.org",
        "GIT_COMMITTER_NAME": "Author",
        "GIT_COMMITTER_EMAIL": "author@example.org",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    ran = subprocess.run(["git", *args], cwd=directory, env=environment, input=given, capture_output=True, check=True)
    return ran.stdout.decode().removesuffix("\n")


@dataclass(frozen=True)
class Objects:
    """Writes any object into a repository, also such as git itself would never make."""

    repository: Path

    def blob(self, content: bytes) -> str:
        """Write a file's content; its hash."""
        return self._written("blob", content)

    def tree(self, *entries: tuple[str, str, str]) -> str:
        """Write a directory with these modes, names and hashes, in this order; its hash."""
        return self._written(
            "tree", b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(h) for mode, name, h in entries)
        )

    def commit(self, tree: str, *parents: str) -> str:
        """Write a commit; its hash."""
        return git(self.repository, "commit-tree", tree, "-m", "change", *(f"-p{parent}" for parent in parents))

    def _written(self, kind: str, content: bytes) -> str:
        return git(self.repository, "hash-object", "-w", "--literally", "--stdin", "-t", kind, given=content)


@dataclass(frozen=True)
class Upstream:
    """A bare repository and a working copy of its author, who pushes into it."""

    bare: Path
    work: Path

    @classmethod
    def create(cls, directory: Path, name: str, files: Mapping[str, str]) -> "Upstream":
        """Make the pair below a directory, with one commit."""
        shutil.copytree(_first(name, tuple(files.items())), directory, dirs_exist_ok=True, symlinks=True)
        return cls.at(directory, name)

    @classmethod
    def at(cls, directory: Path, name: str) -> "Upstream":
        """Return the pair that is below a directory."""
        return cls(directory / f"{name}.git", directory / f"{name}-author")

    def push(self, files: Mapping[str, str | None], *options: str, branch: str = "main") -> str:
        """Write, or with None remove, these files on a branch, which may be new, commit and push; the new hash."""
        if branch != git(self.work, "branch", "--show-current"):
            known = branch in git(self.work, "branch", "--format=%(refname:short)").split()
            git(self.work, "checkout", "-q", *([] if known else ["-b"]), branch)
        for path, text in files.items():
            target = self.work / path
            if text is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
        git(self.work, "add", "-A", ".")
        git(self.work, "commit", "-q", "-m", "change")
        git(self.work, "push", "-q", *options, "origin", branch)
        return git(self.work, "rev-parse", "HEAD")

    def rewind(self) -> None:
        """Forget the last commit of the author's branch; the next push has to be forced."""
        git(self.work, "reset", "-q", "--hard", "HEAD~1")


@cache
def _first(name: str, files: tuple[tuple[str, str], ...]) -> Path:
    """Make a pair that all tests of this process copy: git takes ten times as long to make another one."""
    directory = Path(mkdtemp(prefix="townos-upstream-"))
    atexit.register(shutil.rmtree, directory)
    made = Upstream.at(directory, name)
    git(directory, "init", "-q", "--bare", "-b", "main", str(made.bare))
    git(directory, "init", "-q", "-b", "main", str(made.work))
    git(made.work, "remote", "add", "origin", f"../{made.bare.name}")
    made.push(dict(files))
    return directory

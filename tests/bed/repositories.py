"""Package repositories for beds: plain git, served by the git server inside the bed.

`http://town:harbour-7@127.0.0.1:4180/<name>` from within, for every bare repository in /srv/git.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bed import child, githttp
from tests.bed.bed import Bed

GIT_PORT: Final = 4180
GIT_ROOT: Final = "/srv/git"
AUTHOR: Final = {
    "GIT_AUTHOR_NAME": "Town OS",
    "GIT_AUTHOR_EMAIL": "town-os@localhost",
    "GIT_COMMITTER_NAME": "Town OS",
    "GIT_COMMITTER_EMAIL": "town-os@localhost",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}
_WRITE_FILES: Final = """\
import json, pathlib, sys
for name, text in json.load(sys.stdin).items():
    path = pathlib.Path(sys.argv[1], name)
    if text is None:
        path.unlink()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
"""


def url(name: str, *, credentials: bool = True) -> str:
    """Return a repository's address inside the bed."""
    at = f"{githttp.USERNAME}:{githttp.PASSWORD}@" if credentials else ""
    return f"http://{at}127.0.0.1:{GIT_PORT}/{name}"


def bare(source: Path, target: Path) -> None:
    """Make `target` a bare repository whose only commit is the directory `source`."""
    work = ["git", "--git-dir", str(target), "--work-tree", str(source)]
    child.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(target)], environment=AUTHOR)
    child.run([*work, "add", "--all"], environment=AUTHOR)
    child.run([*work, "commit", "--quiet", "--message=Add the packages"], environment=AUTHOR)


@dataclass(frozen=True, slots=True)
class PackageRepository:
    """A repository inside a bed, to which a test commits while the bed runs."""

    bed: Bed
    name: str

    @classmethod
    def create(cls, bed: Bed, name: str, files: Mapping[str, str]) -> PackageRepository:
        """Make a repository with one commit of these texts by path."""
        quoted = shlex.quote(name)
        bed.check(
            f"git init --quiet --bare --initial-branch=main {GIT_ROOT}/{quoted}"
            f" && git clone --quiet {GIT_ROOT}/{quoted} /srv/work/{quoted}"
        )
        made = cls(bed, name)
        made.commit(files)
        return made

    @property
    def url(self) -> str:
        """Return its address inside the bed, with user and password."""
        return url(self.name)

    def commit(self, files: Mapping[str, str | None], message: str = "Change the packages") -> str:
        """Write these texts by path, remove those that are None, commit and publish; return the commit's id."""
        work = f"/srv/work/{shlex.quote(self.name)}"
        self.bed.check(f"python3 -c {shlex.quote(_WRITE_FILES)} {work}", standard_input=json.dumps(dict(files)))
        author = " ".join(f"{key}={shlex.quote(value)}" for key, value in AUTHOR.items())
        git = f"env {author} git -C {work}"
        publish = f"{git} push --quiet origin HEAD:main && {git} rev-parse HEAD"
        return self.bed.check(f"{git} add --all && {git} commit --quiet -m {shlex.quote(message)} && {publish}").strip()

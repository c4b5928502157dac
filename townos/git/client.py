"""The port: every git operation this program knows."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from townos.git.url import GitUrl


class GitClient(Protocol):
    """Git on directories of this machine.

    Every operation has a time limit and can be cancelled; a cancelled or failed one leaves the directory as it was.
    Errors are subclasses of `townos.git.errors.GitFailed` and never hold a password. Where an operation talks to the
    server, `url` gives address and credentials, because credentials are never written to `.git/config`; without it
    the address of the remote `origin` is used as it is.

    An operation never writes into an existing file: it unlinks each tracked file that it changes and makes a new one.
    A hard link to the old file, such as an installed manifest, keeps the old bytes.
    """

    async def clone(self, url: GitUrl, parent: Path, name: str, *, depth: int | None = None) -> None:
        """Clone into `parent/name`, which must not exist or be empty; `depth` limits the history to so many commits."""

    async def clone_into(self, url: GitUrl, directory: Path, *, branch: str = "", depth: int | None = None) -> None:
        """Clone into an existing empty directory, which gets the content of the branch and `.git` at its top.

        No branch means the server's default one. What is made belongs to the owner of the directory, and the directory
        is empty again after a failure. The bounds are those of volumes. Raises `Invalid` for what is no branch name,
        `GitNotFound` for a branch that the server has not, `GitFailed` for a directory that is not empty, `NoSpace`.
        """

    async def update(self, directory: Path, url: GitUrl, *, branch: str = "") -> None:
        """Bring a directory that `clone_into` has filled up to date with the server; changes and other files stay.

        No branch means the one that it is on. An empty directory is filled. Any program may have written into it
        before, `.git` included, but none may be running on it now. What is made belongs to the owner of the directory.
        Raises `GitRefused`, with nothing touched, when `.git` leads elsewhere or is missing where other files are,
        `GitConflict` when a change contradicts the server's, `GitNotFound` and `Invalid` for a branch, `NoSpace`.
        """

    async def pull(self, repo: Path, *, url: GitUrl | None = None) -> None:
        """Fetch, then move the current branch to its upstream, with local commits rebased on top of it.

        Raises `GitConflict` when a local commit or an uncommitted change contradicts the upstream.
        """

    async def diff(self, repo: Path) -> bool:
        """Say whether the working tree has uncommitted changes, untracked files included and ignored ones not."""

    async def stash(self, repo: Path) -> bool:
        """Put uncommitted changes and untracked files aside; say whether there were any."""

    async def stash_apply(self, repo: Path) -> bool:
        """Bring the newest stash back and drop it; say whether there was one.

        Raises `GitConflict` when it contradicts the working tree; then the tree is as it was and the stash is kept.
        """

    async def fetch(self, repo: Path, *, url: GitUrl | None = None) -> None:
        """Fetch branches and tags of the remote `origin`; branches that are gone there are forgotten."""

    async def checkout(self, repo: Path, ref: str) -> None:
        """Check out a branch (also one that only the remote has), a tag or a commit hash."""

    async def init(self, path: Path) -> None:
        """Make a repository whose first branch is `main`. Raises `GitNotFound` if the parent directory is missing."""

    async def add(self, repo: Path, *pathspecs: str) -> None:
        """Stage files by pathspec, deletions included; `.` means everything."""

    async def commit(self, repo: Path, message: str) -> str:
        """Commit what is staged as the repository's or the home's git user, or `Town OS <town-os@localhost>`.

        Returns the hash.
        """

    async def rev_parse(self, repo: Path, ref: str) -> str:
        """Return the full hash that a revision stands for."""

    async def run(self, repo: Path, *args: str) -> str:
        """Dispatch `config`, `branch`, `rev-parse`, `log`, `init` or `status`; the output without its last newline.

        Raises `Invalid` for any other subcommand or option.
        """

    def working_tree(self, repo: Path) -> AbstractAsyncContextManager[None]:
        """Hold off changes to the working tree while the caller reads it; waits for a change that is under way."""

"""What can go wrong with git. No text here ever holds a password or says where repositories lie on this machine."""

from townos.errors import Foreign


class GitFailed(Foreign):
    """A git operation failed; the kinds below say how."""


class GitAuthFailed(GitFailed):
    """The server wants other credentials, or any."""


class GitNotFound(GitFailed):
    """The repository or the reference does not exist."""


class GitUnreachable(GitFailed):
    """The server cannot be reached, or what answers there is not what it should be."""


class GitTimeout(GitFailed):
    """The operation took longer than its limit and was undone."""


class GitConflict(GitFailed):
    """Local changes and the wanted state contradict each other; the working tree is as it was."""


class GitRefused(GitFailed):
    """The address or a redirect leads where this program does not go."""

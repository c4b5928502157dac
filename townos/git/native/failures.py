"""Where libgit2's errors become ours: by their text, because most of them are one class with a sentence."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pygit2
from pygit2.errors import AuthError, CertificateError

from townos.errors import NoSpace, TownError
from townos.git.errors import (
    GitAuthFailed,
    GitConflict,
    GitFailed,
    GitNotFound,
    GitRefused,
    GitUnreachable,
)
from townos.limits import GIT_REASON_MAX_CHARS
from townos.posix.no_space import says_out_of_space

log: Final = logging.getLogger(__name__)

_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_USERINFO: Final = re.compile(r"(?<=://)[^/\s@]*@")
_DIRECTORIES: Final = re.compile(r"(?<![\w:/.~-])/(?:[^/\s'\"]+/)+")  # before the last name of a path, not of a URL
_MISSING: Final = ("status code: 404", "repository not found", "does not appear to be a git", "not found in upstream")
_DENIED: Final = ("status code: 401", "status code: 403", "authentication", "access denied", "permission denied")
_UNREACHABLE: Final = (
    "failed to connect",
    "failed to resolve",
    "timed out",
    "timeout",
    "unexpected http status code",
    "could not read refs",
    "unexpected eof",
    "unsupported url protocol",
    "ssl error",
    "socket",
    "early eof",
    "connection",
    "remote error",
    "invalid content-type",
    "invalid pkt-len",
    "ssh",
)


def cleaned(text: str) -> str:
    """Make foreign text fit for a person: one line, of bounded length, without userinfo."""
    return _USERINFO.sub("", _UNPRINTABLE.sub(" ", text)).strip()[:GIT_REASON_MAX_CHARS]


@contextmanager
def translated(action: str, place: str) -> Iterator[None]:
    """Turn what libgit2 raises inside into a kind of `GitFailed`, or `NoSpace`; `place` is a host or a name."""
    try:
        yield
    except (AuthError, CertificateError, pygit2.GitError) as error:
        raise _kind(action, place, error) from error
    except (KeyError, ValueError, OSError) as error:
        raise _kind(action, place, error) from error


def _kind(action: str, place: str, error: Exception) -> TownError:  # noqa: PLR0911 - one line for each kind
    whole = cleaned(str(error))
    log.info("git %s failed for %s: %s", action, place, whole)
    reason = _DIRECTORIES.sub("", whole)
    lowered = reason.lower()
    if says_out_of_space(reason):
        return NoSpace("git.no_space", place)
    if isinstance(error, CertificateError) or "certificate" in lowered:
        return GitUnreachable("git.certificate", place)
    if "cannot redirect" in lowered:
        return GitRefused("git.moved", place)
    if isinstance(error, AuthError) or any(text in lowered for text in _DENIED):
        return GitAuthFailed("git.auth_failed", place)
    if any(text in lowered for text in _MISSING):
        return GitNotFound("git.repository_not_found", place)
    if "prevent" in lowered and "checkout" in lowered:
        return GitConflict("git.conflict", place, reason)
    if any(text in lowered for text in _UNREACHABLE):
        return GitUnreachable("git.unreachable", place, reason)
    return GitFailed("git.failed", action, place, reason)

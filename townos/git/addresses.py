"""Where an address leads: looked at before every conversation, because a name can point anywhere."""

import os
import socket
from errno import ETIMEDOUT

import trio

from townos.git.errors import GitRefused, GitUnreachable
from townos.git.url import GitUrl
from townos.limits import GIT_CONNECT_TIMEOUT_SECONDS
from townos.urls import is_link_local


async def check_address(url: GitUrl) -> None:
    """Resolve the host and refuse one that leads to a link-local address.

    libgit2 resolves the name once more when it
    connects; a name server that answers differently within that moment is not caught.
    Raises `GitUnreachable`, `GitRefused`.
    """
    if url.is_local:
        return
    try:
        with trio.fail_after(GIT_CONNECT_TIMEOUT_SECONDS):
            found = await trio.socket.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except trio.TooSlowError as error:
        raise GitUnreachable("git.unreachable", url.place, os.strerror(ETIMEDOUT)) from error
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise GitUnreachable("git.unreachable", url.place, reason) from error
    if any(is_link_local(str(address[0])) for *_, address in found):
        raise GitRefused("git.link_local", url.place)

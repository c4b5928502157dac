"""Talking to a server: credentials, host identity, redirects and stopping, all through libgit2's callbacks."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pygit2.callbacks import RemoteCallbacks
from pygit2.credentials import Keypair, Username, UserPass
from pygit2.enums import CheckoutStrategy, CredentialType
from pygit2.remotes import TransferProgress

from townos.git.bounds import Bounds
from townos.git.errors import GitAuthFailed, GitRefused
from townos.git.url import GitUrl
from townos.i18n import Bytes
from townos.limits import GIT_CREDENTIAL_TRIES
from townos.posix.checkpoints import Checkpoint

_REDIRECT_TO_SAME_HOST_ONLY: Final = 1  # GIT_REMOTE_REDIRECT_NONE; libgit2 still follows within the host
_SSH_KEYS: Final = ("id_ed25519", "id_ecdsa", "id_rsa")


class Transfer(RemoteCallbacks):
    """One conversation with one server.

    libgit2 asks again and again after a wrong password, so the tries are counted. By default pygit2 accepts any SSH
    host key, so what libgit2 found is returned as it is. Redirects to another host are refused by libgit2 because of
    the option set here; those to another scheme show by the certificate that a plain address has no use for.
    """

    def __init__(self, url: GitUrl, home: Path, bounds: Bounds, checkpoint: Checkpoint) -> None:
        """`checkpoint` is called from every callback."""
        super().__init__()
        self._url = url
        self._home = home
        self._bounds = bounds
        self._checkpoint = checkpoint
        self._tries = 0
        self._fetch_options: Any = None
        self._clone_options: Any = None

    @property
    def fetch_options(self) -> Any:
        """The C structure, reachable only here: pygit2 has no parameter for redirects."""
        return self._fetch_options

    @fetch_options.setter
    def fetch_options(self, options: Any) -> None:
        options.follow_redirects = _REDIRECT_TO_SAME_HOST_ONLY
        self._fetch_options = options

    @property
    def clone_options(self) -> Any:
        """The C structure: the checkout is left out of the clone, because that part could not be stopped."""
        return self._clone_options

    @clone_options.setter
    def clone_options(self, options: Any) -> None:
        options.checkout_opts.checkout_strategy = int(CheckoutStrategy.NONE)
        self._clone_options = options

    def credentials(
        self, url: str, username_from_url: str | None, allowed_types: CredentialType
    ) -> Username | UserPass | Keypair:
        """Give the credentials of the address, once, and to its own host only."""
        self._checkpoint()
        if (urlsplit(url).hostname or "") != self._url.host:
            raise GitRefused("git.moved", self._url.place)
        username = self._url.username or username_from_url or ""
        if allowed_types & CredentialType.USERNAME and not allowed_types & CredentialType.SSH_KEY:
            return Username(username or "git")
        self._tries += 1
        if self._tries > GIT_CREDENTIAL_TRIES:
            raise GitAuthFailed("git.auth_failed", self._url.place)
        if allowed_types & CredentialType.USERPASS_PLAINTEXT and (self._url.username or self._url.password):
            return UserPass(self._url.username, self._url.password)
        if allowed_types & CredentialType.SSH_KEY and self._url.own_keys:
            return self._key(username or "git")
        raise GitAuthFailed("git.auth_required", self._url.place)

    def _key(self, username: str) -> Keypair:
        for name in _SSH_KEYS:
            private = self._home / ".ssh" / name
            if private.is_file():
                return Keypair(username, f"{private}.pub", str(private), "")
        raise GitAuthFailed("git.auth_required", self._url.place)

    def certificate_check(self, certificate: None, valid: bool, host: bytes) -> bool:  # noqa: ARG002
        """Trust what libgit2 found out about the server, and nothing else."""
        self._checkpoint()
        if self._url.scheme == "http":
            raise GitRefused("git.scheme_changed", self._url.place)
        return valid

    def sideband_progress(self, string: str) -> None:  # noqa: ARG002
        """Be told what the server is doing; a moment to stop."""
        self._checkpoint()

    def transfer_progress(self, stats: TransferProgress) -> None:
        """Be told how much arrived; a moment to stop, and to refuse more than is wanted."""
        self._checkpoint()
        size, count = self._bounds.received_bytes, self._bounds.received_objects
        if stats.received_bytes > size or stats.total_objects > count:
            raise GitRefused("git.too_much_received", self._url.place, Bytes(size), count)

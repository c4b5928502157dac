"""Signing in: the brake, the password check and the new session, in this order."""

from dataclasses import dataclass, field

from townos.accounts.accounts import Accounts
from townos.accounts.sessions import Sessions
from townos.accounts.table import Account
from townos.accounts.throttle import LoginThrottle
from townos.errors import TownError, Unauthorized


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun."""

    token: str = field(repr=False)
    account: Account


class SignIn:
    """Exchanges a username and a password for a session."""

    def __init__(self, accounts: Accounts, sessions: Sessions, throttle: LoginThrottle) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._throttle = throttle

    async def authenticate(self, username: str, password: str, *, source: str) -> SignedIn:
        """Begin a session for whoever asks from the network address `source`.

        Raises `Unauthorized` with one text for every reason, `Throttled` after too many failures, and `Unavailable`
        while too many others are being checked.
        """
        attempt = self._throttle.attempt(source)
        try:
            signed_in = await self._authenticate(username, password)
        except Unauthorized:
            raise
        except TownError:
            attempt.forgive()
            raise
        attempt.forgive()
        return signed_in

    async def _authenticate(self, username: str, password: str) -> SignedIn:
        verified = await self._accounts.verify(username, password)
        if verified is None:
            raise Unauthorized("account.invalid_credentials")
        token = await self._sessions.create(verified.account.username, verified.password_hash)
        return SignedIn(token, verified.account)

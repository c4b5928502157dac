"""One request as its handler sees it: who calls, from where, and what the audit entry may show."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from townos.api.http.bodies import HttpRequest
from townos.api.origins import Origins
from townos.encoding import encode_json
from townos.errors import Forbidden, Misdirected, Unauthorized


class Account(Protocol):
    """What requests need to know of an account."""

    @property
    def username(self) -> str:
        """The name that signs in."""

    @property
    def admin(self) -> bool:
        """Whether it may do everything."""


class Session(Protocol):
    """What signing in with a token gives."""

    @property
    def id(self) -> str:
        """The identity that a session is revoked by."""

    @property
    def account(self) -> Account:
        """Whose it is."""


class Authenticate(Protocol):
    """The port to the sessions."""

    async def __call__(self, token: str, /) -> Session | None:
        """Return the valid session of a token, or None."""


class Call:
    """A request being answered. Handlers get it first, their typed input second."""

    __slots__ = ("_origins", "_presented", "_session", "disclosed", "locale", "request", "told")

    def __init__(self, request: HttpRequest, origins: Origins, locale: str) -> None:
        self.request = request
        self.locale = locale
        self.disclosed: frozenset[str] = frozenset()
        self.told = b""
        self._origins = origins
        self._presented = False
        self._session: Session | None = None

    def presented(self, session: Session | None) -> None:
        """Note that a token came with the request, and the session it belongs to, if it is valid."""
        self._presented = True
        self._session = session

    @property
    def account(self) -> Account | None:
        """The account whose valid token came with the request."""
        return self._session.account if self._session else None

    @property
    def session_id(self) -> str | None:
        """The session of that token."""
        return self._session.id if self._session else None

    @property
    def admin(self) -> bool:
        """Whether an administrator calls."""
        return self._session is not None and self._session.account.admin

    @property
    def source(self) -> str:
        """The address that the request came from; `<local>` for a Unix socket."""
        client = self.request.scope.get("client")
        return str(client[0]) if client else "<local>"

    @property
    def last_event_id(self) -> str:
        """Where the client of an event stream had got to; empty for a first visit."""
        return self.request.headers.get("Last-Event-ID", "")

    def require_session(self) -> Account:
        """Return the calling account. Raises `Unauthorized` with the text that fits."""
        if not self._presented:
            raise Unauthorized("auth.missing_token")
        if self._session is None:
            raise Unauthorized("auth.invalid_session")
        return self._session.account

    def require_admin(self) -> Account:
        """Return the calling administrator. Raises `Unauthorized` or `Forbidden`."""
        account = self.require_session()
        if not account.admin:
            raise Forbidden("auth.admin_required")
        return account

    def require_own_host(self) -> None:
        """Refuse what a page of a stranger could have sent through a visitor's browser. Raises `Misdirected`.

        Needed where no token protects: creating the first account.
        """
        host = self.request.headers.get("Host", "")
        origin = self.request.headers.get("Origin", "")
        if not self._origins.is_own(host) or (origin and not self._origins.allows(origin, host)):
            raise Misdirected("http.foreign_host", host)

    def disclose(self, questions: Iterable[str]) -> None:
        """Let the audit entry show the answers to these questions; all others are redacted, as they may be secret."""
        self.disclosed = frozenset(questions)

    def outlive_client(self) -> None:
        """Let the handler go on when the client hangs up from now on; for one that reads the body itself."""
        self.request.survives_client = True

    def tell(self, details: Mapping[str, str]) -> None:
        """Let the audit entry show these fields, of a body that the handler reads itself."""
        self.told = encode_json(details)

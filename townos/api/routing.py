"""Routes as data: method, path, handler, who may call, and what the audit log says about it."""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, get_type_hints

import msgspec

from townos.api.call import Call
from townos.api.wire.requests import Request
from townos.errors import MethodNotAllowed, NotFound
from townos.limits import JSON_BODY_MAX_BYTES

Handler = Callable[..., Awaitable[Any]]
Guard = Callable[[Call], Awaitable[None]]


class Auth(Enum):
    """Who may call. A token that comes with a public request is looked at, and ignored when it is not valid."""

    PUBLIC = "public"
    SESSION = "session"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a handler's annotations say: `async def handler(call: Call, body: AddRepository) -> Page[Repository]`."""

    input: type[Request] | None
    output: Any
    """The annotated return type; `None` means an empty body."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the multipart form holds that a handler reads itself."""

    fields: type[msgspec.Struct]
    """The texts, which come first."""
    file: str
    """The name of the part with the file, which comes last."""


@dataclass(frozen=True)
class Route:
    """One endpoint."""

    method: str
    path: str
    handler: Handler
    auth: Auth
    audit: str | None
    """The part of the audit action's key after `audit.action.`; empty: audited without a text; None: not audited."""
    guard: Guard | None = None
    """Decides from who calls and from where, before the body is read, where the levels of `auth` do not suffice."""
    body_limit: int = JSON_BODY_MAX_BYTES
    """Bytes. For a handler that streams the body itself, the most it may ever take."""
    streams_body: bool = False
    """Whether the handler reads `call.request.body` itself; it is then cancelled if the client goes away."""
    form: Form | None = None
    """What the streamed body holds, for the description of the interface."""

    @cached_property
    def signature(self) -> Signature:
        """The handler's typed input and output. Raises `TypeError` where an annotation is missing."""
        hints = get_type_hints(self.handler)
        names = list(inspect.signature(self.handler).parameters)
        if "return" not in hints or not 1 <= len(names) <= 2 or any(name not in hints for name in names):
            raise TypeError(f"the handler of {self.method} {self.path} must be annotated: (call, input?) -> output")
        kind = hints[names[1]] if len(names) == 2 else None
        if kind is not None and not (isinstance(kind, type) and issubclass(kind, Request)):
            raise TypeError(f"the input of {self.method} {self.path} must be a Request, not {kind}")
        return Signature(kind, None if hints["return"] is type(None) else hints["return"])

    @property
    def survives_its_client(self) -> bool:
        """Whether it goes on when the client hangs up: what is audited is never left half done."""
        return self.audit is not None and not self.streams_body


Routes = tuple[Route, ...]


def get(path: str, handler: Handler, auth: Auth, *, guard: Guard | None = None) -> Route:
    """Declare a reading endpoint; its input, if any, is the query string. Never audited."""
    return Route("GET", path, handler, auth, audit=None, guard=guard)


def post(
    path: str,
    handler: Handler,
    auth: Auth,
    *,
    audit: str | None,
    guard: Guard | None = None,
    body_limit: int = JSON_BODY_MAX_BYTES,
    streams_body: bool = False,
    form: Form | None = None,
) -> Route:
    """Declare an endpoint whose input, if any, is a JSON body.

    `audit` is said for every one: a key of the catalogue below `audit.action.`, empty, or None where it only reads.
    """
    return Route("POST", path, handler, auth, audit, guard, body_limit, streams_body, form)


class RouteTable:
    """All routes, found by method and path."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: dict[str, dict[str, Route]] = {}
        for route in routes:
            methods = self._routes.setdefault(route.path, {})
            if route.method in methods:
                raise ValueError(f"{route.method} {route.path} is declared twice")
            methods[route.method] = route

    def __iter__(self) -> Iterator[Route]:
        return (route for methods in self._routes.values() for route in methods.values())

    def find(self, method: str, path: str) -> Route:
        """Return the route of a request. Raises `NotFound` or `MethodNotAllowed`."""
        methods = self._routes.get(path)
        if methods is None:
            raise NotFound("http.not_found")
        route = methods.get("GET" if method == "HEAD" else method)
        if route is None:
            raise MethodNotAllowed(self.allowed(path))
        return route

    def allowed(self, path: str) -> set[str]:
        """Return the methods of a path."""
        methods = set(self._routes.get(path, ()))
        return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())

    def excluded_from_audit(self, path: str) -> bool:
        """Tell whether a path only reads, so that even rejected requests to it are not audited."""
        methods = self._routes.get(path)
        return methods is not None and all(route.audit is None for route in methods.values())

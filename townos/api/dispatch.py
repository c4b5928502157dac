"""From a request to its answer: origin, route, sign-in, typed input, handler, typed output, audit. In this order."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Final, TypeVar

from quart.wrappers import Response

from townos.api import auditing
from townos.api.auditing import Record
from townos.api.call import Authenticate, Call
from townos.api.http.bodies import HttpRequest
from townos.api.http.replies import Reply, encoded
from townos.api.http.sse import Stream
from townos.api.origins import Origins
from townos.api.routing import Auth, Route, RouteTable
from townos.api.web_page import WebPage
from townos.api.wire.problems import detail, expected, problem
from townos.api.wire.requests import decode_body, decode_query
from townos.audit.log import AuditEntry
from townos.errors import NotFound, TownError, Unavailable

BEARER: Final = "Bearer "

R = TypeVar("R", bound=Response)


@dataclass(slots=True)
class Attempt:
    """What is known of a request so far; the audit entry is made from it."""

    call: Call
    path: str
    route: Route | None = None
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class DispatcherPorts:
    """What the dispatcher needs from other rooms."""

    authenticate: Authenticate
    record: Record
    origins: Origins
    locale: Callable[[], str]
    """The locale of the settings, from memory."""


class Dispatcher:
    """Answers every request, and never raises anything but a cancellation."""

    def __init__(self, table: RouteTable, ports: DispatcherPorts, web_page: WebPage) -> None:
        self._table = table
        self._ports = ports
        self._web_page = web_page

    async def respond(self, request: HttpRequest) -> Response:
        """Return the answer to a request."""
        call = Call(request, self._ports.origins, self._ports.locale())
        response = self._preflight(request) if request.method == "OPTIONS" else await self._answer(call)
        if isinstance(response, Stream):
            response.refusal = lambda error: self._with_headers(problem(error, call.locale), request)
        return self._with_headers(response, request)

    def _with_headers(self, response: R, request: HttpRequest) -> R:
        """Add what every answer has, also the one in place of a stream that could not begin."""
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")
        origin = request.headers.get("Origin")
        if origin and request.method != "OPTIONS":
            response.headers.extend(self._ports.origins.headers(origin, request.headers.get("Host", "")))
        return response

    async def _answer(self, call: Call) -> Response:
        attempt = Attempt(call, call.request.path)
        try:
            attempt.route = self._table.find(call.request.method, attempt.path)
            response = await self._handled(attempt, attempt.route)
        except Exception as error:  # noqa: BLE001 - the one place where every error becomes an answer; it logs them
            return await self._page(attempt, error) or await self._failed(attempt, expected(error))
        except BaseException:
            await self._audit(attempt, Unavailable("http.cancelled"))
            raise
        if isinstance(response, Stream):
            response.ended = partial(self._audit, attempt)
            response.session = call.session_id
        else:
            await self._audit(attempt, None)
        return response

    async def _handled(self, attempt: Attempt, route: Route) -> Response:
        call = attempt.call
        await self._admit(call, route)
        arguments = await self._input(attempt, route)
        call.request.survives_client = route.survives_its_client
        return _response(await route.handler(call, *arguments))

    async def _admit(self, call: Call, route: Route) -> None:
        """Find out who calls; raise `Unauthorized` or `Forbidden` if that is not enough for the route."""
        authorization = call.request.headers.get("Authorization", "")
        token = authorization.removeprefix(BEARER) if authorization.startswith(BEARER) else ""
        if token:
            call.presented(await self._ports.authenticate(token))
        if route.auth is Auth.SESSION:
            call.require_session()
        elif route.auth is Auth.ADMIN:
            call.require_admin()
        if route.guard is not None:
            await route.guard(call)

    async def _input(self, attempt: Attempt, route: Route) -> tuple[Any, ...]:
        request = attempt.call.request
        request.body.limit = route.body_limit
        kind = route.signature.input
        if kind is None:
            return ()
        if route.method == "GET":
            return (decode_query(request.query_string, kind),)
        attempt.body = await request.body.read()
        return (decode_body(attempt.body, kind),)

    async def _page(self, attempt: Attempt, error: Exception) -> Response | None:
        if attempt.route is None and isinstance(error, NotFound) and attempt.call.request.method in {"GET", "HEAD"}:
            return await self._web_page.page(attempt.path, attempt.call.request.headers)
        return None

    async def _failed(self, attempt: Attempt, error: TownError) -> Response:
        await self._audit(attempt, error)
        return problem(error, attempt.call.locale)

    async def _audit(self, attempt: Attempt, error: TownError | None) -> None:
        """Write the entry of an audited endpoint, or of a rejected request to a path of the API that not only reads."""
        route, call = attempt.route, attempt.call
        if (route is None or route.audit is None) and (error is None or self._only_reads(attempt.path)):
            return
        entry = AuditEntry(
            account=call.account.username if call.account and attempt.path != auditing.SIGN_IN_PATH else "",
            action=auditing.action(route.audit or "") if route else "",
            path=attempt.path,
            detail=auditing.detail(attempt.body or call.told, call.disclosed),
            success=error is None,
            error=detail(error) if error else "",
        )
        await auditing.write(self._ports.record, entry)

    def _only_reads(self, path: str) -> bool:
        return self._table.excluded_from_audit(path) or self._web_page.owns(path)

    def _preflight(self, request: HttpRequest) -> Response:
        headers = self._ports.origins.preflight(
            request.headers.get("Origin"),
            request.headers.get("Host", ""),
            private_network=request.headers.get("Access-Control-Request-Private-Network") == "true",
        )
        allow = ("Allow", ", ".join(sorted(self._table.allowed(request.path))))
        return Reply(status=HTTPStatus.NO_CONTENT, content_type=None, headers=[allow, *headers])


def _response(result: object) -> Response:
    if result is None:
        return Reply(content_type=None)
    return result if isinstance(result, Response) else Reply(encoded(result))

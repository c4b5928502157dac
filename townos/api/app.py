"""The Quart-Trio app: Quart's requests and responses around our own dispatcher.

Quart's router, contexts and signals are not used: a request is found in the route table by method and path, which makes
an answer cost two thirds of what it costs through them.
"""

from collections.abc import Iterable

from quart.wrappers import Response
from quart_trio import QuartTrio

from townos.api.dispatch import Dispatcher, DispatcherPorts
from townos.api.http.asgi import FileResponse, HttpConnection
from townos.api.http.bodies import HttpRequest
from townos.api.http.streams import OpenStreams
from townos.api.routing import Route, RouteTable
from townos.api.web_page import WebPage
from townos.api.wire.openapi import Description
from townos.limits import JSON_BODY_MAX_BYTES


class TownApp(QuartTrio):
    """The HTTP interface as an ASGI app."""

    asgi_http_class = HttpConnection
    request_class = HttpRequest
    response_class = FileResponse

    def __init__(self, dispatcher: Dispatcher, description: Description) -> None:
        super().__init__("townos", static_folder=None, template_folder=None)
        self.config["MAX_CONTENT_LENGTH"] = JSON_BODY_MAX_BYTES
        self.streams = OpenStreams()
        self.description = description
        self._dispatcher = dispatcher

    async def handle_request(self, request: HttpRequest) -> Response:  # type: ignore[override]  # request_class
        """Return the answer to a request."""
        return await self._dispatcher.respond(request)


def create_app(routes: Iterable[Route], ports: DispatcherPorts, web_page: WebPage | None = None) -> TownApp:
    """Return the app for these routes. Raises `ValueError` for a duplicate, `TypeError` for a handler without types."""
    description = Description()
    table = RouteTable((*routes, description.route()))
    for route in table:
        _ = route.signature
    description.describe(table)
    return TownApp(Dispatcher(table, ports, web_page or WebPage()), description)

"""Which pages may talk to us. The named regressions are security holes that must stay closed."""

import pytest

from tests.support.http import Answer, AppClient, ask
from townos.api.call import Call
from townos.api.origins import Origins, host_name
from townos.api.routing import Auth, get, post


async def hello(_: Call) -> dict[str, str]:
    return {"status": "ok"}


async def first_account(call: Call) -> None:
    call.require_own_host()


def client(**settings: object) -> AppClient:
    routes = (get("/hello", hello, Auth.PUBLIC), post("/first", first_account, Auth.PUBLIC, audit="create_account"))
    return AppClient(routes, **settings)  # type: ignore[arg-type]


async def sent(at: AppClient, origin: str, host: str, method: str = "GET", **more: str) -> Answer:
    headers = {"Origin": origin, "Host": host} | {name.replace("_", "-"): value for name, value in more.items()}
    return await ask(at.app, method, "/hello", headers=headers)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://192.168.1.5", "192.168.1.5:5309"),
        ("http://192.168.1.5:8080", "192.168.1.5:5309"),
        ("https://[fd00::1]", "[fd00::1]:5309"),
        ("http://localhost:5173", "localhost:5309"),
        ("http://TOWN", "town:5309"),
        ("http://town.local", "Town.Local:5309"),
        ("https://cloud.example", "192.168.1.5:5309"),
        ("https://cloud.example", "cloud.example"),
    ],
)
async def test_an_own_page_may_read_the_answer(origin: str, host: str) -> None:
    answer = await sent(client(allowed_hosts={"cloud.example"}), origin, host)
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://evil.example", "192.168.1.5:5309"),
        ("http://192.168.1.6", "192.168.1.5:5309"),
        ("http://192.168.1.5.evil.example", "192.168.1.5:5309"),
        ("http://localhost", "192.168.1.5:5309"),
        ("http://town.evil.example", "town:5309"),
        ("http://evil.example@town", "town:5309"),
        ("http://town/path", "town:5309"),
        ("null", "town:5309"),
        ("null", "null"),
        ("file://town", "town:5309"),
        ("http://[", "["),
        ("", ""),
        ("http://", ""),
        ("http://a.cloud.example", "a.cloud.example"),
    ],
)
async def test_a_strangers_page_may_not(origin: str, host: str) -> None:
    answer = await sent(client(allowed_hosts={"cloud.example"}), origin, host)
    assert answer.status == 200
    assert "access-control-allow-origin" not in answer.headers


async def test_hole_dns_rebinding_a_page_on_a_strangers_name_for_our_address_may_not_read() -> None:
    """An Origin that equals the Host is not enough: a stranger's name can resolve to us."""
    answer = await sent(client(), "http://evil.example:5309", "evil.example:5309")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:5309"},
        {"Host": "evil.example:5309", "Origin": "http://evil.example:5309"},
        {"Host": "192.168.1.5:5309", "Origin": "http://evil.example"},
        {"Host": "192.168.1.5:5309", "Origin": "null"},
        {"Host": ""},
    ],
)
async def test_hole_dns_rebinding_no_strangers_page_creates_the_first_account(headers: dict[str, str]) -> None:
    at = client()
    answer = await at.post("/first", {}, headers)
    assert (answer.status, answer.json["title"]) == (421, "Misdirected Request")
    assert [(entry.path, entry.success) for entry in at.audit] == [("/first", False)]


@pytest.mark.parametrize(
    "host", ["192.168.1.5:5309", "[::1]:5309", "localhost", "town", "town.local:80", "cloud.example"]
)
async def test_the_first_account_is_created_under_our_own_names(host: str) -> None:
    at = client(allowed_hosts={"cloud.example"})
    assert (await at.post("/first", {}, {"Host": host})).status == 200
    assert (await at.post("/first", {}, {"Host": host, "Origin": f"http://{host}"})).status == 200


async def test_a_new_setting_counts_at_once() -> None:
    at = client()
    assert "access-control-allow-origin" not in (await sent(at, "https://new.example", "town")).headers
    at.allowed_hosts.add("NEW.example")
    assert "access-control-allow-origin" in (await sent(at, "https://new.example", "town")).headers


async def test_debug_allows_any_origin() -> None:
    answer = await sent(client(any_origin=True), "http://evil.example", "town")
    assert answer.headers["access-control-allow-origin"] == "http://evil.example"


async def test_a_preflight_of_an_own_page_is_204_with_all_it_asks_for() -> None:
    answer = await sent(client(), "http://town", "town:5309", "OPTIONS", Access_Control_Request_Private_Network="true")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "http://town"
    assert answer.headers["access-control-allow-methods"] == "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS"
    assert {"content-type", "authorization", "accept", "last-event-id"} == set(
        answer.headers["access-control-allow-headers"].lower().split(",")
    )
    assert answer.headers["access-control-max-age"] == "3600"
    assert answer.headers["access-control-allow-private-network"] == "true"


async def test_the_private_network_header_is_only_for_allowed_origins() -> None:
    answer = await sent(
        client(), "http://evil.example", "town:5309", "OPTIONS", Access_Control_Request_Private_Network="true"
    )
    assert answer.status == 204
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_request_without_an_origin_gets_no_cors_headers() -> None:
    answer = await client().get("/hello")
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_problems_have_cors_headers() -> None:
    answer = await ask(client().app, "GET", "/none", headers={"Origin": "http://town", "Host": "town:5309"})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (404, "http://town")


@pytest.mark.parametrize(
    ("header", "name"),
    [("Town:5309", "town"), ("[::1]:80", "::1"), ("[::1]", "::1"), ("[", ""), ("", ""), ("a@b", "b"), ("a:b", "a")],
)
def test_the_name_in_a_host_header(header: str, name: str) -> None:
    assert host_name(header) == name


def test_an_address_is_an_own_host_and_a_name_like_one_is_not() -> None:
    origins = Origins("town", list)
    assert origins.is_own("10.0.0.1")
    assert not origins.is_own("10.0.0.1.example")
    assert not origins.is_own("0x7f.1")

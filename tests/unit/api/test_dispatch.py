"""From a request to its answer: methods, levels of access, order of checks, bodies and problems."""

import logging
from typing import Any

import msgspec
import pytest

from tests.support.http import ADMIN, USER, Answer, AppClient, ask
from townos.api.call import Call
from townos.api.routing import Auth, Routes, get, post
from townos.api.wire.requests import ListQuery, Name, Request
from townos.errors import (
    Conflict,
    FieldError,
    Foreign,
    Internal,
    Invalid,
    NoSpace,
    NotFound,
    Throttled,
    TownError,
    Unavailable,
)
from townos.names import RepositoryName


class Named(Request):
    name: Name = ""


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    error: str = ""


async def hello(call: Call) -> Shown:
    return Shown(call.account.username if call.account else "stranger")


async def echo(_: Call, body: Named) -> Shown:
    return Shown(RepositoryName(body.name))


async def nothing(_: Call) -> None:
    """Do nothing."""


def routes() -> Routes:
    return (
        get("/open", hello, Auth.PUBLIC),
        get("/members", hello, Auth.SESSION),
        get("/admins", hello, Auth.ADMIN),
        post("/echo", echo, Auth.SESSION, audit=None),
        post("/nothing", nothing, Auth.PUBLIC, audit=None),
    )


def failing(error: Exception) -> AppClient:
    async def fail(_: Call) -> None:
        raise error

    return AppClient((get("/fail", fail, Auth.PUBLIC),))


@pytest.fixture
def client() -> AppClient:
    return AppClient(routes())


def problem(answer: Answer) -> tuple[int, dict[str, Any]]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body.endswith(b"}\n")
    return answer.status, answer.json


async def test_an_answer_is_json_with_a_final_newline(client: AppClient) -> None:
    answer = await client.get("/open")
    assert (answer.status, answer.body) == (200, b'{"name":"stranger"}\n')
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == "20"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_an_empty_answer_is_200_with_an_empty_body(client: AppClient) -> None:
    answer = await client.post("/nothing", b"whatever is sent")
    assert (answer.status, answer.body, answer.headers.get("content-type")) == (200, b"", None)
    assert answer.headers["content-length"] == "0"


@pytest.mark.parametrize(
    ("path", "headers", "status", "detail"),
    [
        ("/members", {}, 401, "missing authorization token"),
        ("/members", {"Authorization": "Bearer"}, 401, "missing authorization token"),
        ("/members", {"Authorization": "Bearer "}, 401, "missing authorization token"),
        ("/members", {"Authorization": "bearer user-token"}, 401, "missing authorization token"),
        ("/members", {"Authorization": "Basic dXNlcg=="}, 401, "missing authorization token"),
        ("/members?token=user-token", {}, 401, "missing authorization token"),
        ("/members", {"Cookie": "token=user-token"}, 401, "missing authorization token"),
        ("/members", {"Authorization": "Bearer forged"}, 401, "invalid session"),
        ("/admins", {}, 401, "missing authorization token"),
        ("/admins", USER, 403, "admin access required"),
    ],
)
async def test_a_forbidden_caller_is_told_why(
    client: AppClient, path: str, headers: dict[str, str], status: int, detail: str
) -> None:
    answer = await client.get(path, headers)
    title = {401: "Unauthorized", 403: "Forbidden"}[status]
    code = {"missing authorization token": "missing_token", "invalid session": "invalid_session"}.get(detail)
    assert problem(answer) == (
        status,
        {
            "type": f"about:blank#{status}",
            "title": title,
            "status": status,
            "detail": detail,
            "code": f"auth.{code or 'admin_required'}",
            "params": [],
        },
    )
    assert (answer.headers.get("www-authenticate") == "Bearer") == (status == 401)


async def test_a_handler_knows_its_caller(client: AppClient) -> None:
    assert (await client.get("/members", USER)).json == {"name": "bob"}
    assert (await client.get("/admins", ADMIN)).json == {"name": "ada"}
    assert (await client.get("/open", USER)).json == {"name": "bob"}


async def test_an_invalid_token_is_a_stranger_where_strangers_may(client: AppClient) -> None:
    assert (await client.get("/open", {"Authorization": "Bearer forged"})).json == {"name": "stranger"}


async def test_a_caller_is_authenticated_before_the_request_is_read(client: AppClient) -> None:
    assert (await client.post("/echo", b"not json")).status == 401
    assert (await client.post("/echo", b"not json", USER)).status == 400


async def test_a_guard_decides_before_the_body_is_read() -> None:
    async def guard(call: Call) -> None:
        call.require_admin()

    client = AppClient((post("/guarded", echo, Auth.PUBLIC, audit=None, guard=guard),))
    assert (await client.post("/guarded", b"not json", USER)).status == 403
    assert (await client.post("/guarded", {"name": "x"}, ADMIN)).json == {"name": "x"}


async def test_checked_names_are_sent_as_texts(client: AppClient) -> None:
    assert (await client.post("/echo", {"name": "core"}, USER)).body == b'{"name":"core"}\n'


async def test_numbers_of_a_query_are_sent_as_numbers() -> None:
    async def limit(_: Call, query: ListQuery) -> dict[str, int]:
        return {"limit": query.limit}

    assert (await AppClient((get("/limit", limit, Auth.PUBLIC),)).get("/limit?limit=7")).body == b'{"limit":7}\n'


async def test_wrong_input_is_422_and_names_every_field(client: AppClient) -> None:
    status, body = problem(await client.post("/echo", {"name": None}, USER))
    assert status == 422
    assert body["detail"] == "invalid input: name"
    assert body["validation_errors"] == [
        {
            "name": "name",
            "error": "expected text, got null",
            "code": "http.field_expected",
            "params": [
                {"term": {"code": "http.kind.str", "params": []}},
                {"term": {"code": "http.kind.null", "params": []}},
            ],
        }
    ]


async def test_a_body_that_is_not_json_is_400_and_names_the_body(client: AppClient) -> None:
    status, body = problem(await client.post("/echo", b"{", USER))
    assert status == 400
    assert "body" in body["detail"]
    assert [error["name"] for error in body["validation_errors"]] == ["body"]


async def test_an_unknown_path_is_a_404_problem(client: AppClient) -> None:
    for path in ("/nowhere", "/open/", "/OPEN", "/../open", "/open/x"):
        assert problem(await client.get(path))[1]["detail"] == "Not Found"


async def test_a_wrong_method_is_a_405_that_tells_the_allowed_ones(client: AppClient) -> None:
    answer = await client.post("/open")
    assert problem(answer)[0] == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        assert (await ask(client.app, method, "/echo")).headers["allow"] == "OPTIONS, POST"


async def test_head_is_a_get(client: AppClient) -> None:
    answer = await ask(client.app, "HEAD", "/open")
    assert (answer.status, answer.headers["content-length"]) == (200, "20")
    assert (await ask(client.app, "HEAD", "/echo")).status == 405


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("http.not_found"), 404),
        (Conflict("http.not_found"), 409),
        (Invalid("http.not_found"), 422),
        (Foreign("http.not_found"), 502),
        (Unavailable("http.not_found"), 503),
        (NoSpace("http.not_found"), 507),
    ],
)
async def test_an_expected_error_has_its_own_status(error: TownError, status: int) -> None:
    assert problem(await failing(error).get("/fail"))[0] == status


@pytest.mark.parametrize("error", [Throttled("x", retry_after=60), Unavailable("x", retry_after=60)])
async def test_a_passing_error_says_when_to_try_again(error: TownError) -> None:
    assert (await failing(error).get("/fail")).headers["retry-after"] == "60"


async def test_a_field_that_the_text_does_not_name_is_added() -> None:
    error = Invalid("2 response validation error(s)", fields=[FieldError("port", "taken"), FieldError("host", "bad")])
    status, body = problem(await failing(error).get("/fail"))
    assert (status, body["detail"]) == (422, "2 response validation error(s): port, host")
    assert body["validation_errors"] == [
        {"name": "port", "error": "taken", "code": "taken", "params": []},
        {"name": "host", "error": "bad", "code": "bad", "params": []},
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("git said password=hunter2", "git said password[REDACTED]"),
        ('bad "Token": "abc"', 'bad "Token[REDACTED]'),
        ("missing authorization token", "missing authorization token"),
        ("cannot clone https://me:hunter2@git.example/x", "cannot clone https://[REDACTED]@git.example/x"),
    ],
)
async def test_details_hold_no_secrets(text: str, shown: str) -> None:
    assert (await failing(NotFound(text)).get("/fail")).detail == shown


async def test_our_own_fault_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        status, body = problem(await failing(ZeroDivisionError("secret inner life")).get("/fail"))
    assert status == 500
    assert "secret" not in body["detail"]
    assert caplog.records[0].exc_info is not None


async def test_our_own_fault_that_is_known_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert (await failing(Internal("http.internal")).get("/fail")).status == 500
    assert caplog.records


async def test_a_sole_error_in_a_group_counts_as_itself() -> None:
    group = ExceptionGroup("nursery", [ExceptionGroup("inner", [Conflict("http.not_found")])])
    assert (await failing(group).get("/fail")).status == 409


async def test_several_errors_in_a_group_are_our_own_fault() -> None:
    assert (await failing(ExceptionGroup("n", [Conflict("a"), OSError("b")])).get("/fail")).status == 500


async def test_the_source_is_the_address_of_the_connection_whatever_headers_claim() -> None:
    async def source(call: Call) -> Shown:
        return Shown(call.source)

    client = AppClient((get("/source", source, Auth.PUBLIC),))
    answer = await client.get("/source", {"X-Forwarded-For": "10.0.0.1", "Remote-Addr": "10.0.0.1"})
    assert answer.json == {"name": "192.0.2.7"}


def test_a_route_that_is_declared_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="GET /open is declared twice"):
        AppClient((*routes(), get("/open", hello, Auth.PUBLIC)))


def test_a_handler_without_types_is_refused() -> None:
    async def untyped(call):  # type: ignore[no-untyped-def]
        return call

    async def odd(_: Call, body: dict[str, str]) -> None: ...

    with pytest.raises(TypeError, match="must be annotated"):
        AppClient((get("/untyped", untyped, Auth.PUBLIC),))
    with pytest.raises(TypeError, match="must be a Request"):
        AppClient((post("/odd", odd, Auth.PUBLIC, audit=None),))

"""What is audited, when, and what never gets into the log."""

import logging

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.http import ADMIN, USER, AppClient, ask
from townos.api.auditing import detail
from townos.api.call import Call
from townos.api.routing import Auth, get, post
from townos.api.wire.requests import Name, Password, Request, Text
from townos.audit.log import AuditEntry
from townos.errors import Conflict
from townos.limits import AUDIT_DETAIL_MAX_CHARS, JSON_DEPTH_MAX

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


class Credentials(Request):
    username: Name = ""
    password: Password = ""


class Install(Request):
    name: Name = ""
    responses: dict[Name, Text] = msgspec.field(default_factory=dict)


async def done(_: Call, body: Credentials) -> None: ...


async def clash(_: Call) -> None:
    raise Conflict("token: abc")


async def install(call: Call, body: Install) -> None:
    call.disclose({"port"})


async def reading(_: Call) -> dict[str, str]:
    return {}


@pytest.fixture
def client() -> AppClient:
    return AppClient(
        (
            get("/list", reading, Auth.SESSION),
            post("/query", reading, Auth.SESSION, audit=None),
            post("/account/authenticate", done, Auth.PUBLIC, audit="authenticate"),
            post("/create", done, Auth.ADMIN, audit="create_account"),
            post("/silent", done, Auth.ADMIN, audit=""),
            post("/clash", clash, Auth.ADMIN, audit="add_repository"),
            post("/install", install, Auth.ADMIN, audit="install_package"),
        )
    )


@pytest.mark.conformance("AUD-01")
async def test_a_success_is_recorded_with_account_action_and_input(client: AppClient) -> None:
    await client.post("/create", {"username": "eve", "extra": [1]}, ADMIN)
    assert client.audit == [
        AuditEntry("ada", "create account", "/create", '{"extra":[1],"username":"eve"}', success=True, error="")
    ]


@pytest.mark.conformance("AUD-01", "AUD-02")
async def test_a_failure_is_recorded_with_its_error_and_without_secrets(client: AppClient) -> None:
    await client.post("/clash", {}, ADMIN)
    assert [(entry.success, entry.error) for entry in client.audit] == [(False, "token[REDACTED]")]


async def test_refused_input_is_recorded(client: AppClient) -> None:
    await client.post("/create", {"username": 7}, ADMIN)
    await client.post("/create", b"{", ADMIN)
    assert [(entry.success, entry.detail) for entry in client.audit] == [(False, '{"username":7}'), (False, "")]


async def test_the_action_is_in_the_default_locale_and_may_be_empty(client: AppClient) -> None:
    client.locale = "xx-XX"
    await client.post("/create", {}, ADMIN)
    await client.post("/silent", {}, ADMIN)
    assert [entry.action for entry in client.audit] == ["create account", ""]


@pytest.mark.conformance("AUD-02")
async def test_a_sign_in_names_no_account_and_no_password(client: AppClient) -> None:
    await client.post("/account/authenticate", {"username": "ada", "password": "12345678"}, ADMIN)
    assert [(entry.account, entry.detail) for entry in client.audit] == [("", '{"username":"ada"}')]


@pytest.mark.conformance("AUD-04")
async def test_reading_is_never_recorded_not_even_when_it_is_refused(client: AppClient) -> None:
    for headers in (USER, {}):
        await client.get("/list", headers)
        await client.post("/query", {}, headers)
        await client.post("/list", {}, headers)
        await ask(client.app, "OPTIONS", "/create", headers=headers)
    assert client.audit == []


async def test_rejected_requests_are_recorded_without_an_account(client: AppClient) -> None:
    await client.post("/create", {"username": "eve"})
    await client.post("/create", {"username": "eve"}, USER)
    await client.post("/nowhere", {}, USER)
    await client.get("/create")
    assert [(entry.account, entry.action, entry.path, entry.success, entry.error) for entry in client.audit] == [
        ("", "create account", "/create", False, "missing authorization token"),
        ("bob", "create account", "/create", False, "admin access required"),
        ("", "", "/nowhere", False, "Not Found"),
        ("", "", "/create", False, "Method Not Allowed"),
    ]


async def test_a_log_that_cannot_be_written_fails_no_request(
    client: AppClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.audit_fails = True
    with caplog.at_level(logging.ERROR):
        assert (await client.post("/create", {}, ADMIN)).status == 200
    assert "could not be written" in caplog.text


async def test_only_answers_known_as_no_secrets_are_recorded(client: AppClient) -> None:
    await client.post("/install", {"name": "db", "responses": {"port": "8080", "rootpw": "hunter2"}}, ADMIN)
    await client.post("/install", {"responses": {"port": "8080"}}, USER)
    assert [entry.detail for entry in client.audit] == [
        '{"name":"db","responses":{"port":"8080","rootpw":"[REDACTED]"}}',
        "",
    ]


@pytest.mark.conformance("AUD-01")
@pytest.mark.parametrize("depth", [JSON_DEPTH_MAX - 1, JSON_DEPTH_MAX, 500, 100_000])
async def test_no_body_is_too_deep_to_be_recorded(client: AppClient, depth: int) -> None:
    answer = await client.post("/create", b'{"x":' + b"[" * depth + b"]" * depth + b"}", ADMIN)
    fits = depth < JSON_DEPTH_MAX
    assert answer.status == (200 if fits else 400)
    assert [(entry.success, entry.detail != "") for entry in client.audit] == [(fits, fits)]


@given(st.binary(max_size=60) | st.builds(msgspec.json.encode, st.dictionaries(st.text(max_size=5), json_values)))
def test_every_body_has_a_detail(body: bytes) -> None:
    assert isinstance(detail(body), str)


# A pattern or a walk that takes more than linear time needs minutes for these: the limit tells that apart.
@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["://" + ":" * 1_000_000, "eyJa-" * 200_000, "://" * 300_000, '","b":"' * 140_000])
async def test_a_sign_in_of_a_stranger_holds_nobody_up(client: AppClient, text: str) -> None:
    await client.post("/account/authenticate", f'{{"x":"{text}"}}'.encode())
    await client.post("/account/authenticate", f'{{"x":["{text}"]}}'.encode())
    assert len(client.audit) == 2


def test_a_detail_goes_no_further_than_the_log_shows() -> None:
    shown = detail(msgspec.json.encode({"a": list(range(100_000)), "b": {str(number): 1 for number in range(100_000)}}))
    assert shown.startswith('{"a":[0,1,2,3,')
    assert AUDIT_DETAIL_MAX_CHARS < len(shown) < 10 * AUDIT_DETAIL_MAX_CHARS


@pytest.mark.conformance("AUD-02")
@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"b":1,"a":{"password":"x","c":2}}', '{"a":{"c":2},"b":1}'),
        (b'{"list":[{"password":"x"},[{"password":"y","n":1}]]}', '{"list":[{},[{"n":1}]]}'),
        (b'{"api_token":"x","Password2":"y","private_key":"z"}',
         '{"Password2":"[REDACTED]","api_token":"[REDACTED]","private_key":"[REDACTED]"}'),
        (b'{"key":"smtp_password","value":"x"}', '{"key":"smtp_password","value":"[REDACTED]"}'),
        (b'{"key":"default_quota","value":"5GB"}', '{"key":"default_quota","value":"5GB"}'),
        (b'{"url":"https://me:x@git.example/r"}', '{"url":"https://[REDACTED]@git.example/r"}'),
        (b'{"responses":{"a":"x"},"other":{"responses":{"b":"y"}}}',
         '{"other":{"responses":{"b":"[REDACTED]"}},"responses":{"a":"[REDACTED]"}}'),
        (b'{"Password":"x","PASSWORD":"y","n":1}', '{"n":1}'),
        (b'{"Responses":{"a":"x"}}', '{"Responses":{"a":"[REDACTED]"}}'),
        (b'{"Key":"smtp_password","VALUE":"x"}', '{"Key":"smtp_password","VALUE":"[REDACTED]"}'),
        (b'{"a":1} {"b":2}', '{"a":1}'),
        (b'{"a":99999999999999999999999}', '{"a":99999999999999999999999}'),
        (b'{"responses":"text"}', '{"responses":"text"}'),
        (b"[]", ""), (b'"x"', ""), (b"", ""), (b"{", ""), (b'{"a":"\xff"}', ""), (b"[" * 100_000, ""),
    ],
)  # fmt: skip
def test_the_detail_is_the_body_without_secrets(body: bytes, shown: str) -> None:
    assert detail(body) == shown

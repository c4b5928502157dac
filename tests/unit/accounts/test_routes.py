"""Accounts and sessions over HTTP, as docs/api.md describes them."""

from typing import Any

import pytest

from townos.testing.appliance import PASSWORD, TestAppliance

ADA: dict[str, Any] = {
    "username": "ada",
    "password": "12345678",
    "email": "ada@example.org",
    "phone": "555-0001",
    "real_name": "Ada L.",
    "admin": True,
}
CREATED = {key: value for key, value in ADA.items() if key != "password"} | {
    "disabled": False,
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
}


async def signed_in(appliance: TestAppliance, username: str = "ada", *, admin: bool = True) -> str:
    await appliance.add(username, admin=admin)
    return await appliance.token(username)


@pytest.mark.conformance("ACC-05", "SES-05", "SES-07")
async def test_the_first_administrator_creates_itself_and_signs_in(appliance: TestAppliance) -> None:
    created = await appliance.post("/account/create", ADA)
    assert (created.status, created.json) == (200, CREATED)
    answer = await appliance.post("/account/authenticate", {"username": "ada", "password": "12345678"})
    assert answer.status == 200
    assert answer.json["account"] == CREATED
    me = await appliance.get("/account/me", answer.json["token"])
    assert (me.status, me.json) == (200, {"username": "ada"})


async def test_the_first_account_is_administrator_only_if_asked_for(appliance: TestAppliance) -> None:
    created = await appliance.post("/account/create", {**ADA, "admin": False})
    assert created.json["admin"] is False
    assert (await appliance.post("/account/create", {**ADA, "username": "bob"})).json["admin"] is True


@pytest.mark.conformance("ACC-05")
async def test_creating_needs_an_administrator_once_there_is_one(appliance: TestAppliance) -> None:
    admin = await signed_in(appliance)
    user = await signed_in(appliance, "bob", admin=False)
    new = {**ADA, "username": "eve"}
    assert (await appliance.post("/account/create", new)).detail == "missing authorization token"
    assert (await appliance.post("/account/create", new, "nonsense")).detail == "invalid session"
    refused = await appliance.post("/account/create", new, user)
    assert (refused.status, refused.detail) == (403, "admin access required")
    assert (await appliance.post("/account/create", new, admin)).status == 200


@pytest.mark.parametrize("body", [{"password": "x"}, b"not json", b""])
async def test_a_caller_is_authenticated_before_the_request_is_read(appliance: TestAppliance, body: object) -> None:
    await appliance.add("ada", admin=True)
    assert (await appliance.post("/account/create", body)).status == 401


@pytest.mark.conformance("ACC-05")
async def test_creation_is_public_again_when_no_administrator_is_enabled(appliance: TestAppliance) -> None:
    await appliance.add("ada", admin=False)
    assert (await appliance.post("/account/create", {**ADA, "username": "bob"})).status == 200


@pytest.mark.conformance("HOLE-05")
async def test_the_first_account_is_not_created_under_a_strangers_host_name(appliance: TestAppliance) -> None:
    refused = await appliance.post("/account/create", ADA, host="evil.example.com")
    assert refused.status == 421
    assert (await appliance.accounts.counts()).accounts == 0
    await appliance.settings.set("allowed_hosts", "home.example.com")
    assert (await appliance.post("/account/create", ADA, host="home.example.com:5309")).status == 200


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"password": "1234567"}, "password must be at least 8 characters"),
        ({"email": "nobody"}, "invalid email address"),
        ({"email": "a b@example.org"}, "invalid email address"),
        ({"phone": "call me"}, "invalid phone number"),
        ({"email": ""}, "email, phone, and real name are required"),
        ({"phone": " "}, "email, phone, and real name are required"),
        ({"real_name": ""}, "email, phone, and real name are required"),
        ({"username": ""}, "username is required"),
        ({"password": "1", "email": ""}, "password must be at least 8 characters"),
    ],
)
@pytest.mark.conformance("ACC-02", "ACC-03", "ACC-04")
async def test_bad_input_is_told_and_creates_nothing(
    appliance: TestAppliance, change: dict[str, str], detail: str
) -> None:
    answer = await appliance.post("/account/create", ADA | change)
    assert answer.status == 422
    assert answer.detail.startswith(detail)
    assert {error["name"] for error in answer.json["validation_errors"]} == set(change)
    assert (await appliance.accounts.counts()).accounts == 0


@pytest.mark.conformance("ACC-06")
async def test_a_taken_name_gets_the_generic_text(appliance: TestAppliance) -> None:
    token = await signed_in(appliance)
    answer = await appliance.post("/account/create", ADA, token)
    assert (answer.status, answer.detail) == (409, "account creation failed")


@pytest.mark.parametrize("name", ["ada", "nobody", "disabled"])
@pytest.mark.conformance("SES-05")
async def test_every_failed_sign_in_reads_the_same(appliance: TestAppliance, name: str) -> None:
    await appliance.add("ada", admin=True)
    await appliance.add("disabled")
    await appliance.accounts.disable("disabled")
    password = PASSWORD if name == "disabled" else "wrong password"
    answer = await appliance.post("/account/authenticate", {"username": name, "password": password})
    assert (answer.status, answer.detail) == (401, "invalid credentials")


async def test_the_eleventh_failure_within_a_minute_is_answered_429(appliance: TestAppliance) -> None:
    await appliance.add("ada", admin=True)
    wrong = {"username": "ada", "password": "wrong password"}
    assert [(await appliance.post("/account/authenticate", wrong)).status for _ in range(10)] == [401] * 10
    answer = await appliance.post("/account/authenticate", {"username": "ada", "password": PASSWORD})
    assert (answer.status, answer.headers["retry-after"]) == (429, "60")
    appliance.host.clock.advance(60)
    answer = await appliance.post("/account/authenticate", {"username": "ada", "password": PASSWORD})
    assert answer.status == 200


@pytest.mark.conformance("ACC-01", "ACC-07")
async def test_an_account_is_returned_without_its_password(appliance: TestAppliance) -> None:
    token = await signed_in(appliance)
    answer = await appliance.post("/account", {"username": "ada"}, token)
    assert list(answer.json) == [
        "username",
        "email",
        "phone",
        "real_name",
        "admin",
        "disabled",
        "created_at",
        "updated_at",
    ]
    unknown = await appliance.post("/account", {"username": "nobody"}, token)
    assert (unknown.status, unknown.detail) == (404, "account not found")
    assert (await appliance.post("/account", {"username": "ada"})).status == 401


@pytest.mark.conformance("ACC-07")
async def test_accounts_are_listed_by_name_in_pages_and_searched(appliance: TestAppliance) -> None:
    token = await signed_in(appliance, "carol")
    for name in ("bob", "ada"):
        await appliance.add(name)
    listing = (await appliance.get("/account", token)).json
    assert [entry["username"] for entry in listing["entries"]] == ["ada", "bob", "carol"]
    part = (await appliance.get("/account?limit=1&offset=1", token)).json
    assert [entry["username"] for entry in part["entries"]] == ["bob"]
    assert (part["has_more"], part["total_pages"], part["total_count"]) == (True, 3, 3)
    found = (await appliance.get("/account?search=BOB%40", token)).json
    assert [entry["username"] for entry in found["entries"]] == ["bob"]


@pytest.mark.conformance("ACC-08")
async def test_an_account_may_update_only_itself(appliance: TestAppliance) -> None:
    admin = await signed_in(appliance)
    user = await signed_in(appliance, "bob", admin=False)
    own = await appliance.post("/account/update", {"username": "bob", "fields": {"phone": "+49 (30) 1"}}, user)
    assert (own.status, own.json["phone"], own.json["email"]) == (200, "+49 (30) 1", "bob@example.org")
    refused = await appliance.post("/account/update", {"username": "ada", "fields": {"phone": "1"}}, user)
    assert (refused.status, refused.detail) == (403, "admin access required")
    by_admin = await appliance.post("/account/update", {"username": "bob", "fields": {"real_name": "Robert"}}, admin)
    assert by_admin.json["real_name"] == "Robert"


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.conformance("ACC-08")
async def test_the_admin_flag_cannot_be_changed(appliance: TestAppliance, value: bool) -> None:
    token = await signed_in(appliance)
    fields = {"admin": value, "phone": "1"}
    answer = await appliance.post("/account/update", {"username": "ada", "fields": fields}, token)
    assert answer.status == 403
    assert answer.detail.startswith("admin status cannot be changed after account creation")
    assert (await appliance.accounts.get("ada")).phone == "555-0001"


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"password": "short"}, "password must be at least 8 characters"),
        ({"email": "nobody"}, "invalid email address"),
        ({"phone": "-"}, "invalid phone number"),
        ({"real_name": ""}, "email, phone, and real name are required"),
    ],
)
async def test_only_supplied_fields_of_an_update_are_checked(
    appliance: TestAppliance, fields: dict[str, str], detail: str
) -> None:
    token = await signed_in(appliance)
    answer = await appliance.post("/account/update", {"username": "ada", "fields": fields}, token)
    assert answer.status == 422
    assert answer.detail.startswith(detail)
    assert [error["name"] for error in answer.json["validation_errors"]] == [f"fields.{name}" for name in fields]


async def test_updating_an_unknown_account_is_404(appliance: TestAppliance) -> None:
    token = await signed_in(appliance)
    answer = await appliance.post("/account/update", {"username": "nobody", "fields": {"phone": "1"}}, token)
    assert (answer.status, answer.detail) == (404, "account not found")


@pytest.mark.conformance("ACC-09")
async def test_a_disabled_account_is_out_at_once_and_comes_back_only_by_signing_in(appliance: TestAppliance) -> None:
    admin = await signed_in(appliance)
    user = await signed_in(appliance, "bob", admin=False)
    disabled = await appliance.post("/account/disable", {"username": "bob"}, admin)
    assert (disabled.status, disabled.body) == (200, b"")
    refused = await appliance.get("/account/me", user)
    assert (refused.status, refused.detail) == (401, "invalid session")
    assert (await appliance.post("/account/enable", {"username": "bob"}, admin)).body == b""
    assert (await appliance.get("/account/me", user)).status == 401
    assert (await appliance.get("/account/me", await appliance.token("bob"))).status == 200


async def test_the_last_enabled_administrator_cannot_be_disabled(appliance: TestAppliance) -> None:
    token = await signed_in(appliance)
    answer = await appliance.post("/account/disable", {"username": "ada"}, token)
    assert (answer.status, answer.detail) == (409, "the last enabled administrator cannot be disabled")
    await appliance.add("bob", admin=True)
    assert (await appliance.post("/account/disable", {"username": "ada"}, token)).status == 200


@pytest.mark.parametrize("path", ["/account/disable", "/account/enable"])
@pytest.mark.conformance("ACC-09")
async def test_disabling_and_enabling_need_an_administrator_and_an_account(appliance: TestAppliance, path: str) -> None:
    admin = await signed_in(appliance)
    user = await signed_in(appliance, "bob", admin=False)
    assert (await appliance.post(path, {"username": "bob"})).status == 401
    assert (await appliance.post(path, {"username": "bob"}, user)).detail == "admin access required"
    unknown = await appliance.post(path, {"username": "nobody"}, admin)
    assert (unknown.status, unknown.detail) == (404, "account not found")


@pytest.mark.conformance("SES-06")
async def test_own_sessions_are_listed_with_the_last_used_first(appliance: TestAppliance) -> None:
    first = await signed_in(appliance)
    appliance.host.clock.advance(1)
    second = await appliance.token("ada")
    await appliance.add("bob")
    await appliance.token("bob")
    listing = (await appliance.get("/account/sessions", second)).json
    ids = [claims.session_id for token in (second, first) if (claims := appliance.signer.read(token))]
    assert [entry["id"] for entry in listing] == ids
    assert listing[0] == {
        "id": ids[0],
        "username": "ada",
        "created_at": "2026-01-01T00:00:01Z",
        "last_used": "2026-01-01T00:00:01Z",
    }


@pytest.mark.conformance("SES-08")
async def test_a_session_is_revoked_by_its_owner_or_an_administrator(appliance: TestAppliance) -> None:
    admin = await signed_in(appliance)
    user = await signed_in(appliance, "bob", admin=False)
    other = await appliance.token("bob")
    ids = {token: claims.session_id for token in (admin, user, other) if (claims := appliance.signer.read(token))}
    refused = await appliance.post("/account/session/revoke", {"session_id": ids[admin]}, user)
    assert (refused.status, refused.detail) == (403, "admin access required")
    revoked = await appliance.post("/account/session/revoke", {"session_id": ids[other]}, user)
    assert (revoked.status, revoked.body) == (200, b"")
    assert (await appliance.get("/account/me", other)).detail == "invalid session"
    assert (await appliance.post("/account/session/revoke", {"session_id": ids[user]}, admin)).status == 200
    assert (await appliance.get("/account/me", user)).status == 401
    unknown = await appliance.post("/account/session/revoke", {"session_id": "no such"}, admin)
    assert (unknown.status, unknown.detail) == (404, "session not found")
    assert (await appliance.post("/account/session/revoke", {"session_id": ids[admin]})).status == 401


async def test_a_bearer_without_a_token_is_a_missing_token(appliance: TestAppliance) -> None:
    assert (await appliance.get("/account/sessions", "")).detail == "missing authorization token"

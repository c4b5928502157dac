"""The audit log over HTTP: what requests leave in it, and who may read it."""

import pytest

from tests.support.administrators import admin
from townos.testing.appliance import PASSWORD, TestAppliance


@pytest.mark.conformance("AUD-05")
async def test_the_log_is_for_administrators(appliance: TestAppliance) -> None:
    await appliance.add("bob")
    assert (await appliance.post("/audit/log", {})).detail == "missing authorization token"
    assert (await appliance.post("/audit/log", {}, await appliance.token("bob"))).detail == "admin access required"


async def test_an_empty_log_is_an_empty_page(appliance: TestAppliance) -> None:
    answer = await appliance.post("/audit/log", {}, await admin(appliance))
    assert answer.json == {"entries": [], "has_more": False, "total_pages": 1, "total_count": 0}


async def test_the_envelope_counts_pages_of_the_limit_that_was_used(appliance: TestAppliance) -> None:
    token = await admin(appliance)
    for _ in range(3):
        await appliance.post("/account/enable", {"username": "ada"}, token)
    page = (await appliance.post("/audit/log", {"limit": 2}, token)).json
    assert [entry["id"] for entry in page["entries"]] == [3, 2]
    assert (page["has_more"], page["total_pages"], page["total_count"]) == (True, 2, 3)
    page = (await appliance.post("/audit/log", {"limit": 2, "before_id": 2}, token)).json
    assert [entry["id"] for entry in page["entries"]] == [1]
    assert (page["has_more"], page["total_count"]) == (False, 3)


@pytest.mark.conformance("AUD-01", "AUD-02")
async def test_signing_in_is_recorded_without_account_and_password(appliance: TestAppliance) -> None:
    token = await admin(appliance)
    await appliance.post("/account/authenticate", {"username": "ada", "password": PASSWORD})
    await appliance.post("/account/authenticate", {"username": "ada", "password": "wrong password"}, token)
    entries = (await appliance.post("/audit/log", {"sort_order": "asc"}, token)).json["entries"]
    assert [(entry["account"], entry["action"], entry["detail"], entry["success"]) for entry in entries] == [
        ("", "authenticate", '{"username":"ada"}', True),
        ("", "authenticate", '{"username":"ada"}', False),
    ]
    assert entries[1]["error"] == "invalid credentials"


@pytest.mark.conformance("AUD-02")
async def test_no_password_is_ever_in_the_log(appliance: TestAppliance) -> None:
    token = await admin(appliance)
    new = {"username": "bob", "password": PASSWORD, "email": "b@c.d", "phone": "1", "real_name": "B"}
    await appliance.post("/account/create", new, token)
    await appliance.post("/account/update", {"username": "bob", "fields": {"password": PASSWORD}}, token)
    entries = (await appliance.post("/audit/log", {}, token)).json["entries"]
    assert [entry["action"] for entry in entries] == ["update account", "create account"]
    for entry in entries:
        assert '"password"' not in entry["detail"]
        assert PASSWORD not in entry["detail"]


@pytest.mark.parametrize("path", ["/account/create", "/account/disable", "/settings/set"])
async def test_a_rejected_request_is_recorded_without_an_account(appliance: TestAppliance, path: str) -> None:
    token = await admin(appliance)
    await appliance.post(path, {"username": "ada"})
    [entry] = (await appliance.post("/audit/log", {}, token)).json["entries"]
    assert (entry["account"], entry["path"], entry["success"]) == ("", path, False)
    assert entry["error"] == "missing authorization token"


@pytest.mark.conformance("AUD-04")
async def test_reading_is_not_recorded(appliance: TestAppliance) -> None:
    token = await admin(appliance)
    for path in ("/account", "/account/me", "/account/sessions", "/status/ping", "/settings", "/locales"):
        assert (await appliance.get(path, token)).status == 200
        await appliance.get(path)
    await appliance.post("/account", {"username": "nobody"}, token)
    assert (await appliance.post("/audit/log", {}, token)).json["total_count"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"limit": "ten"}, "limit"),
        ({"before_id": 2**63}, "before_id"),
        ({"search": None}, "search"),
        ({"account": "x\n"}, "account"),
    ],
)
async def test_a_wrong_parameter_is_named(appliance: TestAppliance, body: object, field: str) -> None:
    answer = await appliance.post("/audit/log", body, await admin(appliance))
    assert answer.status == 422
    assert [error["name"] for error in answer.json["validation_errors"]] == [field]

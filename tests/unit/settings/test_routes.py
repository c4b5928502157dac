"""Settings, languages and time zones over HTTP, as docs/api.md describes them."""

import pytest

from tests.support.administrators import admin
from townos.settings.timezones import TIMEZONES
from townos.testing.appliance import TestAppliance


@pytest.mark.conformance("SET-02")
async def test_all_settings_are_texts_by_key(appliance: TestAppliance) -> None:
    answer = await appliance.get("/settings", await admin(appliance))
    assert answer.status == 200
    assert answer.json["default_quota"] == "53687091200"


@pytest.mark.conformance("SET-02", "SET-03")
async def test_a_setting_is_set_and_read(appliance: TestAppliance) -> None:
    token = await admin(appliance)
    answer = await appliance.post("/settings/set", {"key": "default_quota", "value": "500GB"}, token)
    assert (answer.status, answer.body) == (200, b"")
    answer = await appliance.post("/settings/get", {"key": "default_quota"}, token)
    assert answer.json == {"key": "default_quota", "value": "536870912000"}


@pytest.mark.parametrize(
    ("path", "body", "status", "detail"),
    [
        ("/settings/get", {"key": "nothing"}, 404, 'setting "nothing" not found'),
        ("/settings/get", {}, 404, 'setting "" not found'),
        ("/settings/set", {"value": "x"}, 400, "key is required"),
        ("/settings/set", {"key": "default_quota", "value": "x"}, 400, 'invalid byte value for "default_quota": '),
        ("/settings/set", {"key": "locale", "value": "?"}, 422, 'invalid value for "locale": '),
        ("/settings/set", {"key": "locale", "value": 5}, 422, "invalid input: value"),
    ],
)
async def test_invalid_requests_are_refused(
    appliance: TestAppliance, path: str, body: object, status: int, detail: str
) -> None:
    answer = await appliance.post(path, body, await admin(appliance))
    assert answer.status == status
    assert answer.detail.startswith(detail)


@pytest.mark.conformance("SET-02")
async def test_settings_are_for_administrators(appliance: TestAppliance) -> None:
    await appliance.add("bob")
    token = await appliance.token("bob")
    assert (await appliance.get("/settings", token)).detail == "admin access required"
    assert (await appliance.post("/settings/get", {"key": "locale"}, token)).status == 403
    assert (await appliance.post("/settings/set", {"key": "locale", "value": "de-DE"}, token)).status == 403
    assert (await appliance.get("/settings")).detail == "missing authorization token"


@pytest.mark.conformance("SET-02", "AUD-01")
async def test_setting_is_audited_and_reading_is_not(appliance: TestAppliance) -> None:
    token = await admin(appliance)
    await appliance.get("/settings", token)
    await appliance.post("/settings/get", {"key": "nothing"}, token)
    await appliance.post("/settings/set", {"value": "de-DE", "key": "locale"}, token)
    [entry] = (await appliance.post("/audit/log", {}, token)).json["entries"]
    assert entry == {
        "id": 1,
        "account": "ada",
        "action": "update setting",
        "path": "/settings/set",
        "detail": '{"key":"locale","value":"de-DE"}',
        "success": True,
        "error": "",
        "created_at": "2026-01-01T00:00:00Z",
    }


@pytest.mark.conformance("I18N-06")
async def test_languages_are_listed_with_the_one_that_is_chosen(appliance: TestAppliance) -> None:
    token = await admin(appliance)
    await appliance.settings.set("locale", "fr-FR")
    answer = await appliance.get("/locales", token)
    assert answer.json["current"] == "fr-FR"
    assert answer.json["populated"] == ["en-US"]
    assert answer.json["common_languages"][0] == {
        "code": "ar-SA",
        "native_name": "العربية",
        "english_name": "Arabic",
    }
    assert (len(answer.json["common_languages"]), len(answer.json["extended_locales"])) == (21, 87)
    assert (await appliance.get("/locales")).status == 401


@pytest.mark.conformance("CAT-07")
async def test_time_zones_are_a_plain_list(appliance: TestAppliance) -> None:
    assert (await appliance.get("/packages/timezones", await admin(appliance))).json == list(TIMEZONES)
    assert (await appliance.get("/packages/timezones")).status == 401

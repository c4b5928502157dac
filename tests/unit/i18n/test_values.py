"""Typed parameters of messages: how they are shown, and how they are stored."""

import json

import pytest

from townos.i18n import Bytes, Seconds, T, Term, joined, term_data, term_from
from townos.i18n.en_us import messages
from townos.redaction import reason

MB = 1024**2


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1 kB"),
        (3 * 512 * MB, "1.5 GB"),
        (int(99.96 * MB), "100 MB"),
        (int(999.4 * MB), "999 MB"),
        (int(999.6 * MB), "1000 MB"),
        (MB - 1, "1 MB"),
        (1024**5, "1024 TB"),
    ],
)
def test_bytes_are_shown_in_the_largest_unit_that_leaves_one(count: int, text: str) -> None:
    assert str(Bytes(count)) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 second"),
        (0.5, "0.5 seconds"),
        (90, "90 seconds"),
        (120, "2 minutes"),
        (7_200, "2 hours"),
        (1_234_567.5, "1234567.5 seconds"),
    ],
)
def test_a_duration_is_shown_in_seconds_minutes_or_hours(count: float, text: str) -> None:
    assert str(Seconds(count)) == text


def test_the_locale_decides_the_decimal_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    german = {"number.decimal": ",", "duration.seconds": "%s Sekunden"}
    monkeypatch.setattr("townos.i18n.catalogue._messages", lambda locale: german if locale == "de-DE" else messages())
    assert T("de-DE", "http.body_too_large", Bytes(3 * 512 * MB)) == "the request body is larger than 1,5 GB"
    assert Seconds(0.5).text("de-DE") == "0,5 Sekunden"


def test_a_stored_term_is_read_back_as_it_was() -> None:
    inner = Term("storage.full", (Bytes(3), Bytes(10)))
    term = Term("operation.step_failed", ("start", joined([inner, Term("process.timeout", ("podman", Seconds(2.5)))])))
    assert term_from(json.loads(json.dumps(term_data(term)))) == term


@pytest.mark.parametrize("stored", ["start failed: the disk is full", "", "100% of {it}"])
def test_text_that_an_older_version_stored_stays_as_it_is(stored: str) -> None:
    assert term_from(stored).text() == stored


def test_the_reason_of_a_failure_has_no_secrets_in_its_parameters() -> None:
    told = reason(ValueError("cannot reach https://me:hunter2@example.org, password=hunter2"))
    assert "hunter2" not in json.dumps(term_data(told))
    assert told.text().startswith("ValueError: cannot reach https://[REDACTED]@example.org")

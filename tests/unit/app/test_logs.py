"""Logging: structured entries for the journal, and no secret in any of them."""

import logging
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.app import logs
from townos.redaction import is_secret_key, redact

SECRETS = [
    "https://ada:hunter2@git.example/x.git",
    "clone of ssh://hunter2@host failed",
    "Authorization: Bearer hunter2",
    "password=hunter2",
    'body {"password": "hunter2"}',
    "Token: hunter2",
    "credential = 'hunter2 and more'",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_never_survives_redaction(text: str) -> None:
    assert "hunter2" not in redact(text)
    assert "[REDACTED]" in redact(text)


def test_a_signed_token_is_removed_from_any_place() -> None:
    assert redact("got eyJhbGciOi.eyJzZXNzaW9u.c2lnbmF0dXJl today") == "got [REDACTED] today"


def test_ordinary_text_passes_unchanged() -> None:
    text = "cloned https://git.example/core.git in 3 s; user@host said: no"
    assert redact(text) == text


@given(
    user=st.from_regex(r"[a-z]{1,8}", fullmatch=True), password=st.from_regex(r"[A-Za-z0-9%!$]{8,20}", fullmatch=True)
)
def test_credentials_in_a_url_are_removed(user: str, password: str) -> None:
    assert password not in redact(f"fetch https://{user}:{password}@host/path failed")


@pytest.mark.parametrize(
    "key", ["password", "db_password", "apiToken", "client_secret", "private_key", "Authorization"]
)
def test_keys_that_look_secret_are_known(key: str) -> None:
    assert is_secret_key(key)


def test_an_entry_with_a_line_break_carries_its_length() -> None:
    assert logs.encode({"A": "x"}) == b"A=x\n"
    assert logs.encode({"MESSAGE": "a\nb"}) == b"MESSAGE\n\x03\0\0\0\0\0\0\0a\nb\n"


@pytest.mark.parametrize(
    ("level", "severity"),
    [(logging.DEBUG, 7), (logging.INFO, 6), (logging.WARNING, 4), (logging.ERROR, 3), (logging.CRITICAL, 2)],
)
def test_levels_become_syslog_severities(level: int, severity: int) -> None:
    assert logs.priority(level) == severity


def test_a_record_reaches_the_journal_with_its_fields_and_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(path))
        handler = logs.JournalHandler(path)
        handler.addFilter(logs.redact_record)
        logger = logging.Logger("townos.test")
        logger.addHandler(handler)
        try:
            raise ValueError("password=hunter2")
        except ValueError:
            logger.exception("failed with token=%s", "hunter2", extra={"fields": {"UNIT": "a.service"}})
        entry = journal.recv(65536)
        handler.close()
    assert b"UNIT=a.service\n" in entry
    assert b"PRIORITY=3\n" in entry
    assert b"Traceback" in entry
    assert b"hunter2" not in entry


def test_a_journal_that_is_gone_does_not_stop_the_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handler = logs.JournalHandler(tmp_path / "nothing")
    handler.emit(logging.LogRecord("x", logging.INFO, "f", 1, "still here", (), None))
    handler.close()
    assert capsys.readouterr().err == "still here\n"

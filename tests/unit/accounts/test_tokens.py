"""Tokens: their claims (docs/api.md, Sessions), HS256 and nothing else, held against the common library."""

import base64
import json
import logging
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.accounts.tokens import Claims, TokenSigner

KEY = bytes(range(32))
CLAIMS = Claims("2b1f1c9e-7c1e-4c1c-9c68-0d7a2d1b1a11", "ada", 1_767_225_600)
SIGNER = TokenSigner(KEY)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@given(TEXT, TEXT, st.integers(0, 2**53))
@pytest.mark.conformance("SES-01")
def test_a_token_is_read_back_by_itself_and_by_the_common_library(
    session_id: str, username: str, issued_at: int
) -> None:
    claims = Claims(session_id, username, issued_at)
    token = SIGNER.sign(claims)
    assert SIGNER.read(token) == claims
    assert jwt.decode(token, KEY, algorithms=["HS256"]) == {
        "session_id": session_id,
        "username": username,
        "issued_at": issued_at,
    }
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


def payload() -> dict[str, Any]:
    return {"session_id": CLAIMS.session_id, "username": CLAIMS.username, "issued_at": CLAIMS.issued_at}


def test_a_token_of_the_common_library_is_read() -> None:
    assert SIGNER.read(jwt.encode(payload(), KEY, algorithm="HS256")) == CLAIMS


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_other_algorithms_are_refused_even_with_the_right_key(algorithm: str) -> None:
    key: str | bytes = "" if algorithm == "none" else KEY * 2
    assert TokenSigner(KEY * 2).read(jwt.encode(payload(), key, algorithm=algorithm)) is None


def test_a_header_with_another_algorithm_is_refused_despite_a_valid_signature() -> None:
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps(payload()).encode()).decode().rstrip("=")
    signature = SIGNER._signature(f"{header}.{body}".encode())
    token = f"{header}.{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
    assert SIGNER.read(token) is None


def test_another_key_is_refused() -> None:
    assert TokenSigner(bytes(32)).read(SIGNER.sign(CLAIMS)) is None


@given(st.data())
def test_no_changed_token_is_read(data: st.DataObject) -> None:
    token = SIGNER.sign(CLAIMS)
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters(codec="utf-8").filter(lambda c: c != token[place]))
    assert SIGNER.read(token[:place] + character + token[place + 1 :]) is None


@given(st.text())
def test_nonsense_is_no_token(text: str) -> None:
    assert SIGNER.read(text) is None


@pytest.mark.parametrize(
    "claims", [{}, {"session_id": 1}, payload() | {"issued_at": "now"}, payload() | {"username": 1}]
)
def test_claims_of_the_wrong_kind_are_no_token(claims: dict[str, Any]) -> None:
    assert SIGNER.read(jwt.encode(claims, KEY, algorithm="HS256")) is None


@pytest.mark.conformance("SES-02")
def test_every_start_makes_a_new_key_unless_one_is_configured() -> None:
    assert TokenSigner.create(None).read(TokenSigner.create(None).sign(CLAIMS)) is None
    configured = "a configured key of enough bytes!"
    assert TokenSigner.create(configured).read(TokenSigner.create(configured).sign(CLAIMS)) == CLAIMS
    assert jwt.decode(TokenSigner.create(configured).sign(CLAIMS), configured, algorithms=["HS256"]) == payload()


def test_a_short_configured_key_works_and_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        signer = TokenSigner.create("short")
    assert signer.read(signer.sign(CLAIMS)) == CLAIMS
    assert "shorter than 32 bytes" in caplog.text
    assert "short" not in caplog.text.replace("shorter", "")

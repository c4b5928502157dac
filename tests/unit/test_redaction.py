"""Secrets do not leave the program, and removing them takes no longer than reading the text."""

import pytest

from townos.limits import JSON_BODY_MAX_BYTES, REDACTED_TEXT_MAX_CHARS
from townos.redaction import is_secret_key, redact

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiMSJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot clone https://bob:hunter2@git.example/x", "cannot clone https://[REDACTED]@git.example/x"),
        ("https://hunter2@git.example", "https://[REDACTED]@git.example"),
        ("https://bob:hun@ter2@git.example", "https://[REDACTED]@git.example"),
        ("https://git.example/a, or mail me@example.org", "https://git.example/a, or mail me@example.org"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [REDACTED]"),
        (f"got {TOKEN}, which is old", "got [REDACTED], which is old"),
        (f"x_{TOKEN}", "x_[REDACTED]"),
        ("eyJust.a file", "eyJust.a file"),
        ("journeyJohn.example.com", "journeyJohn.example.com"),
        ("password=hunter2 and more", "password[REDACTED] and more"),
        ('{"Token": "a \\" b", "n": 1}', '{"Token[REDACTED], "n": 1}'),
        ("secret: 'two words'", "secret[REDACTED]"),
        ('password="cut in the mid', "password[REDACTED]"),
        ("missing authorization token", "missing authorization token"),
    ],
)
def test_secrets_are_replaced_and_the_rest_stays(text: str, shown: str) -> None:
    assert redact(text) == shown
    assert redact(shown) == shown


@pytest.mark.parametrize("secret", ["https://bob:hunter2@db", f"Bearer {TOKEN}", TOKEN, 'password="hunter2 hunter2"'])
def test_a_secret_that_the_cut_goes_through_is_not_told_by_half(secret: str) -> None:
    for length in range(1, len(secret) + 10):
        told = redact(f"before {secret} after", length)
        assert "hunter" not in told
        assert "eyJ" not in told


def test_a_long_text_is_cut_before_a_word() -> None:
    assert redact("one two three", 9) == "one two …"
    assert redact("x" * 100, 9) == " …"
    assert len(redact("word " * REDACTED_TEXT_MAX_CHARS)) <= REDACTED_TEXT_MAX_CHARS + 2


PREFIXES = ("://", "bearer ", "password", "password=", 'password="', "eyJ")


# With one pattern that takes quadratic time these need minutes to hours instead of a fraction of a second: the limit
# measures no speed, it tells the two apart on the slowest machine.
@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    [
        ":", "://", "://:", "a:", "@", "a@", "://a@", "eyJ", "eyJa-", "eyJa.", "eyJa.a-", ".", "bearer ", "bearer",
        "token", "token ", "token=", 'token="', "token='", 'token="\\', "password: ", " ", "\n", '"', "'", "\\",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "prefix",
    ["", *(pytest.param(text, marks=pytest.mark.slow) for text in PREFIXES)],
)
def test_no_text_takes_more_time_than_its_length_asks_for(prefix: str, piece: str) -> None:
    text = prefix + piece * (JSON_BODY_MAX_BYTES // len(piece))
    assert isinstance(redact(text, len(text)), str)


@pytest.mark.parametrize("key", ["password", "Password2", "api_token", "PRIVATE_KEY", "passphrase", "Authorization"])
def test_a_field_of_such_a_name_is_a_secret(key: str) -> None:
    assert is_secret_key(key)
    assert not is_secret_key("username")

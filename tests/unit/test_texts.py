"""What texts from outside may look like."""

import pytest

from townos.limits import CONTACT_MAX_CHARS, TEXT_MAX_CHARS
from townos.texts import CONTROL, CONTROL_BUT_BREAKS, is_email


@pytest.mark.parametrize("text", ["a@b.c", "first.last@mail.example.org", "a@.b.c", "ä@ö.ü"])
def test_an_address_has_a_name_and_a_domain_with_a_dot(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize("text", ["", "a", "@b.c", "a@", "a@b", "a@.c", "a@b.", "a b@c.d", "a@b@c.d", "a@b.c\n"])
def test_anything_else_is_no_address(text: str) -> None:
    assert not is_email(text)


def test_an_address_is_as_long_as_mail_can_carry() -> None:
    domain = "@example.org"
    assert is_email("x" * (CONTACT_MAX_CHARS - len(domain)) + domain)
    assert not is_email("x" * (CONTACT_MAX_CHARS - len(domain) + 1) + domain)


@pytest.mark.timeout(5)  # the pattern alone needs longer than this for one of them
def test_a_long_text_is_refused_before_it_is_searched() -> None:
    assert not any(is_email(f"a@{'.' * TEXT_MAX_CHARS} ") for _ in range(10))


def test_control_characters_are_found_and_breaks_may_be_spared() -> None:
    for character in "\x00\x1f\x7f\x9f\ud800\ufdd0\ufffe\U0010ffff":
        assert CONTROL.search(f"a{character}b")
        assert CONTROL_BUT_BREAKS.search(f"a{character}b")
    for character in "\n\t":
        assert CONTROL.search(f"a{character}b")
        assert not CONTROL_BUT_BREAKS.search(f"a{character}b")

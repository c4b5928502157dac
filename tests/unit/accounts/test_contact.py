"""What may stand in the contact fields."""

import pytest

from townos.accounts.contact import Contact, contact_errors
from townos.limits import CONTACT_MAX_CHARS


def codes(contact: Contact) -> list[str]:
    return [error.code for error in contact_errors(contact)]


@pytest.mark.parametrize("email", ["a@b.c", "ada.l+x@mail.example.org", "ü@example.org", " ada@example.org "])
@pytest.mark.conformance("ACC-03")
def test_an_email_has_an_at_and_a_dot_after_it(email: str) -> None:
    assert codes(Contact(email=email)) == []


@pytest.mark.parametrize("email", ["ada", "ada@", "@example.org", "ada@example", "a b@example.org", "a@b@c.d"])
def test_anything_else_is_no_email(email: str) -> None:
    assert codes(Contact(email=email)) == ["account.invalid_email"]


@pytest.mark.parametrize("phone", ["555-0001", "+49 (30) 123.456", "1", "(0)"])
@pytest.mark.conformance("ACC-03")
def test_a_phone_number_has_digits_and_the_usual_signs(phone: str) -> None:
    assert codes(Contact(phone=phone)) == []


@pytest.mark.parametrize("phone", ["-", "+", "5+5", "555 x 1", "call me", "(   )"])
def test_anything_else_is_no_phone_number(phone: str) -> None:
    assert codes(Contact(phone=phone)) == ["account.invalid_phone"]


@pytest.mark.parametrize("name", ["email", "phone", "real_name"])
@pytest.mark.conformance("ACC-04")
def test_contact_fields_are_not_blank_too_long_or_with_control_characters(name: str) -> None:
    assert codes(Contact(**{name: " \u00a0"})) == ["account.contact_required"]
    assert codes(Contact(**{name: "1" * (CONTACT_MAX_CHARS + 1)})) == ["account.contact_too_long"]
    assert codes(Contact(**{name: "1\x001@x.y"})) == ["account.contact_control_characters"]


def test_fields_that_are_not_given_are_not_checked() -> None:
    assert contact_errors(Contact()) == []
    assert Contact(real_name=" Ada ").given() == {"real_name": "Ada"}

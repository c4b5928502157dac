"""How to reach the person behind an account: e-mail, telephone and real name, and what makes them valid.

A field that is `None` was not given, as in an update that leaves it alone; docs/api.md, Accounts, has the rules.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from townos.errors import FieldError
from townos.limits import CONTACT_MAX_CHARS
from townos.texts import CONTROL, is_email

# It backtracks quadratically on a long run of digits: the bound on the length comes first.
_PHONE: Final = re.compile(r"\+?[0-9\s\-().]*[0-9][0-9\s\-().]*")


@dataclass(frozen=True, slots=True)
class Contact:
    """Contact information, or the changed part of it."""

    email: str | None = None
    phone: str | None = None
    real_name: str | None = None

    def given(self) -> dict[str, str]:
        """Return the fields that are given, without white space around them."""
        fields = {"email": self.email, "phone": self.phone, "real_name": self.real_name}
        return {name: text.strip() for name, text in fields.items() if text is not None}


def contact_errors(contact: Contact) -> list[FieldError]:
    """Return what is wrong with the given fields, blank ones first."""
    given = contact.given()
    blank = [FieldError(name, "account.contact_required") for name, text in given.items() if not text]
    return blank + [error for name, text in given.items() if text for error in _field_errors(name, text)]


def _field_errors(name: str, text: str) -> Iterator[FieldError]:
    if len(text) > CONTACT_MAX_CHARS:
        yield FieldError(name, "account.contact_too_long", (name, CONTACT_MAX_CHARS))
    elif CONTROL.search(text):
        yield FieldError(name, "account.contact_control_characters", (name,))
    elif name == "email" and not is_email(text):
        yield FieldError(name, "account.invalid_email")
    elif name == "phone" and _PHONE.fullmatch(text) is None:
        yield FieldError(name, "account.invalid_phone")

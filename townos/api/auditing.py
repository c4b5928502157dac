"""What the audit log is told of a request, and what it is not told: secrets never reach it.

The decoder of bodies takes keys in any case, and so must whatever looks for secrets here.
"""

import logging
from typing import Any, Final, Protocol

import msgspec

from townos.api.wire.documents import read_document
from townos.audit.log import AuditEntry
from townos.concurrency import shielded
from townos.errors import Malformed
from townos.i18n import DEFAULT_LOCALE, T
from townos.limits import AUDIT_DETAIL_MAX_CHARS, AUDIT_WRITE_TIMEOUT_SECONDS
from townos.redaction import REDACTED, is_secret_key, redact

ACTION_KEYS: Final = "audit.action."
SIGN_IN_PATH: Final = "/account/authenticate"
"""Its entries name no account: the caller only claims to be one."""
PASSWORD_KEY: Final = "password"  # noqa: S105 - the key that is removed
ANSWERS_KEY: Final = "responses"
VALUE_KEY: Final = "value"
log = logging.getLogger(__name__)


class Record(Protocol):
    """The port to the audit log."""

    async def __call__(self, entry: AuditEntry, /) -> None:
        """Write one entry, with the time of writing."""


def action(key: str) -> str:
    """Return the text of an audit action in the default locale; empty for an endpoint that has none."""
    return T(DEFAULT_LOCALE, ACTION_KEYS + key) if key else ""


def detail(body: bytes, disclosed: frozenset[str] = frozenset()) -> str:
    """Return the JSON object `body` compactly, keys sorted, without secrets; empty if it is no JSON object.

    Whatever the bytes are, this returns: what has been done must be recorded.
    """
    try:
        document = read_document(body)
    except Malformed:
        return ""
    if not isinstance(document, dict) or not body.strip():
        return ""
    return _ENCODER.encode(_Shown(disclosed).value(document)).decode()


async def write(record: Record, entry: AuditEntry) -> None:
    """Write an entry whatever becomes of the request; a failure to write is logged and never fails the request."""
    try:
        with shielded(AUDIT_WRITE_TIMEOUT_SECONDS, "writing an audit entry"):
            await record(entry)
    except Exception:
        log.exception("the audit entry of %s could not be written", entry.path)


class _Shown:
    """Goes through a document in the order in which it is shown, and no further than the log's entry can be long."""

    def __init__(self, disclosed: frozenset[str]) -> None:
        self._disclosed = disclosed
        self._left = AUDIT_DETAIL_MAX_CHARS

    def value(self, value: Any) -> Any:
        """Return a value without secrets."""
        match value:
            case dict():
                return self._object(value, hidden=_names_a_secret(value))
            case list():
                return [self.value(member) for member in value if self._has_room(1)]
            case str():
                text = redact(value, AUDIT_DETAIL_MAX_CHARS)
                self._left -= len(text)
                return text
            case _:
                return value

    def _object(self, value: dict[str, Any], *, hidden: bool) -> dict[str, Any]:
        keys = (key for key in sorted(value) if key.lower() != PASSWORD_KEY and self._has_room(len(key)))
        return {key: REDACTED if hidden and key.lower() == VALUE_KEY else self._member(key, value[key]) for key in keys}

    def _member(self, key: str, member: Any) -> Any:
        if key.lower() == ANSWERS_KEY and isinstance(member, dict):
            return {name: self._answer(name, member[name]) for name in sorted(member) if self._has_room(len(name))}
        return REDACTED if is_secret_key(key) else self.value(member)

    def _answer(self, name: str, answer: Any) -> Any:
        return self.value(answer) if name in self._disclosed and isinstance(answer, str) else REDACTED

    def _has_room(self, characters: int) -> bool:
        """Take room, for what needs at least so much of it."""
        had = self._left > 0
        self._left -= characters
        return had


def _names_a_secret(pair: dict[str, Any]) -> bool:
    """Tell whether this is a key and a value, like a setting, and the key looks like a secret's."""
    names = [member for key, member in pair.items() if key.lower() == "key"]
    return any(isinstance(name, str) and is_secret_key(name) for name in names)


_ENCODER: Final = msgspec.json.Encoder(order="sorted")

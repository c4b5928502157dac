"""What the audit log is told of a request, and what it is not told: secrets never reach it."""

import logging
from typing import Any, Final, Protocol

import msgspec
import trio

from townos.audit import AuditEntry
from townos.i18n import DEFAULT_LOCALE, T
from townos.limits import AUDIT_WRITE_TIMEOUT_SECONDS
from townos.redaction import REDACTED, is_secret_key, redact

ACTION_KEYS: Final = "audit.action."
SIGN_IN_PATH: Final = "/account/authenticate"
"""Its entries name no account: the caller only claims to be one."""
PASSWORD_KEY: Final = "password"  # noqa: S105 - the key that is removed
ANSWERS_KEY: Final = "responses"
log = logging.getLogger(__name__)


class Record(Protocol):
    """The port to the audit log."""

    async def __call__(self, entry: AuditEntry, /) -> None:
        """Write one entry, with the time of writing."""


def action(key: str) -> str:
    """Return the text of an audit action in the default locale; empty for an endpoint that has none."""
    return T(DEFAULT_LOCALE, ACTION_KEYS + key) if key else ""


def detail(body: bytes, disclosed: frozenset[str] = frozenset()) -> str:
    """Return the JSON object `body` compactly, keys sorted, without secrets; empty if it is no JSON object."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    return _ENCODER.encode(_without_secrets(document, disclosed)).decode()


async def write(record: Record, entry: AuditEntry) -> None:
    """Write an entry whatever becomes of the request; a failure to write is logged and never fails the request."""
    with trio.CancelScope(shield=True, deadline=trio.current_time() + AUDIT_WRITE_TIMEOUT_SECONDS) as scope:
        try:
            await record(entry)
        except Exception:
            log.exception("the audit entry of %s could not be written", entry.path)
    if scope.cancelled_caught:
        log.error("the audit entry of %s could not be written in time", entry.path)


def _without_secrets(value: Any, disclosed: frozenset[str]) -> Any:
    match value:
        case dict():
            hidden = _names_a_secret(value)
            return {
                key: REDACTED if hidden and key == "value" else _member(key, member, disclosed)
                for key, member in value.items()
                if key != PASSWORD_KEY
            }
        case list():
            return [_without_secrets(member, disclosed) for member in value]
        case str():
            return redact(value)
        case _:
            return value


def _member(key: str, member: Any, disclosed: frozenset[str]) -> Any:
    if key == ANSWERS_KEY and isinstance(member, dict):
        return {
            name: redact(answer) if name in disclosed and isinstance(answer, str) else REDACTED
            for name, answer in member.items()
        }
    return REDACTED if is_secret_key(key) else _without_secrets(member, disclosed)


def _names_a_secret(pair: dict[str, Any]) -> bool:
    """Tell whether this is a key and a value, like a setting, and the key looks like a secret's."""
    key = pair.get("key")
    return isinstance(key, str) and is_secret_key(key)


_ENCODER: Final = msgspec.json.Encoder(order="sorted")

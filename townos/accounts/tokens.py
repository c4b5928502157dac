"""Session tokens: JSON Web Tokens signed with HMAC-SHA256 (RFC 7515 and 7519), and nothing else.

They are made and read here in a few lines of the standard library: the common library costs 12 MiB of memory and 0.1 s
of import for the one algorithm that is allowed. The tests hold the two against each other.
"""

import base64
import binascii
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from townos.limits import SIGNING_KEY_BYTES, TOKEN_MAX_CHARS

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `issued_at` is in Unix seconds; there is no expiry: the session's row decides."""

    session_id: str
    username: str
    issued_at: int


class TokenSigner:
    """Signs claims, and reads back only what it has signed."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def create(cls, configured: str | None) -> Self:
        """Use the operator's key if there is one, else a new random one that is never stored."""
        if not configured:
            return cls(secrets.token_bytes(SIGNING_KEY_BYTES))
        key = configured.encode()
        if len(key) < SIGNING_KEY_BYTES:
            log.warning("the configured signing key is shorter than %d bytes", SIGNING_KEY_BYTES)
        return cls(key)

    def sign(self, claims: Claims) -> str:
        """Return the token."""
        header = {"alg": "HS256", "typ": "JWT"}
        payload = {
            "session_id": claims.session_id,
            "username": claims.username,
            "issued_at": claims.issued_at,
        }
        content = f"{_segment(header)}.{_segment(payload)}"
        return f"{content}.{_base64(self._signature(content.encode()))}"

    def read(self, token: str) -> Claims | None:
        """Return the claims of a token that was signed with this key, else nothing."""
        if len(token) > TOKEN_MAX_CHARS or not token.isascii() or token.count(".") != 2:
            return None
        content, _, signature = token.rpartition(".")
        header, _, payload = content.partition(".")
        try:
            if not hmac.compare_digest(_bytes(signature), self._signature(content.encode())):
                return None
            return _claims(_object(header), _object(payload))
        except (binascii.Error, ValueError, RecursionError):
            return None

    def _signature(self, content: bytes) -> bytes:
        return hmac.new(self._key, content, hashlib.sha256).digest()


def _claims(header: dict[str, object], payload: dict[str, object]) -> Claims | None:
    if header.get("alg") != "HS256":
        return None
    match payload:
        case {"session_id": str(session_id), "username": str(username), "issued_at": int(issued_at)}:
            return Claims(session_id, username, issued_at)
        case _:
            return None


def _segment(value: Mapping[str, object]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _object(segment: str) -> dict[str, object]:
    value = json.loads(_bytes(segment))
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  all bad tokens are one kind of error here
    return value


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    # Strict: exactly one text for each value, so a token cannot be respelled.
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _base64(data) != text:
        raise ValueError("not canonical base64url")
    return data

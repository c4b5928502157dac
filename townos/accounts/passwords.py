"""Passwords: their rules, and Argon2id hashes made in worker threads, few at a time.

One hash takes 64 MiB and some 60 ms of all cores. Without a bound, strangers at the sign-in would fill the memory, so
at most two run at once, a short queue waits, and the rest is told to come back. argon2-cffi makes them: the one in
cryptography would keep 9 MiB more resident, for nothing else that is used of it.
"""

import base64
import secrets
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

import trio

from townos.errors import FieldError, Unavailable
from townos.i18n import Bytes
from townos.limits import (
    PASSWORD_HASH_RETRY_SECONDS,
    PASSWORD_HASHES_AT_ONCE,
    PASSWORD_HASHES_WAITING,
    PASSWORD_MAX_BYTES,
    PASSWORD_MIN_BYTES,
)

T = TypeVar("T")

MEMORY_KIB: Final = 65_536
ITERATIONS: Final = 1
LANES: Final = 4
SALT_BYTES: Final = 16
KEY_BYTES: Final = 32


def password_error(password: str) -> FieldError | None:
    """Return what is wrong with a new password, if anything. Its length counts in bytes of UTF-8."""
    size = len(_encoded(password))
    if size < PASSWORD_MIN_BYTES:
        return FieldError("password", "account.password_too_short", (PASSWORD_MIN_BYTES,))
    if size > PASSWORD_MAX_BYTES:
        return FieldError("password", "account.password_too_long", (Bytes(PASSWORD_MAX_BYTES),))
    return None


class Hasher(Protocol):
    """Makes and checks the stored form of passwords."""

    async def hash(self, password: str) -> str:
        """Return a new stored form of a password. Raises `Unavailable` while too many others wait."""

    async def verify(self, password: str, stored: str) -> bool:
        """Tell whether the password belongs to the stored form. Raises `Unavailable` like `hash`."""

    async def verify_decoy(self, password: str) -> None:
        """Take the time of a check that fails, so that an unknown name cannot be told by the clock."""


class PasswordHasher:
    """Argon2id in PHC strings: `$argon2id$v=19$m=65536,t=1,p=4$<salt>$<key>`."""

    def __init__(self, derive: Callable[[bytes], str] | None = None) -> None:
        """Use `derive`, which blocks, to make hashes; Argon2id unless told otherwise."""
        self._derive = derive or argon2id
        self._limiter = trio.CapacityLimiter(PASSWORD_HASHES_AT_ONCE)
        self._decoy = _decoy()

    async def hash(self, password: str) -> str:
        """Return the PHC string of a password. Raises `Unavailable` while too many hashes wait."""
        return await self._in_thread(lambda: self._derive(_encoded(password)))

    async def verify(self, password: str, stored: str) -> bool:
        """Tell whether the password belongs to the PHC string. Raises `Unavailable` like `hash`."""
        return await self._in_thread(lambda: _verify(_encoded(password), stored))

    async def verify_decoy(self, password: str) -> None:
        """Take the time of a check that fails, so that an unknown name cannot be told by the clock."""
        await self.verify(password, self._decoy)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._limiter.statistics().tasks_waiting >= PASSWORD_HASHES_WAITING:
            raise Unavailable("account.too_many_hashes", retry_after=PASSWORD_HASH_RETRY_SECONDS)
        return await trio.to_thread.run_sync(work, limiter=self._limiter)


def _encoded(password: str) -> bytes:
    # A lone surrogate can come from a JSON escape; such a password is as good as any other.
    return password.encode("utf-8", "surrogatepass")


def _decoy() -> str:
    salt, key = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (SALT_BYTES, KEY_BYTES))
    return f"$argon2id$v=19$m={MEMORY_KIB},t={ITERATIONS},p={LANES}${salt}${key}"


def argon2id(password: bytes) -> str:
    """Return a new PHC string. Blocks."""
    from argon2.low_level import Type, hash_secret

    salt = secrets.token_bytes(SALT_BYTES)
    return hash_secret(password, salt, ITERATIONS, MEMORY_KIB, LANES, KEY_BYTES, Type.ID).decode()


def _verify(password: bytes, phc: str) -> bool:
    from argon2.exceptions import VerifyMismatchError
    from argon2.low_level import Type, verify_secret

    try:
        return verify_secret(phc.encode(), password, Type.ID)
    except VerifyMismatchError:
        return False

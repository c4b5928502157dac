"""Passwords: Argon2id as a PHC string, a few at a time, whatever their script."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from townos.accounts.passwords import PasswordHasher, password_error
from townos.errors import Unavailable
from townos.limits import PASSWORD_HASHES_AT_ONCE, PASSWORD_HASHES_WAITING


@pytest.mark.conformance("ACC-01")
async def test_a_hash_is_a_phc_string_of_argon2id() -> None:
    stored = await PasswordHasher().hash("correct horse")
    _, algorithm, version, parameters, salt, key = stored.split("$")
    assert (algorithm, version, parameters) == ("argon2id", "v=19", "m=65536,t=1,p=4")
    assert (len(salt), len(key)) == (22, 43)  # 16 and 32 bytes in base64 without padding


async def test_the_same_password_is_never_stored_twice_alike() -> None:
    hasher = PasswordHasher()
    assert await hasher.hash("correct horse") != await hasher.hash("correct horse")


@pytest.mark.parametrize("password", ["correct horse", "пароль пароль", "🐎🔋", "nul\0inside", "\ud800 lone surrogate"])
async def test_a_password_is_recognised_and_another_is_not(password: str) -> None:
    hasher = PasswordHasher()
    stored = await hasher.hash(password)
    assert await hasher.verify(password, stored)
    assert not await hasher.verify(password + "x", stored)


async def test_a_hash_of_another_program_with_other_parameters_is_understood() -> None:
    made_by_cryptography = (
        "$argon2id$v=19$m=1024,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$QKH2meFzVtsJBSPlsQCvzQjFz0RaG7Zrl0REPRjYkjw"
    )
    assert await PasswordHasher().verify("secret!!", made_by_cryptography)


async def test_the_decoy_costs_a_real_hash_and_matches_nothing() -> None:
    hasher = PasswordHasher()
    decoy = hasher._decoy
    assert decoy.startswith("$argon2id$v=19$m=65536,t=1,p=4$")
    assert not await hasher.verify("", decoy)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "account.password_too_short"),
        ("1234567", "account.password_too_short"),
        ("12345678", None),
        ("äöüß", None),  # eight bytes
        ("x" * 1024, None),
        ("x" * 1025, "account.password_too_long"),
        ("ä" * 513, "account.password_too_long"),
    ],
)
@pytest.mark.conformance("ACC-02")
def test_the_length_counts_in_bytes(password: str, code: str | None) -> None:
    error = password_error(password)
    assert (error.code if error else None) == code


@asynccontextmanager
async def busy_hasher(waiting: int) -> AsyncIterator[tuple[PasswordHasher, list[str]]]:
    """A hasher with so many more hashes to make than it makes at once; they end when the block is left."""
    release = threading.Event()
    begun: list[str] = []
    finished: list[str] = []

    def derive(password: bytes) -> str:
        begun.append(password.decode())
        release.wait()
        return "hash"

    async def one() -> None:
        finished.append(await hasher.hash("one"))

    hasher = PasswordHasher(derive)
    async with trio.open_nursery() as nursery:
        try:
            for _ in range(PASSWORD_HASHES_AT_ONCE + waiting):
                nursery.start_soon(one)
            await trio.testing.wait_all_tasks_blocked()
            yield hasher, begun
        finally:
            release.set()
    assert finished == ["hash"] * (PASSWORD_HASHES_AT_ONCE + waiting)


@pytest.mark.conformance("HOLE-04")
async def test_the_numbers_of_running_and_waiting_hashes_are_limited() -> None:
    async with busy_hasher(PASSWORD_HASHES_WAITING) as (hasher, begun):
        assert len(begun) <= PASSWORD_HASHES_AT_ONCE
        with pytest.raises(Unavailable) as refused:
            await hasher.hash("one too many")
        assert refused.value.retry_after
    assert await hasher.hash("again") == "hash"


async def test_a_cancelled_wait_leaves_its_place_to_others() -> None:
    async with busy_hasher(PASSWORD_HASHES_WAITING - 1) as (hasher, begun):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(hasher.hash, "cancelled")
            await trio.testing.wait_all_tasks_blocked()
            with pytest.raises(Unavailable):
                await hasher.hash("no place")
            nursery.cancel_scope.cancel()
        with trio.CancelScope() as scope:
            scope.cancel()
            await hasher.hash("there is a place")
        assert scope.cancelled_caught
        assert "cancelled" not in begun

"""What every password hasher must do: the real one, and the quick one that tests use."""

from collections.abc import Callable

import pytest

from townos.accounts.passwords import Hasher, PasswordHasher
from townos.testing.accounts import QuickHasher


@pytest.fixture(params=[PasswordHasher, QuickHasher])
def hasher(request: pytest.FixtureRequest) -> Hasher:
    make: Callable[[], Hasher] = request.param
    return make()


async def test_a_password_fits_its_own_hash_and_no_other(hasher: Hasher) -> None:
    stored = await hasher.hash("correct horse")
    assert await hasher.verify("correct horse", stored)
    assert not await hasher.verify("Correct horse", stored)
    assert not await hasher.verify("", stored)


async def test_a_hash_does_not_show_the_password_and_is_salted(hasher: Hasher) -> None:
    first, second = await hasher.hash("correct horse"), await hasher.hash("correct horse")
    assert first != second
    assert "correct horse" not in first


async def test_any_text_is_a_password(hasher: Hasher) -> None:
    for password in ("", "nul\0inside", "🐎", "\ud800"):
        assert await hasher.verify(password, await hasher.hash(password))


async def test_the_decoy_takes_any_password_and_says_nothing(hasher: Hasher) -> None:
    await hasher.verify_decoy("correct horse")

"""Signing in: what counts against the caller and what does not."""

import pytest

from townos.accounts.signin import SignIn
from townos.accounts.throttle import LoginThrottle
from townos.errors import Throttled, Unauthorized, Unavailable
from townos.testing.accounts import QuickHasher
from townos.testing.appliance import PASSWORD, TestAppliance


def sign_in(appliance: TestAppliance) -> SignIn:
    return SignIn(appliance.accounts, appliance.sessions, LoginThrottle(appliance.host.clock))


async def test_a_success_counts_nothing_and_does_not_show_its_token(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    door = sign_in(appliance)
    for _ in range(20):
        await door.authenticate("ada", PASSWORD, source="192.0.2.1")
    signed_in = await door.authenticate("ada", PASSWORD, source="192.0.2.1")
    assert signed_in.token not in repr(signed_in)
    identity = await appliance.sessions.validate(signed_in.token)
    assert identity is not None
    assert identity.account == signed_in.account


async def test_an_overloaded_machine_is_not_held_against_the_caller(appliance: TestAppliance) -> None:
    class Overloaded(QuickHasher):
        """Too busy to check."""

        async def verify_decoy(self, password: str) -> None:
            raise Unavailable("account.too_many_hashes", retry_after=1)

    appliance.accounts._hasher = Overloaded()
    door = sign_in(appliance)
    for _ in range(20):
        with pytest.raises(Unavailable):
            await door.authenticate("nobody", "x", source="192.0.2.1")


async def test_a_pause_is_for_every_name_but_only_for_its_source(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    door = sign_in(appliance)
    for number in range(10):
        with pytest.raises(Unauthorized):
            await door.authenticate(f"name{number}", "x", source="192.0.2.1")
    with pytest.raises(Throttled):
        await door.authenticate("ada", PASSWORD, source="192.0.2.1")
    signed_in = await door.authenticate("ada", PASSWORD, source="192.0.2.2")
    assert signed_in.account.username == "ada"

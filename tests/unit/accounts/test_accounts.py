"""Rules of accounts that must hold whatever happens at the same time."""

import sqlite3
from collections.abc import Callable

import pytest
import trio

from townos.accounts.accounts import AccountCounts, Accounts, Changes, NewAccount
from townos.accounts.contact import Contact
from townos.errors import Conflict, TownError, Unauthorized
from townos.testing.appliance import PASSWORD, TestAppliance


def new(username: str, *, admin: bool = True) -> NewAccount:
    return NewAccount(username, PASSWORD, "a@b.c", "1", "A", admin)


@pytest.mark.conformance("ACC-05")
async def test_two_first_administrators_at_once_leave_one_account(appliance: TestAppliance) -> None:
    refused: list[TownError] = []

    async def create(username: str) -> None:
        try:
            await appliance.accounts.create(new(username), bootstrap=True)
        except TownError as error:
            refused.append(error)

    async with trio.open_nursery() as nursery:
        for number in range(8):
            nursery.start_soon(create, f"user{number}")
    assert await appliance.accounts.counts() == AccountCounts(accounts=1, admins=1)
    assert [(type(error), error.code) for error in refused] == [(Unauthorized, "auth.missing_token")] * 7


async def test_two_administrators_who_disable_each_other_leave_one(appliance: TestAppliance) -> None:
    await appliance.add("ada", admin=True)
    await appliance.add("bob", admin=True)
    refused: list[Conflict] = []

    async def disable(username: str) -> None:
        try:
            await appliance.accounts.disable(username)
        except Conflict as error:
            refused.append(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(disable, "ada")
        nursery.start_soon(disable, "bob")
    assert (await appliance.accounts.counts()).admins == 1
    assert [error.code for error in refused] == ["account.last_admin"]


@pytest.mark.conformance("PING-02")
async def test_whether_setup_is_needed_is_known_at_once_after_every_change(appliance: TestAppliance) -> None:
    accounts = appliance.accounts
    assert await accounts.needs_setup()
    await accounts.create(new("bob", admin=False), bootstrap=True)
    assert await accounts.needs_setup()
    await accounts.create(new("ada"), bootstrap=True)
    assert not await accounts.needs_setup()
    await appliance.add("eve", admin=True)
    await accounts.disable("ada")
    assert not await accounts.needs_setup()
    await accounts.enable("ada")
    assert await accounts.counts() == AccountCounts(accounts=3, admins=2)


async def test_whether_setup_is_needed_is_answered_from_memory(appliance: TestAppliance) -> None:
    await appliance.add("ada", admin=True)
    await appliance.accounts.counts()
    appliance.accounts._database = None  # type: ignore[assignment]
    assert not await appliance.accounts.needs_setup()


async def test_a_count_that_a_change_overtakes_is_not_remembered(appliance: TestAppliance) -> None:
    class LateAnswers:
        """Whatever is read arrives only after an account has been created."""

        async def read(self, work: Callable[[sqlite3.Connection], AccountCounts]) -> AccountCounts:
            found = await appliance.database.read(work)
            accounts._database = appliance.database
            await accounts.create(new("ada"), bootstrap=True)
            return found

    accounts = Accounts(LateAnswers(), appliance.host.clock, appliance.host.hasher)  # type: ignore[arg-type]
    assert await accounts.needs_setup()
    assert not await accounts.needs_setup()


@pytest.mark.conformance("SES-05")
async def test_an_unknown_name_costs_as_much_as_a_wrong_password(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    assert await appliance.accounts.verify("nobody", "x") is None
    assert appliance.host.hasher.decoys == 1
    assert await appliance.accounts.verify("ada", "x") is None
    assert appliance.host.hasher.decoys == 1


async def test_a_new_password_ends_all_other_sessions_of_the_account(appliance: TestAppliance) -> None:
    ada = await appliance.add("ada", admin=True)
    await appliance.add("bob")
    mine, other, bobs = [await appliance.token(name) for name in ("ada", "ada", "bob")]
    identity = await appliance.sessions.validate(mine)
    assert identity is not None
    await appliance.accounts.update("ada", Changes(password="battery staple"), by=ada, session_id=identity.id)
    assert await appliance.sessions.validate(mine)
    assert await appliance.sessions.validate(other) is None
    assert await appliance.sessions.validate(bobs)
    assert await appliance.accounts.verify("ada", PASSWORD) is None
    assert await appliance.accounts.verify("ada", "battery staple")


async def test_an_administrator_who_sets_a_password_ends_the_sessions_of_that_account(appliance: TestAppliance) -> None:
    ada = await appliance.add("ada", admin=True)
    await appliance.add("bob")
    token = await appliance.token("bob")
    await appliance.accounts.update("bob", Changes(password="battery staple"), by=ada, session_id="of ada")
    assert await appliance.sessions.validate(token) is None


async def test_an_update_without_a_password_keeps_sessions_and_sets_the_time(appliance: TestAppliance) -> None:
    ada = await appliance.add("ada", admin=True)
    token = await appliance.token("ada")
    appliance.host.clock.advance(5)
    account = await appliance.accounts.update("ada", Changes(Contact(phone="2")), by=ada)
    assert (account.updated_at - account.created_at).total_seconds() == 5
    assert await appliance.sessions.validate(token)


@pytest.mark.conformance("ACC-01", "HOLE-07")
async def test_passwords_are_never_shown(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    verified = await appliance.accounts.verify("ada", PASSWORD)
    assert verified is not None
    assert verified.password_hash not in repr(verified)
    assert PASSWORD not in repr(new("ada"))
    assert PASSWORD not in repr(Changes(password=PASSWORD))
    stored = await appliance.database.read(_dump)
    assert PASSWORD not in stored


def _dump(connection: sqlite3.Connection) -> str:
    return "".join(str(tuple(row)) for row in connection.execute("SELECT * FROM accounts"))

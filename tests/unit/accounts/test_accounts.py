"""Rules of accounts that must hold whatever happens at the same time."""

import sqlite3
from collections.abc import Callable

import pytest
import trio

from townos.accounts.accounts import AccountCounts, Accounts, Changes, NewAccount
from townos.accounts.contact import Contact
from townos.errors import Conflict, TownError, Unauthorized
from townos.testing.rooms import PASSWORD, Rooms


def new(username: str, *, admin: bool = True) -> NewAccount:
    return NewAccount(username, PASSWORD, "a@b.c", "1", "A", admin)


@pytest.mark.conformance("ACC-05")
async def test_two_first_administrators_at_once_give_one(rooms: Rooms) -> None:
    refused: list[TownError] = []

    async def create(username: str) -> None:
        try:
            await rooms.accounts.create(new(username), bootstrap=True)
        except TownError as error:
            refused.append(error)

    async with trio.open_nursery() as nursery:
        for number in range(8):
            nursery.start_soon(create, f"user{number}")
    assert await rooms.accounts.counts() == AccountCounts(accounts=1, admins=1)
    assert [(type(error), error.code) for error in refused] == [(Unauthorized, "auth.missing_token")] * 7


async def test_two_administrators_who_disable_each_other_leave_one(rooms: Rooms) -> None:
    await rooms.add("ada", admin=True)
    await rooms.add("bob", admin=True)
    refused: list[Conflict] = []

    async def disable(username: str) -> None:
        try:
            await rooms.accounts.disable(username)
        except Conflict as error:
            refused.append(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(disable, "ada")
        nursery.start_soon(disable, "bob")
    assert (await rooms.accounts.counts()).admins == 1
    assert [error.code for error in refused] == ["account.last_admin"]


@pytest.mark.conformance("PING-02")
async def test_whether_setup_is_needed_is_known_at_once_after_every_change(rooms: Rooms) -> None:
    accounts = rooms.accounts
    assert await accounts.needs_setup()
    await accounts.create(new("bob", admin=False), bootstrap=True)
    assert await accounts.needs_setup()
    await accounts.create(new("ada"), bootstrap=True)
    assert not await accounts.needs_setup()
    await rooms.add("eve", admin=True)
    await accounts.disable("ada")
    assert not await accounts.needs_setup()
    await accounts.enable("ada")
    assert await accounts.counts() == AccountCounts(accounts=3, admins=2)


async def test_whether_setup_is_needed_is_answered_from_memory(rooms: Rooms) -> None:
    await rooms.add("ada", admin=True)
    await rooms.accounts.counts()
    rooms.accounts._database = None  # type: ignore[assignment]
    assert not await rooms.accounts.needs_setup()


async def test_a_count_that_a_change_overtakes_is_not_remembered(rooms: Rooms) -> None:
    class LateAnswers:
        """Whatever is read arrives only after an account has been created."""

        async def read(self, work: Callable[[sqlite3.Connection], AccountCounts]) -> AccountCounts:
            found = await rooms.database.read(work)
            accounts._database = rooms.database
            await accounts.create(new("ada"), bootstrap=True)
            return found

    accounts = Accounts(LateAnswers(), rooms.clock, rooms.hasher)  # type: ignore[arg-type]
    assert await accounts.needs_setup()
    assert not await accounts.needs_setup()


@pytest.mark.conformance("SES-05")
async def test_an_unknown_name_costs_as_much_as_a_wrong_password(rooms: Rooms) -> None:
    await rooms.add("ada")
    assert await rooms.accounts.verify("nobody", "x") is None
    assert rooms.hasher.decoys == 1
    assert await rooms.accounts.verify("ada", "x") is None
    assert rooms.hasher.decoys == 1


async def test_a_new_password_ends_all_other_sessions_of_the_account(rooms: Rooms) -> None:
    ada = await rooms.add("ada", admin=True)
    await rooms.add("bob")
    mine, other, bobs = [await rooms.token(name) for name in ("ada", "ada", "bob")]
    identity = await rooms.sessions.validate(mine)
    assert identity is not None
    await rooms.accounts.update("ada", Changes(password="battery staple"), by=ada, session_id=identity.id)
    assert await rooms.sessions.validate(mine)
    assert await rooms.sessions.validate(other) is None
    assert await rooms.sessions.validate(bobs)
    assert await rooms.accounts.verify("ada", PASSWORD) is None
    assert await rooms.accounts.verify("ada", "battery staple")


async def test_an_administrator_who_sets_a_password_ends_the_sessions_of_that_account(rooms: Rooms) -> None:
    ada = await rooms.add("ada", admin=True)
    await rooms.add("bob")
    token = await rooms.token("bob")
    await rooms.accounts.update("bob", Changes(password="battery staple"), by=ada, session_id="of ada")
    assert await rooms.sessions.validate(token) is None


async def test_an_update_without_a_password_keeps_sessions_and_sets_the_time(rooms: Rooms) -> None:
    ada = await rooms.add("ada", admin=True)
    token = await rooms.token("ada")
    rooms.clock.advance(5)
    account = await rooms.accounts.update("ada", Changes(Contact(phone="2")), by=ada)
    assert (account.updated_at - account.created_at).total_seconds() == 5
    assert await rooms.sessions.validate(token)


@pytest.mark.conformance("ACC-01", "HOLE-07")
async def test_passwords_are_never_shown(rooms: Rooms) -> None:
    await rooms.add("ada")
    verified = await rooms.accounts.verify("ada", PASSWORD)
    assert verified is not None
    assert verified.password_hash not in repr(verified)
    assert PASSWORD not in repr(new("ada"))
    assert PASSWORD not in repr(Changes(password=PASSWORD))
    stored = await rooms.database.read(_dump)
    assert PASSWORD not in stored


def _dump(connection: sqlite3.Connection) -> str:
    return "".join(str(tuple(row)) for row in connection.execute("SELECT * FROM accounts"))

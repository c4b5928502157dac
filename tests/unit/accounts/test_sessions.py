"""Sessions: looked up at every request, ended by idleness, by hand, or with their account."""

import sqlite3

import pytest
import trio
import trio.testing

from townos.accounts.sessions import Sessions
from townos.accounts.tokens import Claims
from townos.errors import NoSpace, Unauthorized
from townos.limits import SESSION_IDLE_SECONDS
from townos.testing.rooms import PASSWORD, Rooms


async def rows(rooms: Rooms) -> list[sqlite3.Row]:
    return await rooms.database.read(
        lambda connection: connection.execute("SELECT * FROM sessions ORDER BY rowid").fetchall()
    )


@pytest.mark.conformance("SES-01")
async def test_a_token_carries_exactly_the_claims_of_the_contract(rooms: Rooms) -> None:
    await rooms.add("ada")
    claims = rooms.signer.read(await rooms.token("ada"))
    [row] = await rows(rooms)
    assert claims == Claims(row["id"], "ada", 1_767_225_600)
    assert row["id"][14] == "4"  # the version of a random UUID


@pytest.mark.conformance("SES-03")
async def test_a_start_ends_all_sessions(rooms: Rooms) -> None:
    await rooms.add("ada")
    token = await rooms.token("ada")
    await rooms.sessions.clear()
    assert await rooms.sessions.validate(token) is None


@pytest.mark.conformance("SES-04")
async def test_a_session_ends_after_seven_idle_days_and_its_row_goes(rooms: Rooms) -> None:
    await rooms.add("ada")
    token = await rooms.token("ada")
    rooms.clock.advance(SESSION_IDLE_SECONDS)
    assert await rooms.sessions.validate(token)
    rooms.clock.advance(SESSION_IDLE_SECONDS + 1)
    assert await rooms.sessions.validate(token) is None
    assert await rows(rooms) == []


async def test_sessions_that_are_over_can_be_told_from_those_that_are_not(rooms: Rooms) -> None:
    for name in ("ada", "bo", "cy"):
        await rooms.add(name)

    async def begin(name: str) -> str:
        claims = rooms.signer.read(await rooms.token(name))
        assert claims
        return claims.session_id

    old = await begin("cy")
    rooms.clock.advance(SESSION_IDLE_SECONDS + 1)
    good, of_disabled = await begin("ada"), await begin("bo")
    await rooms.accounts.disable("bo")
    assert await rooms.sessions.alive([good, of_disabled, old, "nobody's"]) == {good}


async def test_the_use_is_written_at_most_once_a_minute(rooms: Rooms) -> None:
    await rooms.add("ada")
    token = await rooms.token("ada")

    async def last_used_after(seconds: float) -> str:
        rooms.clock.advance(seconds)
        assert await rooms.sessions.validate(token)
        return str((await rows(rooms))[0]["last_used"])

    assert await last_used_after(59) == "2026-01-01T00:00:00Z"
    assert await last_used_after(1) == "2026-01-01T00:01:00Z"
    assert await last_used_after(30) == "2026-01-01T00:01:00Z"


async def test_a_full_disk_locks_nobody_out(rooms: Rooms) -> None:
    await rooms.add("ada")
    token = await rooms.token("ada")
    rooms.clock.advance(120)

    async def full(work: object) -> object:
        raise NoSpace("database.full")

    rooms.database.write = full  # type: ignore[method-assign, assignment]
    assert await rooms.sessions.validate(token)


async def test_a_valid_signature_without_a_row_or_with_another_name_is_nothing(rooms: Rooms) -> None:
    await rooms.add("ada", admin=True)
    await rooms.add("bob")
    claims = rooms.signer.read(await rooms.token("bob"))
    assert claims is not None
    assert await rooms.sessions.validate(rooms.signer.sign(Claims("no such", "bob", 0))) is None
    assert await rooms.sessions.validate(rooms.signer.sign(Claims(claims.session_id, "ada", 0))) is None


@pytest.mark.parametrize("change", ["disable", "password"])
async def test_an_account_that_changes_while_its_password_is_checked_gets_no_session(rooms: Rooms, change: str) -> None:
    await rooms.add("ada")
    verified = await rooms.accounts.verify("ada", PASSWORD)
    assert verified is not None
    if change == "disable":
        await rooms.accounts.disable("ada")
    else:
        await rooms.database.write(
            lambda connection: connection.execute("UPDATE accounts SET password_hash = 'other'").rowcount
        )
    with pytest.raises(Unauthorized, match="invalid credentials"):
        await rooms.sessions.create("ada", verified.password_hash)
    assert await rows(rooms) == []


async def test_sessions_of_one_account_are_bounded_and_the_least_used_goes_first(rooms: Rooms) -> None:
    rooms.sessions = Sessions(rooms.database, rooms.clock, rooms.signer, per_account=3)
    await rooms.add("ada")
    await rooms.add("bob")
    bobs = await rooms.token("bob")
    tokens = []
    for _ in range(5):
        rooms.clock.advance(1)
        tokens.append(await rooms.token("ada"))
    assert [bool(await rooms.sessions.validate(token)) for token in tokens] == [False, False, True, True, True]
    assert await rooms.sessions.validate(bobs)


@pytest.mark.conformance("SES-09")
async def test_all_sessions_of_an_account_can_be_ended(rooms: Rooms) -> None:
    await rooms.add("ada")
    await rooms.add("bob")
    for name in ("ada", "ada", "bob"):
        await rooms.token(name)
    assert await rooms.sessions.revoke_all_for_user("ada") == 2
    assert [row["username"] for row in await rows(rooms)] == ["bob"]


@pytest.mark.conformance("SES-09")
async def test_whose_session_it_is_can_be_asked(rooms: Rooms) -> None:
    await rooms.add("ada")
    await rooms.token("ada")
    [session] = await rooms.sessions.list("ada")
    assert await rooms.sessions.get_username(session.id) == "ada"
    assert await rooms.sessions.get_username("no such") is None
    rooms.clock.advance(SESSION_IDLE_SECONDS + 1)
    assert await rooms.sessions.get_username(session.id) is None
    assert await rooms.sessions.list("ada") == ()


@pytest.mark.conformance("SES-09")
async def test_whether_an_administrator_is_signed_in_can_be_asked(rooms: Rooms) -> None:
    await rooms.add("bob")
    await rooms.token("bob")
    assert not await rooms.sessions.has_active_admin_sessions()
    await rooms.add("ada", admin=True)
    await rooms.token("ada")
    assert await rooms.sessions.has_active_admin_sessions()
    rooms.clock.advance(SESSION_IDLE_SECONDS + 1)
    assert not await rooms.sessions.has_active_admin_sessions()


@pytest.mark.conformance("SES-04", "SES-09")
async def test_expired_sessions_are_removed_every_hour(rooms: Rooms) -> None:
    await rooms.add("ada")
    await rooms.token("ada")

    class Signalling(Sessions):
        """Tells when a clean-up has ended."""

        ended = 0

        async def cleanup(self) -> int:
            removed = await super().cleanup()
            Signalling.ended += 1
            done.set()
            return removed

    async with trio.open_nursery() as nursery:
        done = trio.Event()
        nursery.start_soon(Signalling(rooms.database, rooms.clock, rooms.signer).serve)
        await done.wait()
        assert len(await rows(rooms)) == 1
        await trio.testing.wait_all_tasks_blocked()
        done = trio.Event()
        rooms.clock.advance(SESSION_IDLE_SECONDS + 1)
        await done.wait()
        assert await rows(rooms) == []
        nursery.cancel_scope.cancel()

"""Sessions: looked up at every request, ended by idleness, by hand, or with their account."""

import sqlite3

import pytest
import trio
import trio.testing

from townos.accounts.sessions import Sessions
from townos.accounts.tokens import Claims
from townos.errors import NoSpace, Unauthorized
from townos.limits import SESSION_IDLE_SECONDS
from townos.testing.appliance import PASSWORD, TestAppliance


async def rows(appliance: TestAppliance) -> list[sqlite3.Row]:
    return await appliance.database.read(
        lambda connection: connection.execute("SELECT * FROM sessions ORDER BY rowid").fetchall()
    )


@pytest.mark.conformance("SES-01")
async def test_a_token_carries_exactly_the_documented_claims(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    claims = appliance.signer.read(await appliance.token("ada"))
    [row] = await rows(appliance)
    assert claims == Claims(row["id"], "ada", 1_767_225_600)
    assert row["id"][14] == "4"  # the version of a random UUID


@pytest.mark.conformance("SES-03")
async def test_a_start_ends_all_sessions(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    token = await appliance.token("ada")
    await appliance.sessions.clear()
    assert await appliance.sessions.validate(token) is None


@pytest.mark.conformance("SES-04")
async def test_a_session_ends_after_seven_idle_days_and_its_row_goes(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    token = await appliance.token("ada")
    appliance.host.clock.advance(SESSION_IDLE_SECONDS)
    assert await appliance.sessions.validate(token)
    appliance.host.clock.advance(SESSION_IDLE_SECONDS + 1)
    assert await appliance.sessions.validate(token) is None
    assert await rows(appliance) == []


async def test_ended_sessions_are_distinguished_from_living_ones(appliance: TestAppliance) -> None:
    for name in ("ada", "bo", "cy"):
        await appliance.add(name)

    async def begin(name: str) -> str:
        claims = appliance.signer.read(await appliance.token(name))
        assert claims
        return claims.session_id

    old = await begin("cy")
    appliance.host.clock.advance(SESSION_IDLE_SECONDS + 1)
    good, of_disabled = await begin("ada"), await begin("bo")
    await appliance.accounts.disable("bo")
    assert await appliance.sessions.alive([good, of_disabled, old, "nobody's"]) == {good}


async def test_the_use_is_written_at_most_once_a_minute(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    token = await appliance.token("ada")

    async def last_used_after(seconds: float) -> str:
        appliance.host.clock.advance(seconds)
        assert await appliance.sessions.validate(token)
        return str((await rows(appliance))[0]["last_used"])

    assert await last_used_after(59) == "2026-01-01T00:00:00Z"
    assert await last_used_after(1) == "2026-01-01T00:01:00Z"
    assert await last_used_after(30) == "2026-01-01T00:01:00Z"


async def test_a_full_disk_locks_nobody_out(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    token = await appliance.token("ada")
    appliance.host.clock.advance(120)

    async def full(work: object) -> object:
        raise NoSpace("database.full")

    appliance.database.write = full  # type: ignore[method-assign, assignment]
    assert await appliance.sessions.validate(token)


async def test_a_valid_signature_without_a_row_or_with_another_name_is_nothing(appliance: TestAppliance) -> None:
    await appliance.add("ada", admin=True)
    await appliance.add("bob")
    claims = appliance.signer.read(await appliance.token("bob"))
    assert claims is not None
    assert await appliance.sessions.validate(appliance.signer.sign(Claims("no such", "bob", 0))) is None
    assert await appliance.sessions.validate(appliance.signer.sign(Claims(claims.session_id, "ada", 0))) is None


@pytest.mark.parametrize("change", ["disable", "password"])
async def test_an_account_that_changes_while_its_password_is_checked_gets_no_session(
    appliance: TestAppliance, change: str
) -> None:
    await appliance.add("ada")
    verified = await appliance.accounts.verify("ada", PASSWORD)
    assert verified is not None
    if change == "disable":
        await appliance.accounts.disable("ada")
    else:
        await appliance.database.write(
            lambda connection: connection.execute("UPDATE accounts SET password_hash = 'other'").rowcount
        )
    with pytest.raises(Unauthorized, match="invalid credentials"):
        await appliance.sessions.create("ada", verified.password_hash)
    assert await rows(appliance) == []


async def test_sessions_of_one_account_are_bounded_and_the_least_used_goes_first(appliance: TestAppliance) -> None:
    sessions = Sessions(appliance.database, appliance.host.clock, appliance.signer, per_account=3)
    await appliance.add("ada")
    await appliance.add("bob")
    bobs = await appliance.token("bob", sessions)
    tokens = []
    for _ in range(5):
        appliance.host.clock.advance(1)
        tokens.append(await appliance.token("ada", sessions))
    assert [bool(await sessions.validate(token)) for token in tokens] == [False, False, True, True, True]
    assert await sessions.validate(bobs)


@pytest.mark.conformance("SES-09")
async def test_all_sessions_of_an_account_can_be_ended(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    await appliance.add("bob")
    for name in ("ada", "ada", "bob"):
        await appliance.token(name)
    assert await appliance.sessions.revoke_all_for_user("ada") == 2
    assert [row["username"] for row in await rows(appliance)] == ["bob"]


@pytest.mark.conformance("SES-09")
async def test_the_account_of_a_session_can_be_asked_for(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    await appliance.token("ada")
    [session] = await appliance.sessions.list("ada")
    assert await appliance.sessions.get_username(session.id) == "ada"
    assert await appliance.sessions.get_username("no such") is None
    appliance.host.clock.advance(SESSION_IDLE_SECONDS + 1)
    assert await appliance.sessions.get_username(session.id) is None
    assert await appliance.sessions.list("ada") == ()


@pytest.mark.conformance("SES-09")
async def test_whether_an_administrator_is_signed_in_can_be_asked(appliance: TestAppliance) -> None:
    await appliance.add("bob")
    await appliance.token("bob")
    assert not await appliance.sessions.has_active_admin_sessions()
    await appliance.add("ada", admin=True)
    await appliance.token("ada")
    assert await appliance.sessions.has_active_admin_sessions()
    appliance.host.clock.advance(SESSION_IDLE_SECONDS + 1)
    assert not await appliance.sessions.has_active_admin_sessions()


@pytest.mark.conformance("SES-04", "SES-09")
async def test_expired_sessions_are_removed_every_hour(appliance: TestAppliance) -> None:
    await appliance.add("ada")
    await appliance.token("ada")

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
        nursery.start_soon(Signalling(appliance.database, appliance.host.clock, appliance.signer).serve)
        await done.wait()
        assert len(await rows(appliance)) == 1
        await trio.testing.wait_all_tasks_blocked()
        done = trio.Event()
        appliance.host.clock.advance(SESSION_IDLE_SECONDS + 1)
        await done.wait()
        assert await rows(appliance) == []
        nursery.cancel_scope.cancel()

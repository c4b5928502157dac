"""Settings: defaults, rules of the known keys, and a memory that is always right."""

import sqlite3

import pytest
import trio

from townos.errors import Invalid, Malformed, NoSpace, NotFound
from townos.limits import SETTINGS_MAX_ROWS
from townos.settings.settings import Settings
from townos.testing.appliance import TestAppliance


@pytest.mark.conformance("SET-01")
async def test_defaults_are_stored_at_the_start(appliance: TestAppliance) -> None:
    assert await appliance.settings.all() == {
        "allowed_hosts": "",
        "max_archive_members": "50000",
        "archive_unpack_timeout": "600",
        "default_quota": "53687091200",
        "locale": "en-US",
        "max_archive_size": "1073741824",
        "max_vm_image_size": "137438953472",
        "snapshots_kept": "10",
        "space_stop_percent": "95",
        "space_warn_percent": "85",
        "start_watch_seconds": "2",
        "upgrade_watch_seconds": "15",
        "vm_accelerator": "auto",
    }


@pytest.mark.conformance("SET-01")
async def test_a_start_keeps_chosen_settings(appliance: TestAppliance) -> None:
    await appliance.settings.set("default_quota", "1GB")
    await appliance.settings.set("of my own", "x")
    reopened = await Settings.open(appliance.database)
    assert await reopened.all() == await appliance.settings.all()
    assert await reopened.bytes("default_quota") == 1024**3


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("default_quota", "500GB", "536870912000"),
        ("default_quota", "10mb", "10485760"),
        ("default_quota", "", "0"),
        ("max_archive_size", "123", "123"),
        ("archive_unpack_timeout", "10m", "600"),
        ("archive_unpack_timeout", "90", "90"),
        ("locale", "fr-CA", "fr-CA"),
        ("start_watch_seconds", "0", "0"),
        ("space_warn_percent", "070", "70"),
        ("max_archive_members", " 0100000", "100000"),
        ("allowed_hosts", " Home.Example.org, other\n10.0.0.1 [::1] other ", "home.example.org,other,10.0.0.1,[::1]"),
        ("allowed_hosts", " , ", ""),
        ("max_vm_image_size", "2gb", "2147483648"),
        ("vm_accelerator", "tcg", "tcg"),
        ("anything", " kept as it is ", " kept as it is "),
        ("dismissed_upgrades_hash", "", ""),
    ],
)
@pytest.mark.conformance("SET-03")
async def test_a_value_is_stored_in_one_form(appliance: TestAppliance, key: str, value: str, kept: str) -> None:
    await appliance.settings.set(key, value)
    assert await appliance.settings.get(key) == kept


@pytest.mark.parametrize(
    ("key", "value", "detail"),
    [
        (
            "archive_unpack_timeout",
            "",
            'invalid value for "archive_unpack_timeout": enter a duration from 1s to 7d',
        ),
        (
            "archive_unpack_timeout",
            "0",
            'invalid value for "archive_unpack_timeout": enter a duration from 1s to 7d',
        ),
        (
            "archive_unpack_timeout",
            "8d",
            'invalid value for "archive_unpack_timeout": enter a duration from 1s to 7d',
        ),
        (
            "archive_unpack_timeout",
            "soon",
            (
                'invalid value for "archive_unpack_timeout": '
                '"soon" is not a valid duration: use a whole number of seconds, or one followed by s, m, h or d'
            ),
        ),
        ("start_watch_seconds", "11m", 'invalid value for "start_watch_seconds": enter a duration from 0 to 10m'),
        ("locale", "English", 'invalid value for "locale": enter a language code like en-US'),
        (
            "max_archive_members",
            "0",
            'invalid value for "max_archive_members": enter a whole number from 1 to 1000000',
        ),
        (
            "max_archive_members",
            "1e3",
            'invalid value for "max_archive_members": enter a whole number from 1 to 1000000',
        ),
        (
            "space_stop_percent",
            "101",
            'invalid value for "space_stop_percent": enter a whole number from 1 to 100',
        ),
        ("snapshots_kept", "0", 'invalid value for "snapshots_kept": enter a whole number from 1 to 100'),
        (
            "space_stop_percent",
            "0",
            'invalid value for "space_stop_percent": enter a whole number from 1 to 100',
        ),
        (
            "allowed_hosts",
            "http://x",
            'invalid value for "allowed_hosts": "http://x" is not a valid host name or address',
        ),
        ("vm_accelerator", "xen", 'invalid value for "vm_accelerator": enter one of: auto, kvm, tcg'),
        ("allowed_hosts", "*", 'invalid value for "allowed_hosts": "*" is not a valid host name or address'),
        (
            "allowed_hosts",
            ",".join(f"h{number}" for number in range(65)),
            'invalid value for "allowed_hosts": there cannot be more than 64 host names',
        ),
    ],
)
async def test_a_bad_value_is_told_and_changes_nothing(
    appliance: TestAppliance, key: str, value: str, detail: str
) -> None:
    before = await appliance.settings.all()
    with pytest.raises(Invalid) as refused:
        await appliance.settings.set(key, value)
    assert refused.value.text() == detail
    assert [field.name for field in refused.value.fields] == ["value"]
    assert await appliance.settings.all() == before


@pytest.mark.parametrize("value", ["lots", "-1", "1.5GB", "1KB"])
@pytest.mark.parametrize("key", ["default_quota", "max_archive_size"])
async def test_a_bad_byte_value_is_malformed(appliance: TestAppliance, key: str, value: str) -> None:
    with pytest.raises(Malformed) as refused:
        await appliance.settings.set(key, value)
    assert refused.value.text() == (
        f'invalid byte value for "{key}": "{value}" is not a valid size: '
        "use a whole number of bytes, or one followed by MB, GB or TB"
    )


async def test_an_unknown_key_and_an_empty_key_are_told(appliance: TestAppliance) -> None:
    with pytest.raises(NotFound, match='setting "nothing" not found'):
        await appliance.settings.get("nothing")
    with pytest.raises(Malformed, match="key is required"):
        await appliance.settings.set("", "x")


async def test_the_number_of_settings_is_limited(appliance: TestAppliance) -> None:
    full = Settings(appliance.database, {str(number): "" for number in range(SETTINGS_MAX_ROWS)})
    with pytest.raises(Invalid, match="there cannot be more than 1000 settings"):
        await full.set("one more", "")
    await full.set("1", "changed")


async def test_other_rooms_read_typed_values(appliance: TestAppliance) -> None:
    settings = appliance.settings
    assert await settings.bytes("max_archive_size") == 1024**3
    assert await settings.seconds("archive_unpack_timeout") == 600
    assert await settings.integer("space_warn_percent") == 85
    assert settings.locale == "en-US"
    await settings.set("allowed_hosts", "Town.example.org")
    assert settings.allowed_hosts == {"town.example.org"}


async def test_a_stored_value_that_is_unusable_counts_as_its_default(appliance: TestAppliance) -> None:
    def spoil(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE settings SET value = 'spoilt!' WHERE key = 'default_quota'")

    await appliance.database.write(spoil)
    settings = await Settings.open(appliance.database)
    assert await settings.bytes("default_quota") == 50 * 1024**3
    assert await settings.get("default_quota") == "spoilt!"


async def test_a_value_that_could_not_be_stored_does_not_count(appliance: TestAppliance) -> None:
    class Full:
        """A database without space."""

        async def write(self, work: object) -> None:
            raise NoSpace("database.full")

    settings = Settings(Full(), await appliance.settings.all())  # type: ignore[arg-type]
    with pytest.raises(NoSpace):
        await settings.set("locale", "fr-FR")
    assert settings.locale == "en-US"


async def test_memory_and_table_agree_after_many_changes_at_once(appliance: TestAppliance) -> None:
    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(appliance.settings.set, "key", str(number))
    reopened = await Settings.open(appliance.database)
    assert await reopened.get("key") == await appliance.settings.get("key")

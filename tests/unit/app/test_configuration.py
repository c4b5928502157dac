"""Flags come first, then the environment, then defaults."""

from pathlib import Path

import pytest

from townos.app.configuration import Configuration, Listen, parse
from townos.errors import Invalid


def of(*argv: str, **environment: str) -> Configuration:
    return parse(argv, environment)


def test_the_defaults_are_the_appliances_paths() -> None:
    configuration = of()
    assert configuration.listen == Listen("", 5309)
    assert configuration.database == Path("/town-os/data/db/system.db")
    assert configuration.btrfs == Path("/town-os")
    assert configuration.repositories == Path("/town-os/data/repos")
    assert configuration.network_state == Path("/run/town-os")
    assert configuration.network_mode == "bridge"
    assert not configuration.test


def test_flags_take_one_dash_or_two() -> None:
    assert of("-db", "/x/y.db").database == of("--db", "/x/y.db").database == Path("/x/y.db")


def test_the_environment_gives_the_address_only_when_the_flag_is_at_its_default() -> None:
    assert of(TOWN_OS_LISTEN="127.0.0.1:80").listen == Listen("127.0.0.1", 80)
    assert of("-listen", ":81", TOWN_OS_LISTEN=":80").listen == Listen("", 81)


@pytest.mark.parametrize("text", ["5309", ":", ":x", ":65536", "host:-1", ":١"])
def test_an_address_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="must look like"):
        Listen.parse(text)


def test_an_ipv6_address_is_written_in_brackets() -> None:
    assert Listen.parse("[::1]:5309") == Listen("::1", 5309)


def test_credentials_come_together_or_not_at_all() -> None:
    both = of(TOWN_OS_REPO_USERNAME="u", TOWN_OS_REPO_PASSWORD="p").default_credentials
    assert both is not None
    assert both.username == "u"
    assert "'p'" not in repr(both)
    with pytest.raises(Invalid, match="together"):
        of(TOWN_OS_REPO_USERNAME="u")


def test_crash_points_exist_only_in_test_mode() -> None:
    assert of(TOWN_OS_CRASH="install:unit:after").crash is None
    assert of(TOWN_OS_CRASH="install:unit:after", TOWN_OS_TEST="1").crash == "install:unit:after"


@pytest.mark.parametrize("environment", [{"LOG_LEVEL": "loud"}, {"TOWN_OS_NETWORK_MODE": "bridged"}])
def test_unknown_words_are_refused(environment: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        of(**environment)


def test_secrets_never_show_in_a_repr() -> None:
    assert "hush" not in repr(of(TOWN_OS_SIGNING_KEY="hush"))

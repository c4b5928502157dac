"""The settings that the program reads: their defaults, and what each accepts and stores."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Final

from townos.errors import Invalid
from townos.i18n import DEFAULT_LOCALE
from townos.limits import (
    ALLOWED_HOSTS_MAX,
    ARCHIVE_MEMBERS_MAX,
    SETTING_DURATION_MAX_SECONDS,
    SETTING_WATCH_MAX_SECONDS,
    SNAPSHOTS_KEPT_MAX,
)
from townos.quantities import format_duration, parse_bytes, parse_duration

Rule = Callable[[str], str]
"""Returns the text to store. Raises `Invalid` that tells what is accepted."""

_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_HOST: Final = re.compile(r"(?!.{254})[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def _byte_count(value: str) -> str:
    return str(parse_bytes(value))


def _seconds(least: int, most: int) -> Rule:
    def rule(value: str) -> str:
        seconds = parse_duration(value)
        if not value.strip() or not least <= seconds <= most:
            raise Invalid("settings.duration_range", format_duration(least), format_duration(most))
        return str(seconds)

    return rule


def _count(least: int, most: int) -> Rule:
    def rule(value: str) -> str:
        text = value.strip()
        if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
            raise Invalid("settings.count_range", least, most)
        return str(int(text))

    return rule


def _one_of(*choices: str) -> Rule:
    def rule(value: str) -> str:
        if value not in choices:
            raise Invalid("settings.choices", ", ".join(choices))
        return value

    return rule


def _locale(value: str) -> str:
    if not _LOCALE.fullmatch(value):
        raise Invalid("settings.invalid_locale")
    return value


def split_hosts(value: str) -> list[str]:
    """Return the host names of a list that is separated by commas or white space, in lower case, without repeats."""
    return list(dict.fromkeys(re.split(r"[,\s]+", value.strip(", \t\r\n").lower()))) if value.strip(", \t\r\n") else []


def _hosts(value: str) -> str:
    hosts = split_hosts(value)
    if len(hosts) > ALLOWED_HOSTS_MAX:
        raise Invalid("settings.too_many_hosts", ALLOWED_HOSTS_MAX)
    for host in hosts:
        if not _HOST.fullmatch(host) and not _is_address(host):
            raise Invalid("settings.invalid_host", host)
    return ",".join(hosts)


def _is_address(host: str) -> bool:
    try:
        ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


DEFAULTS: Final[Mapping[str, str]] = {
    "default_quota": str(50 * 1024**3),
    "max_archive_size": str(1024**3),
    "max_archive_members": "50000",
    "max_vm_image_size": str(128 * 1024**3),
    "archive_unpack_timeout": "600",
    "locale": DEFAULT_LOCALE,
    "start_watch_seconds": "2",
    "upgrade_watch_seconds": "15",
    "allowed_hosts": "",
    "space_warn_percent": "85",
    "space_stop_percent": "95",
    "snapshots_kept": "10",
    "vm_accelerator": "auto",
}
"""Stored at the start unless something is stored already."""

BYTE_KEYS: Final = frozenset({"default_quota", "max_archive_size", "max_vm_image_size"})

RULES: Final[Mapping[str, Rule]] = {
    "default_quota": _byte_count,
    "max_archive_size": _byte_count,
    "max_archive_members": _count(1, ARCHIVE_MEMBERS_MAX),
    "max_vm_image_size": _byte_count,
    "archive_unpack_timeout": _seconds(1, SETTING_DURATION_MAX_SECONDS),
    "locale": _locale,
    "start_watch_seconds": _seconds(0, SETTING_WATCH_MAX_SECONDS),
    "upgrade_watch_seconds": _seconds(0, SETTING_WATCH_MAX_SECONDS),
    "allowed_hosts": _hosts,
    "space_warn_percent": _count(1, 100),
    "space_stop_percent": _count(1, 100),
    "snapshots_kept": _count(1, SNAPSHOTS_KEPT_MAX),
    "vm_accelerator": _one_of("auto", "kvm", "tcg"),
}

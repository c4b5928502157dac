"""What the profile of containers allows, judged as the kernel's filter judges it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.containers.seccomp import confined, write_profile
from townos.errors import Unavailable

ERRNO = "SCMP_ACT_ERRNO"
OWN: dict[str, Any] = {
    "defaultAction": ERRNO,
    "defaultErrnoRet": 38,
    "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
    "syscalls": [
        {"names": ["read", "ioctl", "write"], "action": "SCMP_ACT_ALLOW", "args": [], "includes": {}, "excludes": {}},
        {"names": ["ioctl"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
        {"names": ["bpf"], "action": ERRNO, "errnoRet": 1, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
    ],
}
FICLONE = 0x40049409
SUBVOL_CREATE = 0x5000940E
upper = st.integers(0, 2**32 - 1).map(lambda bits: bits << 32)


def profile(own: dict[str, Any] = OWN) -> dict[str, Any]:
    made: dict[str, Any] = msgspec.json.decode(confined(msgspec.json.encode(own)))
    return made


RULES = [rule for rule in profile()["syscalls"] if "ioctl" in rule["names"]]


def answers(command: int) -> list[str]:
    """Return the action of every rule that fits a command, all 64 bits of it."""
    found = []
    for rule in RULES:
        (argument,) = rule["args"]
        assert (argument["index"], argument["op"]) == (1, "SCMP_CMP_MASKED_EQ")
        if command & argument["value"] == argument["valueTwo"]:
            found.append(rule["action"])
    return found


@given(st.integers(0, 2**32 - 1), upper)
def test_upper_bits_of_a_command_do_not_count(command: int, bits: int) -> None:
    assert answers(command | bits) == answers(command)


@given(st.integers(0, 2**32 - 1), upper)
def test_a_command_of_another_file_system_is_allowed(command: int, bits: int) -> None:
    is_btrfs = command >> 8 & 0xFF == 0x94
    assert is_btrfs or "SCMP_ACT_ALLOW" in answers(command | bits)
    assert is_btrfs or ERRNO not in answers(command | bits)


ALLOWED = {FICLONE, 0x4020940D, 0xC0189436, 0x81009431, 0x8400941F, 0xD0009412, 0x80089419, 0x81F8943C}


def test_only_listed_commands_of_btrfs_are_allowed() -> None:
    """Every number with every size that is allowed for one of them, or differs from such a size in one bit."""
    exact = {command >> 16 for command in ALLOWED}
    sizes = {size ^ flipped for size in exact for flipped in (0, *(1 << bit for bit in range(16)))}
    commands = {size << 16 | 0x9400 | number for size in sizes for number in range(256)}
    assert {command for command in commands if "SCMP_ACT_ALLOW" in answers(command)} == ALLOWED


@given(st.integers(0, 2**16 - 1), st.integers(0, 255), upper)
def test_any_other_command_of_btrfs_is_not_allowed(size: int, number: int, bits: int) -> None:
    command = size << 16 | 0x9400 | number
    assert ("SCMP_ACT_ALLOW" in answers(command | bits)) is (command in ALLOWED)


def test_no_command_is_both_allowed_and_refused() -> None:
    for command in (size << 16 | 0x9400 | number for number in range(256) for size in (0, 0x4004, 0x5000, 0xC018)):
        assert len(set(answers(command))) <= 1


def test_making_a_subvolume_is_not_permitted_and_copying_by_reference_is() -> None:
    assert answers(SUBVOL_CREATE) == [ERRNO]
    assert answers(FICLONE) == ["SCMP_ACT_ALLOW"]


def test_the_rest_of_the_profile_is_unchanged() -> None:
    made = profile()
    assert {key: made[key] for key in OWN if key != "syscalls"} == {key: OWN[key] for key in OWN if key != "syscalls"}
    assert made["syscalls"][:2] == [{**OWN["syscalls"][0], "names": ["read", "write"]}, OWN["syscalls"][2]]


@pytest.mark.parametrize(
    "change",
    [
        lambda own: own | {"defaultAction": "SCMP_ACT_ALLOW"},
        lambda own: {key: own[key] for key in own if key != "syscalls"},
        lambda own: own | {"syscalls": [{"action": "SCMP_ACT_ALLOW"}]},
        lambda own: own | {"syscalls": [{"names": 1}]},
        lambda own: own | {"syscalls": 1},
        lambda own: [own],
    ],
)
def test_an_unknown_form_of_profile_is_refused(change: Callable[[dict[str, Any]], Any]) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        confined(msgspec.json.encode(change(OWN)))


def test_a_profile_that_is_not_json_is_refused() -> None:
    with pytest.raises(Unavailable):
        confined(b"{")


async def test_the_first_profile_that_is_there_counts(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_bytes(msgspec.json.encode(OWN))
    written = tmp_path / "data" / "seccomp.json"
    await write_profile(written, (tmp_path / "missing.json", own))
    assert written.read_bytes() == confined(own.read_bytes())
    before = written.stat().st_ino
    await write_profile(written, (own,))
    assert written.stat().st_ino == before
    own.write_bytes(msgspec.json.encode(OWN | {"defaultErrnoRet": 1}))
    await write_profile(written, (own,))
    assert written.read_bytes() == confined(own.read_bytes())


async def test_no_profile_is_written_without_podmans_own(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=str(tmp_path)):
        await write_profile(tmp_path / "data" / "seccomp.json", (tmp_path / "missing.json",))

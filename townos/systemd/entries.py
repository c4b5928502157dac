"""Journal entries as the wire has them: every key always present, every value a text but for two time stamps."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

Raw = dict[str, Any]
"""An entry as `journalctl -o json` prints it: values are texts, arrays of bytes, `null`, or arrays of such."""


class JournalEntry(msgspec.Struct, frozen=True):
    """One entry. `MonotonicTimestamp` is in microseconds; what the journal does not have is empty."""

    Cursor: str
    RealtimeTimestamp: datetime
    MonotonicTimestamp: int
    Message: str = ""
    MessageID: str = ""
    Priority: str = ""
    CodeFile: str = ""
    CodeLine: str = ""
    CodeFunc: str = ""
    Errno: str = ""
    SyslogFacility: str = ""
    SyslogIdentifier: str = ""
    SyslogPID: str = ""
    PID: str = ""
    UID: str = ""
    GID: str = ""
    Comm: str = ""
    Exe: str = ""
    Cmdline: str = ""
    CapEffective: str = ""
    AuditSession: str = ""
    AuditLoginUID: str = ""
    SystemdCGroup: str = ""
    SystemdSession: str = ""
    SystemdUnit: str = ""
    SystemdUserUnit: str = ""
    SystemdOwnerUID: str = ""
    SystemdSlice: str = ""
    SELinuxContext: str = ""
    SourceRealtimeTimestamp: str = ""
    BootID: str = ""
    MachineID: str = ""
    Hostname: str = ""
    Transport: str = ""

    @property
    def characters(self) -> int:
        """How long all texts together are."""
        return sum(len(value) for value in msgspec.structs.astuple(self) if isinstance(value, str))


FIELDS: Final[Mapping[str, str]] = {
    "MESSAGE": "Message",
    "MESSAGE_ID": "MessageID",
    "PRIORITY": "Priority",
    "CODE_FILE": "CodeFile",
    "CODE_LINE": "CodeLine",
    "CODE_FUNC": "CodeFunc",
    "ERRNO": "Errno",
    "SYSLOG_FACILITY": "SyslogFacility",
    "SYSLOG_IDENTIFIER": "SyslogIdentifier",
    "SYSLOG_PID": "SyslogPID",
    "_PID": "PID",
    "_UID": "UID",
    "_GID": "GID",
    "_COMM": "Comm",
    "_EXE": "Exe",
    "_CMDLINE": "Cmdline",
    "_CAP_EFFECTIVE": "CapEffective",
    "_AUDIT_SESSION": "AuditSession",
    "_AUDIT_LOGINUID": "AuditLoginUID",
    "_SYSTEMD_CGROUP": "SystemdCGroup",
    "_SYSTEMD_SESSION": "SystemdSession",
    "_SYSTEMD_UNIT": "SystemdUnit",
    "_SYSTEMD_USER_UNIT": "SystemdUserUnit",
    "_SYSTEMD_OWNER_UID": "SystemdOwnerUID",
    "_SYSTEMD_SLICE": "SystemdSlice",
    "_SELINUX_CONTEXT": "SELinuxContext",
    "_SOURCE_REALTIME_TIMESTAMP": "SourceRealtimeTimestamp",
    "_BOOT_ID": "BootID",
    "_MACHINE_ID": "MachineID",
    "_HOSTNAME": "Hostname",
    "_TRANSPORT": "Transport",
}
"""The journal's fields (systemd.journal-fields(7)) and the keys of the wire, in the order of `JournalEntry`."""

_ADDRESS: Final[Mapping[str, str]] = {
    "__CURSOR": "Cursor",
    "__REALTIME_TIMESTAMP": "RealtimeTimestamp",
    "__MONOTONIC_TIMESTAMP": "MonotonicTimestamp",
}
_PlainLine: Final = msgspec.defstruct(
    "_PlainLine",
    [*((key, str) for key in _ADDRESS.values()), *((key, str, "") for key in FIELDS.values())],
    rename={key: name for name, key in {**_ADDRESS, **FIELDS}.items()},
)
_plain_decoder: Final = msgspec.json.Decoder(_PlainLine)
_raw_decoder: Final = msgspec.json.Decoder(Raw)


def decoded(line: bytes | bytearray) -> JournalEntry:
    """Return the entry of one line of `journalctl -o json`. Nearly all hold only texts: that is the fast way."""
    try:
        return _entry(*msgspec.structs.astuple(_plain_decoder.decode(line)))
    except msgspec.ValidationError:
        raw = _raw_decoder.decode(line)
        return _entry(*(_text(raw.get(name, "")) for name in (*_ADDRESS, *FIELDS)))


def _entry(cursor: str, realtime: str, monotonic: str, *fields: str) -> JournalEntry:
    return JournalEntry(cursor, datetime.fromtimestamp(int(realtime) / 1_000_000, UTC), int(monotonic), *fields)


def _text(value: Any) -> str:
    """Return a field's value as a text.

    Bytes that are no UTF-8 come as an array of numbers, a value that is too large as `null`, and a field that is there
    several times as an array of its values, of which the first one counts.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value:
        return bytes(value).decode(errors="replace") if isinstance(value[0], int) else _text(value[0])
    return ""

"""Journal entries as the wire has them: every key always present, every value a text but for two time stamps."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

Raw = dict[str, Any]
"""An entry as `journalctl -o json` prints it: values are texts, arrays of bytes, `null`, or arrays of such."""


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
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
"""The journal's fields (systemd.journal-fields(7)) and the keys of the wire."""

_raw_decoder: Final = msgspec.json.Decoder(Raw)


def decoded(line: bytes) -> JournalEntry:
    """Return the entry of one line of `journalctl -o json`."""
    raw = _raw_decoder.decode(line)
    fields = {key: _text(raw[name]) for name, key in FIELDS.items() if name in raw}
    return JournalEntry(
        Cursor=raw["__CURSOR"],
        RealtimeTimestamp=datetime.fromtimestamp(int(raw["__REALTIME_TIMESTAMP"]) / 1_000_000, UTC),
        MonotonicTimestamp=int(raw["__MONOTONIC_TIMESTAMP"]),
        **fields,
    )


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

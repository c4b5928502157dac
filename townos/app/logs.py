"""Logging: structured fields to the journal, or plain lines to standard error where there is none.

Everything that is logged passes the redaction filter first. `extra={"fields": {"UNIT": …}}` adds journal fields.
"""

import logging
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from townos.limits import LOG_FIELD_MAX_BYTES
from townos.redaction import redact

JOURNAL_SOCKET: Final = Path("/run/systemd/journal/socket")
IDENTIFIER: Final = "townos"

_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}


def configure(level: str, journal: Path = JOURNAL_SOCKET) -> None:
    """Send all logging of the process to the journal if there is one, else to standard error."""
    handler: logging.Handler = JournalHandler(journal) if journal.exists() else logging.StreamHandler(sys.stderr)
    handler.addFilter(redact_record)
    handler.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])


def redact_record(record: logging.LogRecord) -> bool:
    """Replace secrets in the message, the traceback and the extra fields of a record; let every record pass."""
    record.msg, record.args = redact(record.getMessage()), ()
    if record.exc_info and not record.exc_text:
        record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
    fields: Mapping[str, object] = getattr(record, "fields", {})
    record.fields = {name: redact(str(value)) for name, value in fields.items()}
    return True


class JournalHandler(logging.Handler):
    """Speaks journald's native datagram protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL)."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        # A journal that does not keep up must not stall the event loop: such a line goes to standard error instead.
        self._socket.settimeout(0)
        self._path = str(path)

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        fields = {
            "MESSAGE": self.format(record),
            "PRIORITY": str(priority(record.levelno)),
            "SYSLOG_IDENTIFIER": IDENTIFIER,
            "LOGGER": record.name,
            "CODE_FILE": record.pathname,
            "CODE_LINE": str(record.lineno),
            "CODE_FUNC": record.funcName or "",
            **getattr(record, "fields", {}),
        }
        try:
            self._socket.sendto(encode(fields), self._path)
        except OSError:
            sys.stderr.write(f"{fields['MESSAGE']}\n")

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
        super().close()


def priority(level: int) -> int:
    """Return the syslog severity of a logging level."""
    thresholds = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
    return next((severity for threshold, severity in thresholds if level >= threshold), 7)


def encode(fields: Mapping[str, str]) -> bytes:
    """Return the datagram of one entry; a value with a line break goes with its length in front."""
    return b"".join(_field(name, value.encode(errors="replace")) for name, value in fields.items())


def _field(name: str, value: bytes) -> bytes:
    value = value[:LOG_FIELD_MAX_BYTES]
    if b"\n" not in value:
        return b"%s=%s\n" % (name.encode(), value)
    return b"%s\n%s%s\n" % (name.encode(), len(value).to_bytes(8, "little"), value)

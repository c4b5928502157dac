"""What is known about a bed while it is up: one small file in its state directory."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from tests.bed.kernel import started
from tests.bed.places import RUN, BedError, BedName


@dataclass(frozen=True, slots=True)
class Record:
    """`owner` is the process that answers for the bed: who boots it, then its systemd-nspawn.

    `leader` is the bed's own process number 1, 0 until it is known.
    """

    network: int
    layers: tuple[str, ...]
    address: str
    host: str
    url: str
    owner: int
    owner_started: str
    leader: int = 0

    @property
    def owned(self) -> bool:
        """Tell whether anybody still answers for it; a bed without an owner has crashed."""
        return started(self.owner) == self.owner_started

    @property
    def running(self) -> bool:
        """Tell whether its machine has booted and still runs."""
        return bool(self.leader) and self.owned

    def booted(self, supervisor: int, leader: int) -> Record:
        """Return the record of the machine that now runs."""
        return replace(self, owner=supervisor, owner_started=started(supervisor), leader=leader)


def write(name: BedName, record: Record) -> None:
    """Keep a bed's record."""
    name.state.mkdir(parents=True, exist_ok=True)
    (name.state / "bed.json").write_text(json.dumps(asdict(record)))


def read(name: BedName) -> Record | None:
    """Return a bed's record, None if there is none or another version of this program wrote it."""
    try:
        fields = json.loads((name.state / "bed.json").read_text())
        return Record(**{**fields, "layers": tuple(fields["layers"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def require(name: BedName) -> Record:
    """Return the record of a bed that is up; raise `BedError` if it is not."""
    record = read(name)
    if record is None or not record.running:
        raise BedError(f"no bed named {name.text!r} is up; `make bed` boots one")
    return record


def everyone() -> list[BedName]:
    """Return every bed of this machine that has a state directory, of whichever checkout."""
    found = (BedName.of_machine(path.name) for path in sorted(RUN.glob("town-bed-*")))
    return [name for name in found if name]

"""Archive files in memory."""

from collections import defaultdict
from pathlib import Path

import trio

from townos.errors import NotFound
from townos.names import ArchiveName


class FakeArchives:
    """Behaves like `ArchiveStore`: `files` has what each archive holds, by the paths in it."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        self.failures: defaultdict[str, list[Exception]] = defaultdict(list)

    async def unpack(self, name: ArchiveName, directory: Path) -> None:
        await trio.lowlevel.checkpoint()
        if self.failures["unpack"]:
            raise self.failures["unpack"].pop(0)
        if name not in self.files:
            raise NotFound("archive.not_found", name)
        for path, content in self.files[name].items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_bytes(content)

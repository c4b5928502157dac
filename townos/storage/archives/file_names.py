"""What a downloaded archive is called."""

from typing import Final

from townos.limits import ARCHIVE_FILE_NAME_MAX_CHARS
from townos.storage.archives.formats import EXTENSIONS, ArchiveFormat
from townos.texts import CONTROL

_DEFAULT: Final = "download"


def download_name(wanted: str, kind: ArchiveFormat) -> str:
    """Return a file name for an archive of a format, as close as can be to what somebody wanted.

    Only what follows the last separator counts, without control characters and without an extension that stands for an
    archive; when nothing is left it is `download`.
    """
    name = CONTROL.sub("", wanted.replace("\\", "/").rpartition("/")[2]).strip()
    extensions = sorted(EXTENSIONS, key=len, reverse=True)
    found = next((extension for extension in extensions if name.lower().endswith(extension)), "")
    stem = name[: len(name) - len(found)][:ARCHIVE_FILE_NAME_MAX_CHARS].strip()
    return (stem if stem.strip(".") else _DEFAULT) + kind.value

"""Volumes of an appliance in a bed: what they hold, to the last detail, and archives for them."""

from tests.bed.bed import Bed
from tests.e2e.api import Api, Reply
from tests.support.archive_appliance import BOUNDARY, form


def listing(bed: Bed, volume: str, *, times_of_directories: bool = True) -> list[str]:
    """Return a line for each thing: path, kind, mode, owner, number of names, size of a file, time, target; and sums.

    What is merged into directories changes their times.
    """
    time = "%T@" if times_of_directories else ""
    directories = f"-type d -printf '%P %y %m %U %G {time}\\n'"
    others = "-printf '%P %y %m %U %G %n %s %T@ %l\\n'"
    script = f"find . {directories} -o {others} && find . -type f -exec sha256sum {{}} +"
    return sorted(bed.check(f"cd /town-os/{volume} && {script}", seconds=300).splitlines())


def staged(bed: Bed) -> list[str]:
    """Return the names of what is set aside at the moment."""
    return bed.check("ls -A /town-os/snapshots/.staging 2>/dev/null || true").split()


def upload(api: Api, volume: str, content: bytes, name: str = "a.tar", **fields: str) -> Reply:
    """Send an archive for a volume; `fields` are the other ones of the form."""
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return api.ask("POST", "/storage/upload-archive", form({"subvolume": volume, **fields}, name, content), headers)

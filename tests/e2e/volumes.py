"""What a volume in a bed holds, to the last detail."""

from tests.bed.bed import Bed


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

"""Archives that are refused, and archives that look like them and are not, by name."""

import tarfile
from collections.abc import Mapping
from typing import Final

from tests.support.archives import directory, extension, hard_link, member, packed, pax_record, symlink

HOSTILE: Final[Mapping[str, bytes]] = {
    "absolute": packed(member("/etc/passwd")),
    "absolute twice": packed(member("//etc/passwd")),
    "parent": packed(member("../out")),
    "parent inside": packed(member("a/../../out")),
    "parent that stays inside": packed(member("a/../b")),
    "parent at the end": packed(directory("a/..")),
    "absolute by a record": extension(b"x", pax_record("path", "/etc/passwd")) + packed(member("a")),
    "parent by a long name": extension(b"L", b"../out\0") + packed(member("a")),
    "absolute link": packed(symlink("link", "/etc")),
    "link out": packed(symlink("link", "..")),
    "link out from below": packed(symlink("a/b/link", "../../../out")),
    "link out by a record": extension(b"x", pax_record("linkpath", "../out")) + packed(symlink("link", "a")),
    "link out by a long name": extension(b"K", b"../out\0") + packed(symlink("link", "a")),
    "link out through another link": packed(symlink("d/e/up", "../.."), symlink("link", "d/e/up/../out")),
    "link out through a later link": packed(symlink("link", "d/e/up/../out"), symlink("d/e/up", "../..")),
    "link that goes up again behind a link": packed(symlink("p/q/up", "../.."), symlink("p/q/link", "up/../out")),
    "empty link": packed(symlink("link", "")),
    "file through a link": packed(symlink("link", "a"), member("link/file")),
    "directory through a link": packed(symlink("link", "a"), directory("link/d")),
    "link over a directory": packed(directory("a"), symlink("a", "b")),
    "link over a directory that holds something": packed(member("a/b"), symlink("a", "c"), member("a/b")),
    "directory over a link": packed(symlink("a", "b"), directory("a")),
    "file over a link": packed(symlink("a", "b"), member("a", b"written through it")),
    "link over a file": packed(member("a"), symlink("a", "b")),
    "file through a file": packed(member("a"), member("a/b")),
    "directory over a file": packed(member("a"), directory("a")),
    "hard link out": packed(hard_link("shadow", "../../etc/shadow")),
    "absolute hard link": packed(hard_link("shadow", "/etc/shadow")),
    "hard link to what was there": packed(hard_link("again", "old")),
    "hard link to a later file": packed(hard_link("again", "a"), member("a")),
    "hard link to a directory": packed(directory("a"), hard_link("again", "a")),
    "hard link to a link": packed(symlink("d/e/up", "../.."), hard_link("up", "d/e/up")),
    "hard link through a link": packed(symlink("a", "b"), member("b/c"), hard_link("again", "a/c")),
    "hard link to the volume": packed(hard_link("again", ".")),
    "character device": packed(member("null", kind=tarfile.CHRTYPE)),
    "block device": packed(member("disk", kind=tarfile.BLKTYPE)),
    "sparse file": packed(member("holes", kind=tarfile.GNUTYPE_SPARSE)),
    "multi-volume": packed(member("rest", kind=b"M")),
    "incremental directory": packed(member("dump", kind=b"D")),
    "old long names": packed(member("names", kind=b"N")),
    "unknown kind": packed(member("thing", kind=b"Z")),
    "no name": packed(member("")),
    "a file in place of the volume": packed(member(".")),
    "a link in place of the volume": packed(symlink(".", "a")),
    "name too long": packed(member("n" * 256)),
    "path too long": packed(member("/".join(["n" * 200] * 21))),
    "link too long": packed(symlink("a", "n" * 5_000)),
    "too deep": packed(member("/".join(["d"] * 101))),
    "no such user": packed(member("a", owner=(2**32 - 1, 0))),
    "no such group": packed(member("a", owner=(0, 2**40))),
}
"""One for each way out of a volume, and for each thing that a volume must not hold."""

HARMLESS: Final[Mapping[str, bytes]] = {
    "links inside": packed(symlink("a/b/link", "../../c/d"), symlink("here", "."), symlink("dangling", "nowhere")),
    "link to the volume": packed(symlink("a/link", "..")),
    "a file again": packed(member("a", b"old"), member("a", b"new")),
    "a link again": packed(symlink("a", "b"), symlink("a", "c")),
    "a directory again": packed(directory("a"), member("a/b"), directory("a")),
    "hard links": packed(member("a"), hard_link("b", "./a"), hard_link("c", "b")),
    "names with dots": packed(member("..."), member("..a"), member("a..")),
    "as deep as can be": packed(member("/".join(["d"] * 100))),
}

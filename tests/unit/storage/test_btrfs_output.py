"""Reading what btrfs-progs print."""

from townos.process import Completed
from townos.storage.btrfs import _children, _descendants, _limits

QGROUPS = """\
Qgroupid    Referenced    Exclusive  Max referenced   Path
--------    ----------    ---------  --------------   ----
0/5              16384        16384            none   <toplevel>
0/257            16384        16384         1048576   installed/core/nginx/1.0/data
0/258            16384        16384         2097152   <stale>
1/100            16384        16384         4194304   <0 member qgroups>
"""
WITHOUT_PATHS = """\
qgroupid         rfer         excl     max_rfer
--------         ----         ----     --------
0/5             16384        16384         none
0/257           16384        16384      1048576
"""
SUBVOLUMES = b"""\
ID 256 gen 7 top level 5 path user
ID 257 gen 7 top level 256 path user/a
ID 258 gen 7 top level 257 path user/a/b with space
ID 259 gen 7 top level 258 path user/a/b with space/c
ID 260 gen 7 top level 256 path user/d
"""


def test_limits_are_read_by_subvolume() -> None:
    assert _limits(QGROUPS) == {257: 1_048_576, 258: 2_097_152}
    assert _limits(WITHOUT_PATHS) == {257: 1_048_576}
    assert _limits("") == {}


def test_subvolumes_inside_come_deepest_first() -> None:
    children = _children(Completed((), 0, SUBVOLUMES, b""))
    assert _descendants(children, 257) == [259, 258]
    assert _descendants(children, 260) == []

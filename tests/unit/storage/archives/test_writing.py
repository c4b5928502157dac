"""Header blocks for tar, beside those that Python's own writer makes."""

import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.limits import ID_MAX
from townos.storage.archives.tar.members import Kind, Member
from townos.storage.archives.tar.writing import written

TYPES = {
    Kind.FILE: tarfile.REGTYPE,
    Kind.DIRECTORY: tarfile.DIRTYPE,
    Kind.SYMLINK: tarfile.SYMTYPE,
    Kind.HARD_LINK: tarfile.LNKTYPE,
}
PARTS = st.binary(min_size=1, max_size=120).filter(lambda part: not {b"/", b"\0"} & {bytes([one]) for one in part})
NAMES = st.lists(PARTS.filter(lambda part: part not in {b".", b".."}), min_size=1, max_size=4)


OWNERS = st.integers(0, ID_MAX)
MEMBERS = st.builds(
    Member,
    path=NAMES.map(tuple),
    kind=st.sampled_from(list(TYPES)),
    size=st.integers(0, 2**40),
    mode=st.integers(0, 0o7777),
    uid=OWNERS,
    gid=OWNERS,
    mtime=st.integers(0, 2**33 - 1),
    link=NAMES.map(b"/".join),
)


@given(MEMBERS)
def test_headers_equal_those_of_tarfile(member: Member) -> None:
    info = tarfile.TarInfo(b"/".join(member.path).decode("utf-8", "surrogateescape"))
    if member.kind in {Kind.SYMLINK, Kind.HARD_LINK}:
        info.linkname = member.link.decode("utf-8", "surrogateescape")
    info.type, info.size, info.mode, info.mtime = TYPES[member.kind], member.size, member.mode, member.mtime
    info.uid, info.gid = member.uid, member.gid
    assert written(member) == info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


@pytest.mark.parametrize("length", [99, 100, 101, 511, 512])
def test_names_at_the_edges_of_their_fields(length: int) -> None:
    info = tarfile.TarInfo("n" * length)
    member = Member((b"n" * length,), Kind.FILE)
    assert written(member) == info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")

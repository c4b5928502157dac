"""A tar stream that is read, judged and written anew."""

import tarfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.archives import (
    END,
    TarFormat,
    cut,
    directory,
    extension,
    hard_link,
    header,
    listed,
    member,
    packed,
    padded,
    pax_record,
    symlink,
)
from townos.errors import Forbidden, Invalid, Malformed, TownError
from townos.storage.archives.rules import ArchiveLimits, Rules
from townos.storage.archives.tar.canonical import CanonicalTar

LIMITS = ArchiveLimits(bytes=10_000_000, members=1_000, seconds=60)
FORMATS: list[TarFormat] = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]

NAMES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=40), min_size=1, max_size=6
)
PATHS = NAMES.map("/".join).filter(lambda name: not {".", ".."} & set(name.split("/")) and len(name.encode()) < 250)
FILES = st.dictionaries(PATHS, st.binary(max_size=2_000), max_size=8)


def canonical(
    stream: bytes, *, sizes: list[int] | None = None, limits: ArchiveLimits = LIMITS, depth: int = 0
) -> bytes:
    """Return what is left of a stream to be unpacked, the stream being fed in pieces of these sizes."""
    tar = CanonicalTar(Rules(limits, depth))
    written = b"".join(bytes(piece) for part in cut(stream, sizes or []) for piece in tar.feed(part))
    tar.finish()
    return written


def names(stream: bytes) -> list[str]:
    return [one[0] for one in listed(stream)]


@pytest.mark.conformance("ARC-02")
@pytest.mark.parametrize("tar_format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@given(
    files=FILES,
    owner=st.tuples(st.integers(0, 2**32 - 2), st.integers(0, 2**32 - 2)),
    sizes=st.lists(st.integers(0, 1_500), max_size=20),
)
def test_the_output_does_not_depend_on_how_the_input_is_split(
    tar_format: TarFormat, files: dict[str, bytes], owner: tuple[int, int], sizes: list[int]
) -> None:
    members = [member(name, content, owner=owner, mode=0o1711) for name, content in files.items()]
    stream = packed(*members, tar_format=tar_format)
    try:
        written = canonical(stream, sizes=sizes)
    except Invalid as error:  # one name is a directory of another
        assert error.code in {"archive.changes_kind", "archive.through_link", "archive.name_too_long"}
        return
    assert listed(written) == listed(stream)


@pytest.mark.parametrize("tar_format", FORMATS)
def test_every_kind_of_member_comes_through_in_every_dialect(tar_format: TarFormat) -> None:
    deep = "d/" + "n" * 50 + "/" + "m" * 40
    stream = packed(
        directory("d", mode=0o2750), member(deep, b"x" * 513), hard_link("d/again", deep), symlink("d/link", "../d"),
        member("empty"), tar_format=tar_format,
    )  # fmt: skip
    assert listed(canonical(stream)) == listed(stream)


def test_names_are_normalized_and_keep_their_bytes() -> None:
    stream = packed(member("./a//b/./c"), member("\udce4.txt"), member("-rf"), member("line\nbreak"))
    assert names(canonical(stream)) == ["a/b/c", "\udce4.txt", "-rf", "line\nbreak"]


def test_the_member_for_the_directory_itself_is_left_out() -> None:
    assert names(canonical(packed(directory("./"), member("./a")))) == ["a"]


def test_fifos_are_left_out_and_links_to_them_refused() -> None:
    fifo = member("pipe", kind=tarfile.FIFOTYPE)
    assert names(canonical(packed(fifo, member("a")))) == ["a"]
    with pytest.raises(Invalid, match='"again"'):
        canonical(packed(fifo, hard_link("again", "pipe")))


def test_labels_and_comments_are_left_out() -> None:
    label = member("backup", kind=b"V")
    comment = extension(b"g", pax_record("comment", "0123abcd"))
    assert names(canonical(comment + packed(label, member("a")))) == ["a"]


def test_records_for_all_members_give_owners_and_times() -> None:
    stream = extension(b"g", pax_record("uid", "33") + pax_record("mtime", "5.25")) + packed(member("a"), member("b"))
    assert [(one[4], one[6]) for one in listed(canonical(stream))] == [(33, 5), (33, 5)]


def test_times_that_tar_would_complain_about_are_moved_into_its_range() -> None:
    stream = packed(member("old", mtime=-(2**50)), member("new", mtime=2**60))
    assert [one[6] for one in listed(canonical(stream))] == [0, 2**33 - 1]


def test_a_name_that_ends_in_a_slash_is_a_directory() -> None:
    assert listed(canonical(header(tarfile.TarInfo("d/")) + END))[0][:2] == ("d", tarfile.DIRTYPE)


def test_links_and_directories_have_no_content_whatever_size_they_claim() -> None:
    info, _ = directory("d")
    info.size = 5_000
    stream = header(info) + packed(member("a", b"x"))
    assert names(canonical(stream)) == ["d", "a"]


@pytest.mark.conformance("ARC-02")
@given(keep=st.integers(0, 512 * 9 - 1))
@example(keep=512 * 8)
def test_a_stream_that_is_cut_off_anywhere_is_refused(keep: int) -> None:
    stream = packed(member("a", b"x" * 600), member("b" * 120, b"y"))[: 512 * 9]
    with pytest.raises(Malformed):
        canonical(stream[:keep])


@pytest.mark.parametrize("after", [b"x", packed(member("b")), bytes(512) + b"x" * 512, bytes(100) + b"x"])
def test_only_zeros_may_follow_the_end_of_an_archive(after: bytes) -> None:
    assert names(canonical(packed(member("a")) + bytes(20_000) + bytes(77))) == ["a"]
    with pytest.raises(Malformed):
        canonical(packed(member("a")) + after)


@pytest.mark.parametrize("between", [bytes(512)], ids=["one block of zeros"])
def test_members_after_half_an_end_are_refused(between: bytes) -> None:
    with pytest.raises(Malformed):
        canonical(header(tarfile.TarInfo("a")) + between + packed(member("b")))


@pytest.mark.parametrize(
    "stream",
    [
        extension(b"x", b"rubbish") + packed(member("a")),
        extension(b"x", pax_record("path", "a")) + END,
        extension(b"x", b"") + packed(member("a")),
        extension(b"x", pax_record("path", "a" * 2**20)) + packed(member("a")),
        extension(b"g", pax_record("path", "a")) + packed(member("a")),
        extension(b"L", b"name\0other") + packed(member("a")),
        b"no archive at all" * 100,
    ],
    ids=["no records", "nothing after", "empty", "too long", "for all", "two names", "rubbish"],
)
def test_extensions_that_cannot_be_read_are_refused(stream: bytes) -> None:
    with pytest.raises(Malformed):
        canonical(stream)


def test_the_limits_of_an_archive_are_exact() -> None:
    stream = packed(member("a", b"x" * 1_000), member("b"), directory("c"))
    assert canonical(stream, limits=ArchiveLimits(1_000, 3, 1))
    with pytest.raises(Forbidden) as too_large:
        canonical(stream, limits=ArchiveLimits(999, 3, 1))
    with pytest.raises(Forbidden) as too_many:
        canonical(stream, limits=ArchiveLimits(1_000, 2, 1))
    assert (too_large.value.code, too_many.value.code) == ("archive.unpacked_too_large", "archive.too_many_members")


@pytest.mark.slow
def test_a_hundred_thousand_tiny_members_are_refused_when_there_are_too_many() -> None:
    tar = CanonicalTar(Rules(ArchiveLimits(bytes=10**9, members=50_000, seconds=60)))
    fed: list[int] = []

    def feed() -> None:
        for number in range(100_000):
            assert len(b"".join(tar.feed(header(member(f"d/{number}")[0])))) == 512
            fed.append(number)

    with pytest.raises(Forbidden) as too_many:
        feed()
    assert (too_many.value.code, len(fed)) == ("archive.too_many_members", 49_999)  # `d` is one of them


def test_a_size_is_refused_before_its_content_has_come() -> None:
    info = tarfile.TarInfo("bomb")
    info.size = 2**60
    with pytest.raises(Forbidden):
        canonical(header(info))


@pytest.mark.parametrize(
    "filling", [END, extension(b"g", pax_record("comment", "x" * 900)), header(member("v", kind=b"V")[0])]
)
def test_skipped_members_count_towards_the_limits(filling: bytes) -> None:
    with pytest.raises(Forbidden):
        canonical(packed(member("a"))[:-1024] + filling * 300 + END, limits=ArchiveLimits(100_000, 10, 1))


def test_directories_that_are_only_part_of_a_name_count_as_members() -> None:
    with pytest.raises(Forbidden):
        canonical(packed(member("a/b/c/d/e")), limits=ArchiveLimits(1_000, 4, 1))


@given(
    stream=st.lists(
        st.one_of(st.binary(max_size=600), st.just(padded(b"x")), st.just(header(tarfile.TarInfo("a")))), max_size=6
    )
)
def test_any_bytes_give_an_error_of_ours_or_an_archive(stream: list[bytes]) -> None:
    try:
        written = canonical(b"".join(stream))
    except TownError as error:
        assert error.fields
        return
    assert isinstance(names(written), list)

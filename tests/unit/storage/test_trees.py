"""What the kernel's search of btrfs trees gives."""

import errno
import struct

import pytest

from townos.storage.btrfs.tree_search import limit_of, limits, space_of, spaces, subvolumes_inside

KEY = struct.Struct("=7Q4I4Q")
BUFFER_BYTES = 4096
Key = tuple[int, int, int, int]

ROOT_TREE, ROOT_REF, ROOT_BACKREF = 1, 156, 144
QUOTA_TREE, QGROUP_INFO, QGROUP_LIMIT = 8, 242, 244
NO_LIMIT = 2**64 - 1


class Kernel:
    """Answers searches like the kernel: by keys in their order, as many items as fit, and at most `at_once`."""

    def __init__(self) -> None:
        self.items: dict[Key, bytes] = {}
        self.trees = {ROOT_TREE}
        self.at_once = 1_000

    def add(self, tree: int, objectid: int, kind: int, offset: int, item: bytes) -> None:
        self.trees.add(tree)
        self.items[tree, objectid, kind, offset] = item

    def nest(self, parent: int, child: int, name: bytes = b"a") -> None:
        """Put a subvolume into another one."""
        ref = struct.pack("<QQH", 256, 2, len(name)) + name
        self.add(ROOT_TREE, parent, ROOT_REF, child, ref)
        self.add(ROOT_TREE, child, ROOT_BACKREF, parent, ref)

    def limit(self, group: int, flags: int, referenced: int) -> None:
        """Set the limits of a group."""
        self.add(QUOTA_TREE, 0, QGROUP_INFO, group, struct.pack("<5Q", 7, 32_768, 9, 16_384, 9))
        self.add(QUOTA_TREE, 0, QGROUP_LIMIT, group, struct.pack("<5Q", flags, referenced, 0, 0, 0))

    def ioctl(self, _: int, request: int, buffer: bytearray) -> None:
        assert request == 0xD0009411
        assert len(buffer) == BUFFER_BYTES
        bounds = KEY.unpack_from(buffer)[:10]
        tree, min_id, max_id, min_offset, max_offset, _, _, min_kind, max_kind, wanted = bounds
        if tree not in self.trees:
            raise OSError(errno.ENOENT, "No such file or directory")
        low, high = (tree, min_id, min_kind, min_offset), (tree, max_id, max_kind, max_offset)
        position, count = KEY.size, 0
        for key in sorted(key for key in self.items if low <= key <= high):
            _, objectid, kind, offset = key
            found = struct.pack("=3Q2I", 9, objectid, offset, kind, len(self.items[key])) + self.items[key]
            if position + len(found) > BUFFER_BYTES or count == min(wanted, self.at_once):
                break
            buffer[position : position + len(found)] = found
            position, count = position + len(found), count + 1
        struct.pack_into("=I", buffer, 64, count)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    kernel = Kernel()
    monkeypatch.setattr("townos.storage.btrfs.tree_search.ioctl", kernel.ioctl)
    return kernel


def test_subvolumes_inside_come_deepest_first_and_no_others(kernel: Kernel) -> None:
    for parent, child in ((5, 256), (256, 257), (257, 258), (258, 259), (257, 261), (256, 260), (260, 262)):
        kernel.nest(parent, child)
    found = subvolumes_inside(3, 257)
    assert sorted(found) == [258, 259, 261]
    assert found.index(259) < found.index(258)
    assert subvolumes_inside(3, 262) == []


def test_a_name_that_looks_like_a_line_of_output_names_no_other_subvolume(kernel: Kernel) -> None:
    kernel.nest(257, 258, b"a\nID 260 gen 1 top level 257 path z")
    kernel.nest(257, 259, b"b\nID 257 gen 1 top level 258 path z\n")
    assert sorted(subvolumes_inside(3, 257)) == [258, 259]


def test_more_subvolumes_than_one_search_returns_are_all_found(kernel: Kernel) -> None:
    inside = range(258, 558)
    for child in inside:
        kernel.nest(257, child, b"x" * 255)
    assert subvolumes_inside(3, 257) == [*reversed(inside)]
    kernel.at_once = 1
    assert subvolumes_inside(3, 257) == [*reversed(inside)]


def test_subvolumes_may_be_nested_deeper_than_calls(kernel: Kernel) -> None:
    for parent in range(257, 2_257):
        kernel.nest(parent, parent + 1)
    assert subvolumes_inside(3, 257) == [*range(2_257, 257, -1)]


def test_limits_are_those_of_subvolumes_that_have_one(kernel: Kernel) -> None:
    kernel.limit(5, 0, 0)
    kernel.limit(257, 1, 1_048_576)
    kernel.limit(258, 0, NO_LIMIT)
    kernel.limit(259, 2, 4_096)  # of exclusive bytes only
    kernel.limit(1 << 48 | 100, 1, 4_194_304)  # a group of groups
    assert limits(3) == {257: 1_048_576}


def test_the_limit_and_the_space_of_one_subvolume_are_its_own(kernel: Kernel) -> None:
    for group, flags in ((256, 1), (257, 1), (258, 0)):
        kernel.limit(group, flags, group * 4_096)
    assert [limit_of(3, group) for group in (256, 257, 258, 259)] == [256 * 4_096, 257 * 4_096, 0, 0]
    assert space_of(3, 257) == (32_768, 16_384)
    assert space_of(3, 259) == (0, 0)


def test_the_space_of_all_subvolumes_leaves_out_groups_of_groups(kernel: Kernel) -> None:
    for group in (257, 258, 1 << 48 | 100):
        kernel.limit(group, 0, 0)
    kernel.at_once = 1
    assert spaces(3) == {257: (32_768, 16_384), 258: (32_768, 16_384)}


def test_no_volume_has_a_limit_without_quotas(kernel: Kernel) -> None:
    assert limits(3) == {}
    assert limit_of(3, 257) == 0
    assert spaces(3) == {}
    assert space_of(3, 257) == (0, 0)


def test_a_search_that_fails_is_not_taken_for_no_limits(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("townos.storage.btrfs.tree_search.ioctl", refuse)
    with pytest.raises(PermissionError):
        limits(3)

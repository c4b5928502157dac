"""Whatever a volume and a snapshot hold: the path becomes what it was, and nothing else changes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Union

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.stopping import never
from townos.errors import Conflict
from townos.names import InnerPath
from townos.storage.history.path_swap import PathSwap

Tree = Mapping[str, Union[str, "Tree"]]
"""Files by their content and directories by what they hold."""

NAMES = st.sampled_from(["a", "b", "c"])
FILES = st.sampled_from(["one", "two", ""])
TREES = st.recursive(
    st.dictionaries(NAMES, FILES, max_size=3), lambda below: st.dictionaries(NAMES, FILES | below, max_size=3)
)


def write(top: Path, tree: Tree) -> None:
    top.mkdir()
    for name, inside in tree.items():
        if isinstance(inside, str):
            (top / name).write_text(inside)
        else:
            write(top / name, inside)


def read(top: Path) -> Tree:
    return {path.name: read(path) if path.is_dir() else path.read_text() for path in top.iterdir()}


def paths(tree: Tree, above: str = "") -> Iterator[str]:
    for name, inside in tree.items():
        yield f"{above}{name}"
        if not isinstance(inside, str):
            yield from paths(inside, f"{above}{name}/")


def expected(volume: Tree, snapshot: Tree, names: list[str]) -> Tree | None:
    """Return the volume with what the snapshot has at a path; None where a file is in the way."""
    name, *rest = names
    wanted = snapshot[name]
    if not rest:
        return {**volume, name: wanted}
    there = volume.get(name, {})
    if isinstance(there, str) or isinstance(wanted, str):
        return None
    below = expected(there, wanted, rest)
    return None if below is None else {**volume, name: below}


@settings(max_examples=examples(50))
@given(TREES, TREES, st.data())
def test_the_path_is_restored_and_nothing_else_changes(volume: Tree, snapshot: Tree, data: st.DataObject) -> None:
    known = sorted(paths(snapshot))
    assume(known)
    path = data.draw(st.sampled_from(known))
    with TemporaryDirectory() as directory:
        top, past = Path(directory, "volume"), Path(directory, "snapshot")
        write(top, volume)
        write(past, snapshot)
        swapping = PathSwap(top, InnerPath.parse(path))
        after = expected(volume, snapshot, path.split("/"))
        if after is None:
            with pytest.raises(Conflict):
                swapping.prepare(past, never)
        else:
            swapping.prepare(past, never)
            swapping.swap()
        if after is None or data.draw(st.booleans(), "undone"):
            swapping.swap_back()
            after = volume
        swapping.clear(never)
        assert (read(top), read(past)) == (after, snapshot)

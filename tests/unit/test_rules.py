"""Rules of docs/contributing.md that hold in every file, checked on the syntax tree."""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.support.blocking import touching
from townos import limits

ROOT = Path(__file__).parents[2]
PRODUCT = sorted((ROOT / "townos").rglob("*.py"))
SHIELDING = {"shielded": 0, "always": 1, "on_failure": 1}
"""What shields its work, and which argument limits it."""

SHORT_WORK = {
    "townos/api/web_page.py": {"load"},
    "townos/app/composition/storage.py": {"core.reserve.make"},
    "townos/containers/extraction.py": {"is_empty_directory"},
    "townos/containers/seccomp.py": {"_write"},
    "townos/database/engine.py": {"cls._open", "database._close"},
    "townos/git/libgit2_client.py": {"_check_fillable", "_has_repository"},
    "townos/installations/adapters/checkout_manifests.py": {"read_manifest"},
    "townos/installations/restorations.py": {"require_path"},
    "townos/network/files.py": {"self._write", "self._read", "self._remove"},
    "townos/network/sockets.py": {"self._ports", "self._holder"},
    "townos/posix/reserve.py": {"self.give_up"},
    "townos/repositories/checkouts.py": {
        "(self.path(name) / '.git').exists",
        "partial(parent.mkdir, parents=True)",
        "_move",
        "self._swap",
    },
    "townos/repositories/file.py": {"self._locked"},
    "townos/repositories/service.py": {"replace_file", "_last_refreshed"},
    "townos/storage/archives/downloads.py": {"_check_paths"},
    "townos/storage/archives/store.py": {"self._open", "_archives", "os.read"},
    "townos/storage/archives/uploads.py": {"_make_directories"},
    "townos/vm/download.py": {"file.close"},
    "townos/vm/space.py": {"disk_usage"},
    "townos/vm/http.py": {"ssl.create_default_context"},
}
"""What may use Trio's own 40 threads: it takes milliseconds on a disk that works. All else has a budget."""

ON_THE_LOOP = {
    "townos.api.routes.archives.routes.download: downloads.open",  # opens no file yet
    "townos.posix.process._standard_error: Terminal.open",  # no disk is behind it
    "townos.storage.archives.decompression.tar_stream: decompressor",  # looks for a program in /usr/bin
    "townos.storage.archives.downloads.Downloads.open: _argv",  # the same
}

LINES_MAX = 350
NAME_CHARS_MAX = 80
PRONOUNS = {"what", "whatever", "who", "whoever", "whose", "it", "its", "they", "them", "these", "those", "there"}
LOOSE_MODULES = {
    "__init__", "__main__", "cli", "errors", "limits", "names",
    "clock", "concurrency", "encoding", "images", "quantities", "redaction", "texts", "urls",
}  # fmt: skip


@cache
def nodes(path: Path) -> Sequence[ast.AST]:
    """Return all nodes of a file's syntax tree."""
    return list(ast.walk(ast.parse(path.read_text())))


def places(matches: Callable[[ast.AST], bool], files: list[Path] = PRODUCT) -> Iterator[str]:
    for path in files:
        for node in nodes(path):
            if matches(node):
                yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def called(node: ast.AST) -> str:
    """Return the name of the function that a node calls, without what it is an attribute of."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@pytest.mark.conformance("BLD-02")
def test_no_handler_is_bare() -> None:
    assert list(places(lambda node: isinstance(node, ast.ExceptHandler) and node.type is None)) == []


@pytest.mark.conformance("BLD-02")
def test_no_handler_drops_an_error_silently() -> None:
    """`contextlib.suppress` with the types that are expected says so; `except X: pass` hides it among the code."""

    def drops(node: ast.AST) -> bool:
        return isinstance(node, ast.ExceptHandler) and all(isinstance(line, ast.Pass) for line in node.body)

    assert list(places(drops)) == []


@pytest.mark.conformance("BLD-02")
def test_no_broad_type_is_suppressed() -> None:
    def is_broad(node: ast.AST) -> bool:
        names = {getattr(one, "id", "") for one in node.args} if isinstance(node, ast.Call) else set()
        return called(node) == "suppress" and bool(names & {"Exception", "BaseException", "TownError"})

    assert list(places(is_broad)) == []


def test_only_concurrency_shields() -> None:
    def shields(node: ast.AST) -> bool:
        return isinstance(node, ast.keyword) and node.arg == "shield"

    assert {place.partition(":")[0] for place in places(shields)} == {"townos/concurrency.py"}


def test_every_shield_has_a_limit_with_a_name() -> None:
    def has_none(node: ast.AST) -> bool:
        position = SHIELDING.get(called(node))
        if position is None or not isinstance(node, ast.Call):
            return False
        limit = node.args[position]
        return not (isinstance(limit, ast.Name) and (limit.id == "seconds" or hasattr(limits, limit.id)))

    assert list(places(has_none)) == []


def in_trios_threads(tree: ast.AST) -> Iterator[str]:
    """Yield the work that a file runs in Trio's own threads."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or any(keyword.arg == "limiter" for keyword in node.keywords):
            continue
        if called(node) == "run_sync" and "to_thread" in ast.unparse(node.func):
            yield ast.unparse(node.args[0])
        elif called(node) == "partial" and "to_thread.run_sync" in ast.unparse(node.args[0]):
            yield ast.unparse(node.args[1])


def test_long_work_uses_no_threads_of_trio() -> None:
    """Long work would make short work wait: the child processes and name look-ups of Trio itself use those threads."""
    trees = {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in PRODUCT}
    used = {name: set(in_trios_threads(tree)) for name, tree in trees.items()}
    assert {name: work for name, work in used.items() if work} == SHORT_WORK


def test_no_file_is_touched_on_the_event_loop() -> None:
    """A disk that hangs would hang every page. The fakes may: what they touch is in memory or in a test's directory."""
    found = set(touching(ROOT / "townos"))
    fakes = {place for place in found if place.startswith("townos.testing.")}
    assert fakes  # so they are found where they are
    assert found - fakes == ON_THE_LOOP


def test_every_number_of_threads_has_a_name() -> None:
    def has_none(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call) or called(node) not in {"CapacityLimiter", "ThreadBudget"}:
            return False
        (number,) = node.args
        named = isinstance(number, ast.Name) and hasattr(limits, number.id)
        return not named and ast.unparse(number) not in {"1", "self.threads"}

    assert list(places(has_none)) == []


def test_no_file_of_the_product_is_too_long() -> None:
    files = [*PRODUCT, *(ROOT / "web" / "src").rglob("*.ts*")]
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    generated = "schema.d.ts"
    assert {name: lines for name, lines in long.items() if lines > LINES_MAX and generated not in name} == {}


def test_only_what_most_rooms_use_lies_at_the_top() -> None:
    assert {path.stem for path in (ROOT / "townos").glob("*.py")} == LOOSE_MODULES


def names_of_tests() -> list[str]:
    """Return the names of the test functions, and the titles of the tests of the page."""
    python = [
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    pages = (ROOT / "web" / "src").rglob("*.test.ts*")
    titles = [title for path in pages for title in re.findall(r'(?m)^ *(?:test|it)\("([^"]+)"', path.read_text())]
    assert len(python) > 1000
    assert len(titles) > 100
    return python + titles


def test_names_of_tests_state_a_rule_in_80_characters() -> None:
    assert [name for name in names_of_tests() if len(name) > NAME_CHARS_MAX] == []


def test_names_of_tests_begin_with_their_subject() -> None:
    assert [name for name in names_of_tests() if re.split("[ _]", name.removeprefix("test_"))[0] in PRONOUNS] == []


@pytest.mark.conformance("BLD-08")
def test_tests_are_organized_by_room() -> None:
    """A unit test lies in the folder of the room that it tests, or beside the folders for a module of the top."""
    rooms = {path.name for path in (ROOT / "townos").iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    folders = {path.name for path in (ROOT / "tests" / "unit").iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders <= rooms
    assert rooms - folders == {"testing"}  # tests/contract holds its fakes against the real parts
    beside = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "unit").glob("test_*.py")}
    assert beside - LOOSE_MODULES == {"documents", "rules"}


def test_every_place_that_the_map_names_is_there() -> None:
    """`file` and `file:function` in docs/contributing.md, so that the map stays true."""
    text = (ROOT / "docs" / "contributing.md").read_text()
    places = re.findall(r"`(townos/[\w/]+\.py)(?::(\w+))?`", text)
    assert len(places) > 30
    for file, function in places:
        tree = ast.parse((ROOT / file).read_text())
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert not function or function in functions, f"{file}:{function}"


def test_no_walk_of_the_map_has_more_than_12_hops() -> None:
    walks = (ROOT / "docs" / "contributing.md").read_text().partition("## Three walks")[2].partition("## Rules")[0]
    hops = [int(number) for number in re.findall(r"(?m)^(\d+)\. ", walks)]
    assert hops.count(1) == 3
    assert max(hops) <= 12


def test_the_layers_in_the_map_are_those_that_lint_checks() -> None:
    contract = (ROOT / "pyproject.toml").read_text().partition("layers = [")[2].partition("]")[0]
    layers = [line.replace(" : __main__", "") for line in re.findall(r'"([^"]+)"', contract) if line != "cli"]
    drawn = (ROOT / "docs" / "contributing.md").read_text().partition("### Layers")[2].partition("###")[0]
    assert [line.strip() for line in drawn.splitlines() if line.startswith("    ")] == layers

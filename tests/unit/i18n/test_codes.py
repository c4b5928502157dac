"""Whatever the program tells people comes from the catalogue."""

import ast
import re
from collections.abc import Iterator
from inspect import isclass
from pathlib import Path

import pytest

import townos
from townos import errors
from townos.app.boot import STAGES, START
from townos.errors import FieldError, TownError
from townos.i18n.en_us import messages
from townos.names import PackageName, RepositoryName, UnitName, Username, Version, VolumeName

SOURCES = sorted(path for path in Path(townos.__file__).parent.rglob("*.py") if "testing" not in path.parts)
KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
ERRORS = {name for name, kind in vars(errors).items() if isclass(kind) and issubclass(kind, TownError | FieldError)} | {
    "Term"
}

PAGE = Path(__file__).parents[3] / "web" / "src" / "i18n" / "en-us" / "errors.ts"
PAGE_TEXT = re.compile(r'"api\.([a-z0-9_.]+)": "(.*)",')
"""What the page says for the error of a code."""

NAMES = (PackageName, RepositoryName, UnitName, Username, Version, VolumeName)
TUPLED = {"FieldError", "Term"}
"""Those that take their parameters in one tuple."""


def keys(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yield the key, the number of its arguments and the line of each error made with a literal key."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in ERRORS:
            continue
        position = 1 if node.func.id == "FieldError" else 0
        if len(node.args) <= position or any(isinstance(arg, ast.Starred) for arg in node.args):
            continue
        literal = node.args[position]
        if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
            yield literal.value, _arguments(node, position), node.lineno


def _arguments(node: ast.Call, position: int) -> int:
    """Return how many parameters the text is given; -1 if that cannot be read from the source."""
    parameters = node.args[position + 1 :]
    if node.func.id not in TUPLED:  # type: ignore[attr-defined]  # a name, as `keys` has found
        return len(parameters)
    if not parameters:
        return 0
    return len(parameters[0].elts) if isinstance(parameters[0], ast.Tuple) else -1


@pytest.mark.conformance("I18N-01")
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(Path(townos.__file__).parent)))
def test_every_error_has_a_text_that_takes_its_arguments(path: Path) -> None:
    texts = messages()
    for key, arguments, line in keys(path):
        assert KEY.fullmatch(key), f"{path}:{line}"
        assert key in texts, f"{path}:{line}: {key}"
        verbs = len(re.findall(r"%[a-z]", texts[key].replace("%%", "")))
        assert arguments in {-1, verbs}, f"{path}:{line}: {key} takes {verbs} arguments"


TYPED = {"Bytes", "Seconds", "Term"}


def typed_arguments(path: Path) -> Iterator[tuple[str, list[int], int]]:
    """Yield the key, the positions of the typed parameters and the line of each error made with a literal key."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in ERRORS:
            continue
        values = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        literals = [value for value in values if isinstance(value, str) and value in messages()]
        if not literals:
            continue
        parameters = node.args[[getattr(arg, "value", None) for arg in node.args].index(literals[0]) + 1 :]
        if len(parameters) == 1 and isinstance(parameters[0], ast.Tuple):
            parameters = parameters[0].elts
        calls = [getattr(getattr(one, "func", None), "id", "") for one in parameters]
        yield literals[0], [place for place, name in enumerate(calls) if name in TYPED], node.lineno


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(Path(townos.__file__).parent)))
def test_a_typed_parameter_fills_a_placeholder_for_text(path: Path) -> None:
    for key, typed, line in typed_arguments(path):
        verbs = re.findall(r"%[a-z]", messages()[key].replace("%%", ""))
        assert [verbs[place] for place in typed] == ["%s"] * len(typed), f"{path}:{line}: {key}"


def test_no_text_writes_out_a_number_of_bytes_or_seconds() -> None:
    """Such a number is a typed parameter, so that it is shown in a readable unit."""
    raw = [key for key, text in messages().items() if re.search(r"%[dv] (bytes|seconds|minutes|MB|GB)", text)]
    assert raw == []


def test_every_text_is_used() -> None:
    sources = "".join(path.read_text() for path in SOURCES if "i18n" not in path.parts or path.name == "values.py")
    built = (
        "archive.tar.", "audit.action.", "boot.stage.", "duration.", "git.url_", "http.kind.", "name.kind.",
        "network.holder.", "template.", "vm.url_",
    )  # fmt: skip
    unused = [key for key in messages() if f'"{key}"' not in sources and not key.startswith(built)]
    assert unused == []


def test_every_stage_of_the_boot_and_every_kind_of_name_has_a_text() -> None:
    calls = [node for path in SOURCES for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    first = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Stage"]
    stages = {START} | {str(name.value) for name in first if isinstance(name, ast.Constant)}
    assert len(stages) > 1
    assert {f"{STAGES}{stage}" for stage in stages} <= set(messages())
    assert all(str(kind.kind) != kind.kind.key for kind in NAMES)


def test_the_sources_are_found() -> None:
    assert any(key == "http.not_found" for path in SOURCES for key, _, _ in keys(path))


@pytest.mark.parametrize(("code", "text"), PAGE_TEXT.findall(PAGE.read_text()))
def test_the_page_text_of_an_error_fits_its_code_and_parameters(code: str, text: str) -> None:
    verbs = len(re.findall(r"%[a-z]", messages()[code].replace("%%", "")))
    assert all(int(place) < verbs for place in re.findall(r"\{(\d+)\}", text))

"""Keeps docs/conformance.md and the tests' `conformance` marks the same, in both directions.

`python -m tests.conformance` compares and fails on a difference; with `--write` it fills the table's last column from
the marks.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DOCUMENT: Final = ROOT / "docs" / "conformance.md"
PLANNED: Final = "planned"
_ROW: Final = re.compile(r"^\| (?P<id>[A-Z0-9]+-\d\d) \| (?P<statement>.*) \| (?P<tests>[^|]*) \|$")
_WEB_MARK: Final = re.compile(r"@conformance ([A-Z0-9 -]+)")


def marked_tests() -> dict[str, set[str]]:
    """Return, for each row id, the tests that carry it, as `path::name` from the root of the checkout."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, row in _python_marks(ast.parse(path.read_text())):
            found[row].add(f"{path.relative_to(ROOT)}::{name}")
    for path in sorted((ROOT / "web" / "src").rglob("*.test.ts*")):
        for marks in _WEB_MARK.findall(path.read_text()):
            for row in marks.split():
                found[row].add(str(path.relative_to(ROOT)))
    return found


def _python_marks(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in child.decorator_list:
                yield from ((prefix + child.name, row) for row in _rows(decorator))
            if isinstance(child, ast.ClassDef):
                yield from _python_marks(child, f"{prefix}{child.name}::")
        elif isinstance(child, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytestmark" for target in child.targets
        ):
            yield from (("*", row) for row in _rows(child.value))


def _rows(mark: ast.AST) -> Iterator[str]:
    for call in ast.walk(mark):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "conformance":
            yield from (
                word.value for word in call.args if isinstance(word, ast.Constant) and isinstance(word.value, str)
            )


def filled(document: str, marks: dict[str, set[str]]) -> str:
    """Return the document with each row's last column made from the marks. Raises `SystemExit` for unknown ids."""
    rows: set[str] = set()
    lines = []
    for line in document.splitlines():
        if row := _ROW.match(line):
            rows.add(row["id"])
            tests = "<br>".join(f"`{test}`" for test in sorted(marks.get(row["id"], ()))) or PLANNED
            lines.append(f"| {row['id']} | {row['statement']} | {tests} |")
        else:
            lines.append(line)
    if unknown := set(marks) - rows:
        raise SystemExit(f"tests are marked with rows that docs/conformance.md does not have: {sorted(unknown)}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Compare, or write."""
    document = DOCUMENT.read_text()
    wanted = filled(document, marked_tests())
    if "--write" in sys.argv[1:]:
        DOCUMENT.write_text(wanted)
    elif wanted != document:
        raise SystemExit(
            "docs/conformance.md and the tests' marks differ: run `make conformance` and look at the change"
        )


if __name__ == "__main__":
    main()

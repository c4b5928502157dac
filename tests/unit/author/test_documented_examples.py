"""What docs/packages.md shows can be installed."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from townos.author.manifests import check_manifest
from townos.names import PackageId

DOCUMENT = (Path(__file__).parents[3] / "docs/packages.md").read_text()
EXAMPLES = [dedent(block).strip("\n") for block in re.findall(r"\n\n((?: {4}.*\n|\n(?= {4}))+)", DOCUMENT)]
ID = PackageId.parse("core", "example", "1.0")
ADDED = {
    "volumes": "description: An example\nimage: nginx:1.27\nquestions: {site: {query: q}, archive: {query: q}}\n",
    "templates": (
        "description: An example\nimage: nginx:1.27\nvolumes: {config: {mountpoint: /c}}\n"
        "questions: {mail: {query: q, default: me@example.org}}\n"
    ),
    "vm": "description: An example\n",
}
"""What the examples that begin with a field need to be whole; the first one is."""


def example(field: str) -> str:
    (text,) = [example for example in EXAMPLES if example.startswith(f"{field}:")]
    return text


def test_the_whole_example_only_lacks_a_version_of_its_image() -> None:
    findings = check_manifest(ID, example("description").encode(), "example/1.0.yaml")
    assert [(finding.field.code, finding.is_warning) for finding in findings] == [("check.latest", True)]


@pytest.mark.parametrize("field", ["volumes", "templates", "vm"])
def test_the_other_examples_have_nothing_wrong_in_them(field: str) -> None:
    text = f"{ADDED[field]}{example(field)}\n"
    assert [str(finding) for finding in check_manifest(ID, text.encode(), "example/1.0.yaml")] == []

"""What the documents name exists: files, headings, and the routes in docs/api.md."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from townos.api.routing import Auth
from townos.app.http import all_routes
from townos.settings.rules import DEFAULTS
from townos.testing.appliance import TestAppliance

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md"), ROOT / "tests" / "bed" / "README.md"])
API = (ROOT / "docs" / "api.md").read_text()
ROUTE = re.compile(r"`(GET|POST) (/[\w/.-]*)")


def prose(document: Path) -> str:
    """Return a document without its examples."""
    return re.sub(r"(?m)^ {4}.*$", "", document.read_text())


def anchors(document: Path) -> set[str]:
    """Return what links to the headings of a document are called, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.+)$", prose(document))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(document: Path) -> Iterator[str]:
    """Yield the relative links of a document that lead nowhere."""
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_relative_link_leads_to_a_file_and_heading(document: Path) -> None:
    assert list(broken(document)) == []


async def test_every_route_in_the_api_document_exists(appliance: TestAppliance) -> None:
    paths = json.loads(appliance.app.description.document)["paths"]
    named = {(method, path) for method, path in ROUTE.findall(API)}
    assert len(named) > 40
    assert {f"{method} {path}" for method, path in named if method.lower() not in paths.get(path, {})} == set()


def test_every_section_that_the_code_refers_to_exists() -> None:
    """`docs/api.md, Lists` in a docstring names a heading of docs/api.md."""
    code = [path.read_text() for folder in ("townos", "tests") for path in (ROOT / folder).rglob("*.py")]
    named = {reference for text in code for reference in re.findall(r"(docs/\w+\.md), ([A-Z][\w ]*\w)", text)}
    assert len(named) > 5
    assert [one for one in sorted(named) if one[1].lower().replace(" ", "-") not in anchors(ROOT / one[0])] == []


@pytest.mark.parametrize(("heading", "level"), [("public", Auth.PUBLIC), ("for administrators", Auth.ADMIN)])
async def test_the_api_document_lists_the_routes_of_each_level(
    appliance: TestAppliance, heading: str, level: Auth
) -> None:
    listed = API.partition(f"These routes are {heading}:\n\n")[2].partition("\n\n")[0]
    routes = {(route.method, route.path) for route in all_routes(appliance.appliance) if route.auth is level}
    own = {("GET", "/openapi.json")} if level is Auth.PUBLIC else set()
    assert set(ROUTE.findall(listed)) == routes | own


def test_the_operator_document_lists_every_setting() -> None:
    listed = (ROOT / "docs" / "operator.md").read_text().partition("## Settings")[2].partition("\n## ")[0]
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", listed)) == set(DEFAULTS)

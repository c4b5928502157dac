"""The gate for names: what may become a path component, a unit name or an argument."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.names import PackageId, PackageName, RepositoryName, UnitName, Username, Version, VmImageName, VolumeName

PATH_NAMES = [RepositoryName, PackageName, Version, VolumeName, VmImageName]
HOSTILE = [
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "/a",
    ".git",
    "-rf",
    "a b",
    "a\nb",
    "a\n",
    "a\x00",
    "ä",
    "a%n",
    "$a",
    "a" * 129,
]


@pytest.mark.parametrize("kind", PATH_NAMES)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_for_a_path_refuses_what_could_leave_its_directory_or_gain_meaning(
    kind: type[PackageName], text: str
) -> None:
    with pytest.raises(Invalid):
        kind.parse(text)


@pytest.mark.parametrize("kind", PATH_NAMES)
@given(text=st.text())
def test_an_accepted_name_is_one_visible_path_component(kind: type[PackageName], text: str) -> None:
    try:
        name = kind.parse(text)
    except Invalid:
        return
    assert name == text
    assert "/" not in name
    assert not name.startswith((".", "-"))
    assert name.isprintable()


def test_directories_that_the_base_directory_needs_cannot_be_repositories() -> None:
    for name in ("installed", "responses", "last", "monitoring", "repositories.json", "last_refreshed"):
        with pytest.raises(Invalid, match="reserved"):
            RepositoryName.parse(name)


@pytest.mark.parametrize(
    "text", ["a*.service", "../a.service", "a.service/b", "-a.service", "a", "a.exe", "a?.service"]
)
def test_a_unit_name_is_never_a_pattern_a_path_or_an_option(text: str) -> None:
    with pytest.raises(Invalid):
        UnitName.parse(text)


def test_a_package_identity_names_its_unit_container_and_state_file() -> None:
    package = PackageId.parse("core", "nginx", "1.0")
    assert str(package) == "core/nginx@1.0"
    assert package.unit == "town-os-package--core-nginx-1.0.service"
    assert package.container == "town-os-package--core-nginx-1.0"
    assert package.network_state == "core-nginx-1.0.json"


def test_three_long_names_that_exceed_a_unit_name_are_refused() -> None:
    package = PackageId.parse("r" * 100, "n" * 100, "1" * 100)
    with pytest.raises(Invalid, match="longer than 255"):
        _ = package.unit


@pytest.mark.parametrize("text", ["alice", "Ada Lovelace", "ünï", "a@b.c"])
def test_a_username_may_be_what_people_call_themselves(text: str) -> None:
    assert Username.parse(text) == text


@pytest.mark.parametrize("text", ["", " a", "a ", "a\nb", "\x7f", "a\u2028b"])
def test_a_username_has_no_control_characters_and_no_outer_white_space(text: str) -> None:
    with pytest.raises(Invalid):
        Username.parse(text)

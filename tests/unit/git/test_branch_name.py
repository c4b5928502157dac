"""Names of branches, with the git program as the oracle."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from townos.errors import Invalid
from townos.git.branch import BranchName


def git_takes(name: str) -> bool:
    """Say whether git would let a branch be called so; as an option it would be another command."""
    asked = ["git", "check-ref-format", f"refs/heads/{name}"]
    return subprocess.run(asked, check=False, capture_output=True).returncode == 0


def taken(name: str) -> bool:
    try:
        return BranchName.parse(name) == name
    except Invalid:
        return False


@pytest.mark.parametrize("name", ["main", "releases/1.0", "feature/ä-ö", "v1", "a@b", "a.b", "1", "x" * 200])
def test_a_branch_name_is_taken_as_it_is(name: str) -> None:
    assert taken(name)
    assert git_takes(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "-x", "--force", "/a", "a/", "a//b", ".a", "a/.b", "a.", "a..b", "a.lock", "a.lock/b", "a b", "a\tb",
        "a\nb", "a\0b", "a~1", "a^", "a:b", "a?b", "a*b", "a[b", "a\\b", "@", "a@{1}", "HEAD", "\x7f", "a\u2028b",
        "x" * 245, "ä" * 123,
    ],
)  # fmt: skip
def test_an_invalid_branch_name_is_refused(name: str) -> None:
    assert not taken(name)


@settings(max_examples=examples(150))
@given(
    st.one_of(
        st.text(max_size=12).filter(lambda text: "\0" not in text),
        st.text("ab/.-@{~^:?*[\\ lock", max_size=8),
        st.lists(st.sampled_from(["a", ".", "/", "-", "@", "{", ".lock", "..", "ä"]), max_size=5).map("".join),
    )
)
def test_an_accepted_branch_name_is_valid_for_git(name: str) -> None:
    if taken(name):
        assert git_takes(name)

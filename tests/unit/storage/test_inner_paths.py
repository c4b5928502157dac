"""Paths inside a volume are the one gate to what a package or a person writes there."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.names import InnerPath


@pytest.mark.parametrize("text", ["a", "etc/app.conf", "...", ".hidden/..x", "a b/ä: c", "-rf", "~", "*" * 255])
def test_a_path_is_read_and_written_alike(text: str) -> None:
    path = InnerPath.parse(text)
    assert path.parts == tuple(text.split("/"))
    assert str(path) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/etc",
        "a/",
        "a//b",
        ".",
        "..",
        "./a",
        "a/.",
        "a/..",
        "../a",
        "a/../b",
        "a\0",
        "a\nb",
        "a\x7f",
        "\ud800",
    ],
)
def test_a_path_that_may_lead_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        InnerPath.parse(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("é" * 128, "a name may have 255 bytes"),
        ("/".join(["a" * 250] * 17), "the whole path 4 kB"),
        ("/".join("a" * 101), "more than 100 parts"),
    ],
)
def test_an_unusable_path_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        InnerPath.parse(text)


@given(st.text(st.characters() | st.sampled_from("./\0\n"), max_size=12))
def test_an_accepted_path_stays_inside(text: str) -> None:
    try:
        path = InnerPath.parse(text)
    except Invalid:
        return
    assert str(path) == text
    assert InnerPath.parse(str(path)) == path
    assert PurePosixPath("/volume", text).parts == ("/", "volume", *path.parts)
    assert not {"..", ".", ""} & set(path.parts)
    assert "\0" not in text
    assert max(len(part.encode()) for part in path.parts) <= 255

"""Image references are made complete."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.images import ImageReference


@pytest.mark.conformance("IMG-01", "IMG-02", "IMG-03", "PKG-02")
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.25", "docker.io/library/nginx:1.25"),
        ("user/app", "docker.io/user/app:latest"),
        ("user/app:2", "docker.io/user/app:2"),
        ("quay.io/town/ui", "quay.io/town/ui:latest"),
        ("quay.io/ui", "quay.io/ui:latest"),
        ("host:5000/app", "host:5000/app:latest"),
        ("ghcr.io/a/b/c:v1", "ghcr.io/a/b/c:v1"),
        ("nginx@sha256:" + "0" * 64, "docker.io/library/nginx@sha256:" + "0" * 64),
    ],
)
def test_a_reference_names_registry_path_and_tag(written: str, meant: str) -> None:
    assert ImageReference.parse(written) == meant


@pytest.mark.parametrize(
    "text", ["", "-v", "--rm", "a b", "a\nb", "a//b", "../x", "a/../b", "@x", "a$b", "é", "a" * 600]
)
def test_what_is_no_reference_or_could_be_an_option_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        ImageReference.parse(text)


@given(st.from_regex(r"[a-z0-9][a-z0-9._:/-]{0,20}", fullmatch=True))
def test_completing_twice_changes_nothing(text: str) -> None:
    try:
        reference = ImageReference.parse(text)
    except Invalid:
        return
    assert ImageReference.parse(reference) == reference
    assert reference.registry == reference.split("/")[0]

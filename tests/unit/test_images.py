"""Image references are made complete."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.images import ImageDirectory, ImageReference


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
def test_an_invalid_reference_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        ImageReference.parse(text)


@pytest.mark.parametrize("transport", ["docker-archive", "oci-archive", "dir", "oci", "containers-storage", "docker"])
@pytest.mark.parametrize("rest", [":/etc/shadow", ":etc/shadow", "://nginx", ":5000/etc/shadow", ":5000/x/y"])
def test_a_reference_is_never_a_file_of_this_machine(transport: str, rest: str) -> None:
    """podman opens such a file as root."""
    with pytest.raises(Invalid):
        ImageReference.parse(transport + rest)


@pytest.mark.parametrize("name", ["dir", "oci", "docker"])
def test_an_image_may_have_the_name_of_a_transport(name: str) -> None:
    assert ImageReference.parse(f"{name}:5000") == f"docker.io/library/{name}:5000"
    assert ImageReference.parse(f"{name}/app") == f"docker.io/{name}/app:latest"


@pytest.mark.parametrize(
    "registry",
    [
        "host:",
        "host:port",
        "host:0",
        "host:65536",
        "host:5000:5000",
        "ho_st.example",
        "-host.example",
        "host..example",
        "host.example.",
        "user@host.example",
        "fe80::1",
    ],
)
def test_the_first_part_is_a_host_with_perhaps_a_port(registry: str) -> None:
    with pytest.raises(Invalid):
        ImageReference.parse(f"{registry}/a/b")


@pytest.mark.parametrize("host", ["169.254.169.254", "169.254.169.254:80", "0xa9fea9fe", "2852039166", "0251.254.1"])
def test_no_image_comes_from_a_link_local_address(host: str) -> None:
    with pytest.raises(Invalid, match="not a registry"):
        ImageReference.parse(f"{host}/a/b")


@pytest.mark.parametrize("text", ["quay.io/a:1/b", "quay.io/a@b/c"])
def test_only_the_last_part_has_a_tag(text: str) -> None:
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


def test_the_repository_of_a_reference_has_neither_tag_nor_digest() -> None:
    assert ImageReference.parse("nginx:1.27").repository == "docker.io/library/nginx"
    assert ImageReference.parse("host:5000/a/b").repository == "host:5000/a/b"
    assert ImageReference.parse(f"quay.io/a/b@sha256:{0:064x}").repository == "quay.io/a/b"
    assert ImageReference.parse(f"quay.io/a/b:1@sha256:{0:064x}").repository == "quay.io/a/b"


@pytest.mark.parametrize(
    ("written", "meant", "components"),
    [
        ("/", "/", ()),
        ("/srv/site", "/srv/site", ("srv", "site")),
        ("//srv///site/", "/srv/site", ("srv", "site")),
        ("/a b/..c/ä/-x", "/a b/..c/ä/-x", ("a b", "..c", "ä", "-x")),
    ],
)
def test_a_directory_of_an_image_is_absolute(written: str, meant: str, components: tuple[str, ...]) -> None:
    directory = ImageDirectory.parse(written)
    assert directory == meant
    assert directory.components == components


@pytest.mark.parametrize(
    "text", ["", "srv", "./srv", "/srv/..", "/../srv", "/srv/./x", "-x", "/a\nb", "/a\0b", "/a\x7f", "/" + "x" * 1024]
)
def test_a_path_that_is_no_directory_of_an_image_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="directory of an image"):
        ImageDirectory.parse(text)


@given(st.text(st.sampled_from("/.ab-\0\n ")))
def test_no_directory_leads_above_the_image(text: str) -> None:
    try:
        directory = ImageDirectory.parse(text)
    except Invalid:
        return
    assert directory.startswith("/")
    assert not {"", ".", ".."} & set(directory.components)
    assert ImageDirectory.parse(directory) == directory

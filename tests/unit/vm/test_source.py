"""Where disk images may come from, and what they are called here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.names import VmImageName
from townos.packages.vm_source import ImageUrl, VmImageSource

LINK_LOCAL = ["http://169.254.169.254/x", "http://0xa9fea9fe/x", "https://[fe80::1]/x", "http://[::ffff:a9fe:a9fe]/x"]


@pytest.mark.conformance("PKG-15")
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://example.org/images/debian-12.qcow2", "debian-12.raw"),
        ("https://example.org/debian-12", "debian-12.raw"),
        ("http://192.168.1.4:8000/disk.img?key=1#x", "disk.raw"),
        ("https://example.org/a%2Eb.vmdk", "a.b.raw"),
    ],
)
def test_an_image_from_a_url_is_called_as_its_last_part_with_another_extension(text: str, name: str) -> None:
    source = VmImageSource.parse(text)
    assert source.name == name
    assert source.url == ImageUrl.parse(text)


@pytest.mark.conformance("PKG-15")
def test_a_plain_name_means_a_file_that_is_there() -> None:
    assert VmImageSource.parse("debian.raw") == VmImageSource(VmImageName.parse("debian.raw"))


def test_a_chosen_name_gets_the_extension() -> None:
    assert VmImageSource.parse("https://example.org/x.qcow2", "desk.qcow2").name == "desk.raw"


@pytest.mark.conformance("HOLE-02")
@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "../x.raw", "/etc/shadow", "a/b.raw", ".raw", "-x.raw", "x.qcow2", "x.raw.download", "a\n.raw"],
)
def test_an_invalid_file_name_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        VmImageSource.parse(text)


@pytest.mark.conformance("HOLE-06")
@pytest.mark.parametrize(
    "text",
    [
        *LINK_LOCAL,
        "file:///etc/shadow",
        "ftp://example.org/x",
        "ssh://example.org/x",
        "https:///x",
        "https://example.org:0/x",
        "https://example.org:99999/x",
        "https://exa%0dmple.org/x",
        "https://example.org/a b",
        "https://example.org/a\r\nX: y",
        "https://[::1/x",
        f"https://example.org/{'x' * 2048}",
    ],
)
def test_addresses_are_http_complete_and_not_link_local(text: str) -> None:
    with pytest.raises(Invalid):
        ImageUrl.parse(text)


@pytest.mark.parametrize("text", ["https://example.org/", "https://example.org", "https://example.org/a/%2e%2e"])
def test_a_url_without_the_name_of_a_file_needs_one(text: str) -> None:
    with pytest.raises(Invalid):
        VmImageSource.parse(text)
    assert VmImageSource.parse(text, "x").name == "x.raw"


@pytest.mark.conformance("HOLE-07")
def test_neither_credentials_nor_the_query_are_shown() -> None:
    url = ImageUrl.parse("https://ada:engine@example.org/disk.img?signature=s3cr3t")
    assert str(url) == "https://example.org/disk.img"
    assert "engine" not in repr(url)
    assert "s3cr3t" not in repr(url)
    assert url.target == "/disk.img?signature=s3cr3t"
    assert url.authorization == "Basic YWRhOmVuZ2luZQ=="


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("http://example.org/x", "example.org"),
        ("http://example.org:80/x", "example.org"),
        ("https://EXAMPLE.org:8443/x", "example.org:8443"),
        ("http://[fd00::1]:81/x", "[fd00::1]:81"),
    ],
)
def test_the_place_is_host_and_port_as_in_the_address(text: str, place: str) -> None:
    assert ImageUrl.parse(text).place == place


@pytest.mark.conformance("HOLE-06")
@pytest.mark.parametrize(
    "location", [*LINK_LOCAL, "file:///etc/shadow", "http://example.org/x", "//169.254.1.1/x", "//["]
)
def test_a_redirect_passes_the_same_gate_and_keeps_the_scheme(location: str) -> None:
    with pytest.raises(Invalid):
        ImageUrl.parse("https://example.org/a").redirected(location)


def test_credentials_stay_with_their_host() -> None:
    url = ImageUrl.parse("https://ada:engine@example.org/a/b?x=1")
    assert url.redirected("c").authorization == url.authorization
    assert str(url.redirected("c")) == "https://example.org/a/c"
    assert not url.redirected("https://mirror.example.org/c").authorization
    assert not url.redirected("https://example.org:8443/c").authorization
    assert url.redirected("https://bob:x@mirror.example.org/c").authorization


@given(st.text())
def test_every_accepted_source_has_the_name_of_a_raw_file(text: str) -> None:
    try:
        source = VmImageSource.parse(f"https://example.org/{text}")
    except Invalid:
        return
    assert VmImageName.parse(source.name) == source.name

"""Addresses from outside pass one gate."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.urls import RefusedUrl, UrlFlaw, UrlGate, is_link_local

SCHEMES = ("http", "https")
GATES = [UrlGate(SCHEMES), UrlGate(SCHEMES, ascii_only=True)]
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20)
HOSTS = st.sampled_from(["example.org", "EXAMPLE.org", "127.0.0.1", "[::1]", "nas.local", "192.168.1.5"])
PIECES = st.sampled_from([*"ax:/@?#[]%\\ \n\x00\xa0\u2028", "http://", "169.254.1.1", "%0a", "%31", "[fe80::1]", ":80"])


@given(st.sampled_from(GATES), HOSTS, st.none() | st.integers(1, 65_535), st.tuples(WORDS.filter(bool), WORDS), WORDS)
def test_an_address_is_read_back_unchanged(
    gate: UrlGate, host: str, port: int | None, credentials: tuple[str, str], path: str
) -> None:
    authority = host if port is None else f"{host}:{port}"
    userinfo = ":".join(quote(one, safe="") for one in credentials)
    text = f"https://{userinfo}@{authority}/{quote(path)}?{quote(path)}"
    url = gate.parse(text)
    assert (url.scheme, url.authority, url.port) == ("https", authority.lower(), port)
    assert (url.username, url.password) == credentials
    assert (url.path, url.query) == (f"/{quote(path)}", quote(path))


@given(st.sampled_from(GATES), st.lists(PIECES | WORDS).map("".join) | st.text(), st.booleans())
def test_any_text_is_refused_or_leads_to_a_host_that_is_allowed(gate: UrlGate, text: str, complete: bool) -> None:
    try:
        url = gate.parse(f"http://{text}" if complete else text)
    except RefusedUrl:
        return
    assert url.scheme in SCHEMES
    assert url.host
    assert url.port != 0
    assert not is_link_local(url.host)
    assert not [one for one in url.username + url.password if ord(one) < 0x20]
    assert text.isascii() or not gate.ascii_only


@given(st.sampled_from(GATES), st.text(min_size=1).map(lambda secret: f"s3cr3t{secret}"))
def test_credentials_and_queries_are_not_shown(gate: UrlGate, secret: str) -> None:
    escaped = quote(secret, safe="")
    try:
        url = gate.parse(f"https://{escaped}:{escaped}@example.org/?{escaped}#{escaped}")
    except RefusedUrl as refused:
        assert "s3cr3t" not in str(refused)
        return
    assert "s3cr3t" not in repr(url)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", UrlFlaw.EMPTY),
        (f"https://example.org/{'x' * 2_048}", UrlFlaw.TOO_LONG),
        ("https://example.org/a b", UrlFlaw.CHARACTERS),
        ("https://exa%0dmple.org/x", UrlFlaw.CHARACTERS),
        ("https://us%0aer:x@example.org/x", UrlFlaw.CHARACTERS),
        ("https:///x", UrlFlaw.MALFORMED),
        ("https://example.org:0/x", UrlFlaw.MALFORMED),
        ("https://[::1/x", UrlFlaw.MALFORMED),
        ("file:///etc/shadow", UrlFlaw.SCHEME),
        ("http://0xa9fea9fe/x", UrlFlaw.LINK_LOCAL),
        ("http://169%2e254%2e0.1/x", UrlFlaw.LINK_LOCAL),
    ],
)
def test_a_refusal_tells_what_is_wrong(text: str, flaw: UrlFlaw) -> None:
    with pytest.raises(RefusedUrl) as refused:
        UrlGate(SCHEMES).parse(text)
    assert refused.value.flaw is flaw


def test_only_some_addresses_may_have_letters_of_every_language() -> None:
    assert UrlGate(SCHEMES).parse("https://example.org/ü").path == "/ü"
    with pytest.raises(RefusedUrl):
        UrlGate(SCHEMES, ascii_only=True).parse("https://example.org/ü")


@pytest.mark.parametrize(
    "host",
    [
        "169.254.0.1",
        "169.254.169.254.",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "fe80::1",
        "fe80::1%eth0",
        "febf::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "[fe80::1]",
    ],
)
def test_every_spelling_of_a_link_local_address_is_known(host: str) -> None:
    assert is_link_local(host)


@pytest.mark.parametrize(
    "host",
    [
        "::169.254.169.254",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "::ffff:0:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "64:ff9b:1:a9fe:a9:fe00::",
        "64:ff9b:1:a9:fe:a9fe::",
        "64:ff9b:1:0:a9:fea9:fe00:0",
        "2002:a9fe:a9fe::",
        "2001:0:a9fe:a9fe::",
        "2001::5601:5601",
        "2001:db8::5efe:169.254.169.254",
        "2001:db8::200:5efe:169.254.169.254",
    ],
)
def test_a_link_local_address_inside_an_ipv6_one_is_known(host: str) -> None:
    assert is_link_local(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "git.example",
        "a9fea9fe",
        "127.0.0.1",
        "169.253.0.1",
        "192.168.1.1",
        "::1",
        "::ffff:192.168.1.1",
        "64:ff9b::c0a8:101",
        "64:ff9b:1::c0a8:101",
        "2002:c0a8:101::",
        "2001:0:102:304::",
        "2001:db8::a9fe:a9fe",
        "fd00::1",
        "fec0::1",
        "ö" * 70,
    ],
)
def test_hosts_of_the_home_and_of_the_internet_are_not_link_local(host: str) -> None:
    assert not is_link_local(host)

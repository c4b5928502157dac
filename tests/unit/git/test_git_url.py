"""Which addresses are allowed, and where their credentials go."""

import socket
from dataclasses import dataclass
from typing import Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.git.addresses import check_address
from townos.git.errors import GitRefused, GitUnreachable
from townos.git.url import GitUrl
from townos.limits import GIT_CONNECT_TIMEOUT_SECONDS, URL_MAX_CHARS

TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40)


@pytest.mark.conformance("GIT-13")
def test_credentials_are_taken_out_of_the_address_and_decoded() -> None:
    url = GitUrl.parse("https://to%40wn:p%40ss%2F%3a@git.example:8443/a/b.git")
    assert (url.username, url.password) == ("to@wn", "p@ss/:")
    assert (url.scheme, url.host, url.port) == ("https", "git.example", 8443)
    assert url.bare == str(url) == "https://git.example:8443/a/b.git"
    assert "p@ss" not in repr(url)
    assert "p%40ss" not in repr(url)


@given(TEXT.filter(bool), TEXT)
def test_credentials_come_back_from_text_as_they_were(username: str, password: str) -> None:
    url = GitUrl.parse("https://git.example/a").with_credentials(username, password)
    text = url.text_with_credentials()
    assert len(text) > URL_MAX_CHARS or GitUrl.parse(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:3000/a.git",
        "http://[::1]:3000/a.git",
        "https://nas.local/a",
        "http://192.168.1.5/a",
        "ssh://git@git.example:2222/a.git",
        "git://git.example/a.git",
    ],
)
def test_hosts_of_the_home_and_all_four_schemes_are_allowed(text: str) -> None:
    assert GitUrl.parse(text).bare == text.replace("git@", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/srv/repo",
        "file:///srv/repo",
        "ftp://git.example/a",
        "git@git.example:a.git",
        "ext::sh -c id",
        "https://",
        "https://git.example",
        "https://git.example/",
        "https://git.example/a?x=1",
        "https://git.example/a#x",
        "https://git.example:port/a",
        "https://[::1/a",
        "https://git.example/a\nb",
        "https://git.example/a b",
        "https://git.example/a\\b",
        "https://us%0aer:x@git.example/a",
        "https://git%00.example/a",
        "https://169.254.169.254/latest",
        "https://[::ffff:169.254.169.254]/latest",
        "https://git.example/" + "a" * URL_MAX_CHARS,
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        GitUrl.parse(text)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        url = GitUrl.parse(text)
    except Invalid:
        return
    assert url.scheme in {"http", "https", "ssh", "git"}
    assert url.host
    assert GitUrl.parse(url.text_with_credentials()) == url


@pytest.mark.parametrize(
    ("text", "name"),
    [("https://h/a/pkgs.git", "pkgs"), ("https://h/a/pkgs/", "pkgs"), ("https://h/a%20b", "a b"), ("ssh://h/~/x", "x")],
)
def test_the_last_segment_names_a_repository(text: str, name: str) -> None:
    assert GitUrl.parse(text).last_segment() == name


@pytest.mark.parametrize(
    "host", ["169.254.0.1", "0xa9fea9fe", "[fe80::1]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "169%2e254%2e0.1"]
)
def test_an_address_with_a_link_local_host_is_refused(host: str) -> None:
    with pytest.raises(Invalid) as refused:
        GitUrl.parse(f"http://{host}/a")
    assert refused.value.code == "git.url_link_local"


@dataclass
class Names(trio.abc.HostnameResolver):
    """A name server that says this for every name, or nothing at all."""

    address: str = ""

    async def getaddrinfo(self, *_: object) -> list[Any]:
        if not self.address:
            await trio.sleep_forever()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (self.address, 80))]

    async def getnameinfo(self, *_: object) -> Any:
        raise AssertionError


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.0.1", "64:ff9b::a9fe:a9fe"])
async def test_a_name_that_leads_to_a_link_local_address_is_refused(address: str) -> None:
    trio.socket.set_custom_hostname_resolver(Names(address))
    with pytest.raises(GitRefused):
        await check_address(GitUrl.parse("http://metadata.example/a"))


async def test_a_name_that_does_not_exist_is_unreachable() -> None:
    with pytest.raises(GitUnreachable):
        await check_address(GitUrl.parse("http://nothing.invalid/a"))


@pytest.mark.usefixtures("autojump_clock")
async def test_a_name_server_that_does_not_answer_is_not_waited_for_for_ever() -> None:
    trio.socket.set_custom_hostname_resolver(Names())
    with pytest.raises(GitUnreachable, match="timed out"):
        await check_address(GitUrl.parse("http://git.example/a"))
    assert trio.current_time() == pytest.approx(GIT_CONNECT_TIMEOUT_SECONDS)


async def test_a_host_of_the_home_passes() -> None:
    await check_address(GitUrl.parse("http://127.0.0.1:1/a"))

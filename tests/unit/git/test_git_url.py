"""Which addresses are allowed, and where their credentials go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.git.addresses import check_address
from townos.git.errors import GitRefused, GitUnreachable
from townos.git.url import GitUrl, is_link_local
from townos.limits import GIT_URL_MAX_CHARS

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
    assert len(text) > GIT_URL_MAX_CHARS or GitUrl.parse(text) == url


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
        "https://git.example/" + "a" * GIT_URL_MAX_CHARS,
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
    ("address", "is_it"),
    [
        ("169.254.0.1", True),
        ("::ffff:169.254.1.2", True),
        ("169.253.0.1", False),
        ("fe80::1%eth0", False),
        ("git.example", False),
    ],
)
def test_link_local_addresses_are_known(address: str, is_it: bool) -> None:
    assert is_link_local(address) is is_it


@pytest.mark.parametrize("host", ["2852039166", "0xa9fea9fe", "169.254.43518"])
async def test_other_spellings_of_a_link_local_address_are_found_by_resolving(host: str) -> None:
    with pytest.raises(GitRefused):
        await check_address(GitUrl.parse(f"http://{host}/a"))


async def test_a_name_that_does_not_exist_is_unreachable() -> None:
    with pytest.raises(GitUnreachable):
        await check_address(GitUrl.parse("http://nothing.invalid/a"))


async def test_a_host_of_the_home_passes() -> None:
    await check_address(GitUrl.parse("http://127.0.0.1:1/a"))

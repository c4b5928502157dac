"""Downloading from servers of every kind."""

import os
import ssl
import subprocess
from pathlib import Path

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.website import Asked, FileHandler, Website, saying, website
from townos.errors import Foreign, Invalid, NoSpace
from townos.i18n import Bytes
from townos.packages.vm_source import ImageUrl
from townos.testing.space import FakeDisk, filled
from townos.vm import http
from townos.vm.download import download

CONTENT = os.urandom(3_000_000)
PLENTY = 10_000_000
DISK = FakeDisk()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "disk.raw.download"


async def fetch(
    site: Website, target: Path, path: str = "/disk.img", max_bytes: int = PLENTY, disk: FakeDisk = DISK
) -> None:
    await download(
        ImageUrl.parse(site.url(path)), target, max_bytes=max_bytes, space=disk.guard, threads=trio.CapacityLimiter(1)
    )


@pytest.mark.conformance("ARC-09")
async def test_a_file_arrives_with_its_progress(target: Path) -> None:
    told: list[tuple[int, int | None]] = []
    async with website(FileHandler(CONTENT)) as site:
        url = ImageUrl.parse(site.url())
        await download(
            url,
            target,
            max_bytes=PLENTY,
            space=DISK.guard,
            threads=trio.CapacityLimiter(1),
            progress=lambda done, total: told.append((done, total)),
        )
    assert target.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) > 2


async def test_a_length_that_is_not_told_is_not_known(target: Path) -> None:
    told: list[tuple[int, int | None]] = []
    async with website(saying(b"HTTP/1.1 200 OK\r\n\r\nsome bytes")) as site:
        url = ImageUrl.parse(site.url())
        await download(
            url,
            target,
            max_bytes=PLENTY,
            space=DISK.guard,
            threads=trio.CapacityLimiter(1),
            progress=lambda done, total: told.append((done, total)),
        )
    assert target.read_bytes() == b"some bytes"
    assert told == [(10, None)]


async def test_chunks_are_put_together(target: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
    async with website(saying(answer)) as site:
        await fetch(site, target)
    assert target.read_bytes() == b"abcde"


async def test_credentials_and_query_go_to_the_host_alone(target: Path) -> None:
    async with website(FileHandler(b"x" * 512)) as site:
        url = ImageUrl.parse(f"http://ada:engine@127.0.0.1:{site.port}/disk.img?key=1")
        await download(url, target, max_bytes=PLENTY, space=DISK.guard, threads=trio.CapacityLimiter(1))
    (asked,) = site.requests
    assert asked.target == "/disk.img?key=1"
    assert asked.headers["authorization"].startswith("Basic ")
    assert asked.headers["host"] == f"127.0.0.1:{site.port}"
    assert os.getxattr(target, "user.town-os.origin") == site.url().encode()


async def test_a_broken_download_is_resumed(target: Path) -> None:
    handler = FileHandler(CONTENT, cuts=[1_500_000, 1_000_000])
    async with website(handler) as site:
        await fetch(site, target)
    assert target.read_bytes() == CONTENT
    assert [asked.headers.get("range") for asked in site.requests] == [None, "bytes=1500000-", "bytes=2500000-"]
    assert site.requests[1].headers["if-range"] == '"1"'


async def test_a_later_call_goes_on_too(target: Path) -> None:
    handler = FileHandler(CONTENT, cuts=[1_000_000, 0])
    async with website(handler) as site:
        with pytest.raises(Foreign, match="the connection was lost"):
            await fetch(site, target)
        await fetch(site, target)
    assert target.read_bytes() == CONTENT
    assert site.requests[-1].headers["range"] == "bytes=1000000-"


async def test_another_version_of_the_file_is_fetched_from_its_beginning(target: Path) -> None:
    handler = FileHandler(CONTENT, cuts=[1_000_000, 0])
    async with website(handler) as site:
        with pytest.raises(Foreign):
            await fetch(site, target)
        handler.content, handler.tag = CONTENT[::-1], '"2"'
        await fetch(site, target)
    assert target.read_bytes() == CONTENT[::-1]


async def test_bytes_from_another_address_are_not_gone_on_with(target: Path) -> None:
    async with website(FileHandler(CONTENT, cuts=[1_000_000, 0])) as site:
        with pytest.raises(Foreign):
            await fetch(site, target)
        await fetch(site, target, "/other.img")
    assert "range" not in site.requests[-1].headers
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("tag", ["", 'W/"1"', '"é"', f'"{"x" * 5000}"'])
async def test_a_download_without_a_strong_tag_begins_anew(target: Path, tag: str) -> None:
    async with website(FileHandler(CONTENT, tag=tag, cuts=[1_000_000])) as site:
        await fetch(site, target)
    assert target.read_bytes() == CONTENT
    assert all("range" not in asked.headers for asked in site.requests)


async def test_a_complete_download_is_not_fetched_again(target: Path) -> None:
    async with website(FileHandler(CONTENT)) as site:
        await fetch(site, target)
        await fetch(site, target)
    assert target.read_bytes() == CONTENT
    assert site.requests[-1].headers["range"] == f"bytes={len(CONTENT)}-"


async def test_a_server_that_sends_another_part_is_not_believed(target: Path) -> None:
    async def handler(asked: Asked, stream: trio.abc.Stream) -> None:
        if "range" in asked.headers:
            await stream.send_all(
                b"HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\nContent-Range: bytes 0-2/9\r\n\r\nabc"
            )
        else:
            await FileHandler(CONTENT, cuts=[1_000])(asked, stream)

    async with website(handler) as site:
        with pytest.raises(Foreign, match=f"127.0.0.1:{site.port}"):
            await fetch(site, target)


async def test_a_server_that_always_breaks_off_is_given_up(target: Path) -> None:
    async with website(FileHandler(CONTENT, cuts=[1_000] * 20)) as site:
        with pytest.raises(Foreign, match="the connection was lost"):
            await fetch(site, target)
    assert len(site.requests) == 5


async def test_a_silent_server_is_given_up(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "DOWNLOAD_SILENCE_TIMEOUT_SECONDS", 0.01)

    async def silent(_: Asked, __: trio.abc.Stream) -> None:
        await trio.sleep_forever()

    async with website(silent) as site:
        with pytest.raises(Foreign, match="it sent nothing"):
            await fetch(site, target)


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "403 No"])
async def test_a_refusal_is_told_with_host_and_status(target: Path, status: str) -> None:
    async with website(saying(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())) as site:
        with pytest.raises(Foreign, match=f"127.0.0.1:{site.port} failed.*{status[:3]}"):
            await fetch(site, target)


async def test_a_server_that_does_not_speak_http_is_told(target: Path) -> None:
    async with website(saying(b"220 mail.example.org ESMTP\r\n\r\n")) as site:
        with pytest.raises(Foreign, match="did not answer as a web server"):
            await fetch(site, target)


async def test_an_unreachable_server_is_told(target: Path) -> None:
    async with website(saying(b"")) as site:
        pass
    with pytest.raises(Foreign, match="cannot be reached"):
        await fetch(site, target)


async def test_an_unknown_host_is_told(target: Path) -> None:
    with pytest.raises(Foreign, match="the host does not exist"):
        await download(
            ImageUrl.parse("http://nobody.invalid/x"),
            target,
            max_bytes=PLENTY,
            space=DISK.guard,
            threads=trio.CapacityLimiter(1),
        )


async def test_a_redirect_is_followed(target: Path) -> None:
    async def handler(asked: Asked, stream: trio.abc.Stream) -> None:
        if asked.target == "/disk.img":
            await stream.send_all(b"HTTP/1.1 302 Found\r\nLocation: there/disk\r\nContent-Length: 0\r\n\r\n")
        else:
            await FileHandler(CONTENT)(asked, stream)

    async with website(handler) as site:
        await fetch(site, target)
    assert [asked.target for asked in site.requests] == ["/disk.img", "/there/disk"]
    assert target.read_bytes() == CONTENT


@pytest.mark.conformance("HOLE-06")
@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/shadow",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:169.254.169.254]/",
        "https://example.org/disk.img",
        "ftp://example.org/disk.img",
        "",
    ],
)
async def test_a_redirect_that_leads_astray_is_not_followed(target: Path, location: str) -> None:
    answer = f"HTTP/1.1 301 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    async with website(saying(answer)) as site:
        with pytest.raises(Foreign):
            await fetch(site, target)
    assert not target.read_bytes()


async def test_redirects_have_an_end(target: Path) -> None:
    async with website(saying(b"HTTP/1.1 307 There\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")) as site:
        with pytest.raises(Foreign, match="too many redirects"):
            await fetch(site, target)
    assert len(site.requests) == 11


@pytest.mark.conformance("HOLE-06")
async def test_a_name_that_leads_to_a_link_local_address_is_refused(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lookup(*_: object, **__: object) -> list[object]:
        return [(2, 1, 6, "", ("127.0.0.1", 80)), (2, 1, 6, "", ("169.254.169.254", 80))]

    monkeypatch.setattr(trio.socket, "getaddrinfo", lookup)
    with pytest.raises(Foreign, match="an address that is not allowed"):
        await download(
            ImageUrl.parse("http://innocent.example.org/x"),
            target,
            max_bytes=PLENTY,
            space=DISK.guard,
            threads=trio.CapacityLimiter(1),
        )


async def test_a_too_large_file_is_refused_before_the_download(target: Path) -> None:
    async with website(FileHandler(CONTENT)) as site:
        with pytest.raises(Invalid, match="at most 1000 bytes"):
            await fetch(site, target, max_bytes=1000)
    assert not target.stat().st_size


async def test_an_endless_body_is_cut_at_the_limit(target: Path) -> None:
    async def endless(_: Asked, stream: trio.abc.Stream) -> None:
        await stream.send_all(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await stream.send_all(bytes(65_536))

    async with website(endless) as site:
        with pytest.raises(Invalid, match=r"at most 4\.77 MB"):
            await fetch(site, target, max_bytes=5_000_000)
    assert target.stat().st_size <= 5_000_000


async def test_a_file_that_would_fill_the_disk_is_refused_before_the_download(target: Path) -> None:
    told = f"{Bytes(len(CONTENT))} do not fit: 88.7 MB of 95.4 MB are used, and this would fill the disk beyond 95 %"
    async with website(FileHandler(CONTENT)) as site:
        with pytest.raises(NoSpace, match=told):
            await fetch(site, target, disk=FakeDisk(filled(93_000_000, 100_000_000)))
    assert target.stat().st_size == 0


async def test_a_download_of_unknown_length_ends_before_it_fills_the_disk(target: Path) -> None:
    async with website(saying(b"HTTP/1.1 200 OK\r\n\r\n" + CONTENT)) as site:
        with pytest.raises(NoSpace, match="do not fit"):
            await fetch(site, target, disk=FakeDisk(filled(94_000_000, 100_000_000)))
    assert target.stat().st_size < len(CONTENT)


@pytest.mark.parametrize(
    ("header", "error"), [("Content-Type: text/html; charset=utf-8", Invalid), ("Content-Encoding: gzip", Foreign)]
)
async def test_a_web_page_or_a_packed_body_is_no_image(target: Path, header: str, error: type[Exception]) -> None:
    async with website(FileHandler(CONTENT, headers=(header,))) as site:
        with pytest.raises(error):
            await fetch(site, target)


async def test_a_symbolic_link_is_not_written_through(target: Path, tmp_path: Path) -> None:
    target.symlink_to(tmp_path / "elsewhere")
    async with website(FileHandler(CONTENT)) as site:
        with pytest.raises(OSError, match="symbolic links"):
            await fetch(site, target)
    assert not (tmp_path / "elsewhere").exists()


async def test_a_cancelled_download_keeps_whole_pieces_and_goes_on(target: Path) -> None:
    async def slow(_: Asked, stream: trio.abc.Stream) -> None:
        head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(CONTENT)}\r\nAccept-Ranges: bytes\r\nETag: "1"\r\n\r\n'
        await stream.send_all(head.encode() + CONTENT[:2_500_000])
        await trio.sleep_forever()

    def cancel(done: int, _: int | None) -> None:
        if done > 2_000_000:
            scope.cancel()

    with trio.CancelScope() as scope:
        async with website(slow) as site:
            await download(
                ImageUrl.parse(site.url()),
                target,
                max_bytes=PLENTY,
                space=DISK.guard,
                threads=trio.CapacityLimiter(1),
                progress=cancel,
            )
    kept = target.stat().st_size
    assert 2_000_000 < kept <= 2_500_000
    assert target.read_bytes() == CONTENT[:kept]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost` that nobody else vouches for, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        ["openssl", *request, *subject, "-keyout", path, "-out", path.with_suffix(".crt")],
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


def secured(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_a_file_arrives_over_tls(target: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with website(FileHandler(CONTENT), secured(certificate)) as site:
        await download(
            ImageUrl.parse(site.url(host="localhost")),
            target,
            max_bytes=PLENTY,
            space=DISK.guard,
            threads=trio.CapacityLimiter(1),
        )
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(("trusted", "host"), [(False, "localhost"), (True, "127.0.0.1")])
async def test_a_certificate_that_is_not_the_hosts_or_not_trusted_is_told(
    target: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool, host: str
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with website(FileHandler(CONTENT), secured(certificate)) as site:
        with pytest.raises(Foreign, match=f"downloading from {host}:{site.port} failed: its certificate is not valid"):
            await download(
                ImageUrl.parse(site.url(host=host)),
                target,
                max_bytes=PLENTY,
                space=DISK.guard,
                threads=trio.CapacityLimiter(1),
            )
    assert not site.requests


async def test_a_server_that_speaks_no_tls_is_told(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "DOWNLOAD_CONNECT_TIMEOUT_SECONDS", 0.05)
    async with website(saying(b"HTTP/1.1 200 OK\r\n\r\n")) as site:
        with pytest.raises(Foreign, match="cannot be reached"):
            await download(
                ImageUrl.parse(f"https://127.0.0.1:{site.port}/x"),
                target,
                max_bytes=PLENTY,
                space=DISK.guard,
                threads=trio.CapacityLimiter(1),
            )


HEADERS = st.sampled_from(
    [
        b"Content-Length: 5",
        b"Content-Length: -1",
        b"Content-Length: 99999999999999999999",
        b"Transfer-Encoding: chunked",
        b"Content-Range: bytes 1-2/3",
        b"Location: /x",
        b"Location: http://[::1",
        b"Accept-Ranges: bytes",
        b'ETag: "\xe9"',
        b"Content-Encoding: \xff",
    ]
)
ANSWERS = st.builds(
    lambda status, headers, body: b"HTTP/1.1 %d x\r\n%s\r\n%s" % (status, b"".join(h + b"\r\n" for h in headers), body),
    st.sampled_from([100, 101, 199, 200, 204, 206, 301, 302, 304, 308, 404, 416, 500, 999]),
    st.lists(HEADERS, max_size=4),
    st.binary(max_size=30) | st.just(b"5\r\nabcde\r\n0\r\n\r\n"),
)


@settings(max_examples=examples(60))
@given(answer=ANSWERS | st.binary(max_size=100))
async def test_any_answer_of_a_server_gives_a_file_or_an_expected_error(
    tmp_path_factory: pytest.TempPathFactory, answer: bytes
) -> None:
    async with website(saying(answer)) as site:
        url = ImageUrl.parse(site.url())
        try:
            await download(
                url,
                tmp_path_factory.mktemp("any") / "file",
                max_bytes=PLENTY,
                space=DISK.guard,
                threads=trio.CapacityLimiter(1),
            )
        except (Foreign, Invalid):
            return

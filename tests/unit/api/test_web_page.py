"""The browser's pages: what is answered, how it is cached, and that nothing outside their directory is."""

import gzip
from pathlib import Path

import pytest

from tests.support.http import Answer, AppClient, ask
from townos.api.call import Call
from townos.api.routing import Auth, get
from townos.api.web_page import WebPage

INDEX = b"<!doctype html><title>Town OS</title>"
SCRIPT = b"console.log('town');" * 100


async def hello(_: Call) -> dict[str, str]:
    return {}


@pytest.fixture
def client(tmp_path: Path) -> AppClient:
    ui = tmp_path / "ui"
    (ui / "assets").mkdir(parents=True)
    (ui / "index.html").write_bytes(INDEX)
    (ui / "favicon.svg").write_bytes(b"<svg/>")
    (ui / "assets" / "index-B1x.js").write_bytes(SCRIPT)
    (tmp_path / "secret").write_text("outside")
    return AppClient((get("/hello", hello, Auth.PUBLIC),), web_page=WebPage(ui))


@pytest.mark.parametrize("path", ["/", "/login", "/setup", "/dashboard", "/dashboard/packages/nginx", "/index.html"])
async def test_the_browsers_paths_are_the_index(client: AppClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status, answer.body) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


async def test_pages_are_guarded_by_strict_headers(client: AppClient) -> None:
    headers = (await client.get("/")).headers
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert not [rule for rule in policy if rule.startswith("script-src") or "unsafe-eval" in rule]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


async def test_hashed_files_are_cached_and_compressed_for_clients_that_can_read_it(client: AppClient) -> None:
    plain = await client.get("/assets/index-B1x.js")
    small = await client.get("/assets/index-B1x.js", {"Accept-Encoding": "gzip, br"})
    assert plain.body == gzip.decompress(small.body) == SCRIPT
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    for answer in (plain, small):
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"


async def test_a_file_that_the_browser_has_is_not_sent_again(client: AppClient) -> None:
    tag = (await client.get("/")).headers["etag"]
    again = await client.get("/", {"If-None-Match": tag})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert (await client.get("/", {"If-None-Match": '"other"'})).status == 200


async def test_head_of_a_page_is_answered(client: AppClient) -> None:
    assert (await ask(client.app, "HEAD", "/")).status == 200


@pytest.mark.parametrize(
    "path",
    ["/unknown", "/login/x", "/dashboards", "/assets/", "/assets/../../secret", "/../secret", "/secret", "/assets"],
)
async def test_everything_else_is_a_404_problem(client: AppClient, path: str) -> None:
    answer: Answer = await client.get(path)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_pages_are_not_audited_and_a_post_to_one_is_no_page(client: AppClient) -> None:
    await client.get("/")
    for path in ("/", "/dashboard/x", "/assets/none.js"):
        assert (await client.post(path)).status == 404
    assert client.audit == []


async def test_routes_come_before_pages_and_a_missing_build_is_a_404(tmp_path: Path) -> None:
    client = AppClient((get("/login", hello, Auth.PUBLIC),), web_page=WebPage(tmp_path / "missing"))
    assert (await client.get("/login")).body == b"{}\n"
    assert (await client.get("/")).status == 404

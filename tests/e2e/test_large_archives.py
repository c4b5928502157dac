"""A gigabyte out of a volume and into another one, over HTTP and through the real programs."""

import http.client
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.api import Api
from tests.e2e.appliance import Appliance
from tests.e2e.volumes import listing, staged
from tests.support.archive_appliance import BOUNDARY

pytestmark = pytest.mark.timeout(600)

CHUNK = 1024 * 1024
FILL = """
cd /town-os/user/full && mkdir -p d/small && head -c 256M /dev/urandom >random && truncate -s 700M holes
for at in 1 200 450 699; do dd if=/dev/urandom of=holes bs=1M count=8 seek=$at conv=notrunc status=none; done
head -c 32M random | split -a 3 -b 8K - d/small/part
chown -R 33:34 d && chmod 2750 d && ln -s ../random d/link && ln random d/again
find . -exec touch -h -d @1234567890 {} +
"""


def connection(admin: Api) -> http.client.HTTPConnection:
    split = urlsplit(admin.url)
    return http.client.HTTPConnection(str(split.hostname), split.port, timeout=300)


def download(admin: Api, volume: str, target: Path) -> None:
    link = connection(admin)
    headers = {"Authorization": f"Bearer {admin.token}", "Content-Type": "application/json"}
    link.request("POST", "/storage/download-archive", json.dumps({"subvolume": volume}).encode(), headers)
    reply = link.getresponse()
    assert reply.status == 200
    with target.open("wb") as file:
        shutil.copyfileobj(reply, file, CHUNK)
    link.close()


def upload(admin: Api, volume: str, source: Path) -> None:
    link = connection(admin)
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="subvolume"\r\n\r\n{volume}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="archive"; filename="full.tar.gz"\r\n\r\n'
    ).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()

    def body() -> Iterator[bytes]:
        yield head
        with source.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
        yield tail

    headers = {
        "Authorization": f"Bearer {admin.token}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(head) + source.stat().st_size + len(tail)),
    }
    link.request("POST", "/storage/upload-archive", body(), headers)
    reply = link.getresponse()
    assert reply.status == 200, reply.read()
    link.close()


@pytest.mark.conformance("ARC-03")
@pytest.mark.conformance("ARC-05")
def test_a_gigabyte_comes_back_byte_for_byte(town: Appliance, tmp_path: Path) -> None:
    admin = town.admin()
    town.wait_for_boot()
    admin.post("/settings/set", key="max_archive_size", value="2gb")
    for name in ("full", "back"):
        admin.post("/storage/create", name=name, quota=0)
    town.bed.check(FILL, seconds=300)
    download(admin, "full", tmp_path / "full.tar.gz")
    upload(admin, "back", tmp_path / "full.tar.gz")
    assert content(town, "full") == content(town, "back")
    assert staged(town.bed) == []


def content(town: Appliance, volume: str) -> list[str]:
    """Return what a volume holds; its own directory, without a name, is no part of an archive."""
    return [line for line in listing(town.bed, f"user/{volume}") if not line.startswith(" ")]

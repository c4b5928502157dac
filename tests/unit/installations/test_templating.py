"""Templates become files in the volumes, before the first start and whenever one is missing."""

import socket
from pathlib import Path

import pytest
from trio.testing import MockClock

from tests.support.installations import WEB, PackageHost
from townos.errors import Invalid, TownError
from townos.names import VolumeName
from townos.storage.paths import VolumePath
from townos.testing.systemd import Behaviour

MANIFEST = """
image: nginx
description: A site
volumes:
  data: {mountpoint: /data}
questions:
  name: {query: Which name?, default: me}
  size: {query: How much?, type: bytes, default: 1mb}
  where: {query: Where?, default: etc}
templates:
  config:
    volume: data
    path: "@where@/site.conf"
    content: |-
      {{.Package.Repo}}/{{.Package.Name}}@{{.Package.Version}} {{.Package.Image}} {{.Package.Description}}
      {{.Responses.name}} {{.Responses.size}} {{.Responses.none}}
      {{.System.Hostname}} {{.System.ExternalIP}} {{.System.InternalIP}}
  second: {volume: data, path: second, content: "{{if eq .Responses.name `me`}}it is me{{end}}"}
"""
DATA = VolumePath.installed(WEB, VolumeName.parse("data"))

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    host = PackageHost(tmp_path)
    host.offer(WEB, MANIFEST)
    return host


def place(host: PackageHost, name: str = "etc/site.conf") -> Path:
    return host.volumes.location(DATA) / name


@pytest.mark.conformance("INST-06", "PKG-13", "TPL-01", "TPL-02", "TPL-03", "TPL-04")
async def test_a_template_is_rendered_before_the_start(host: PackageHost) -> None:
    seen: list[str] = []
    host.systemd.on_start[WEB.unit] = lambda: seen.append(place(host).read_text())
    async with host.process() as process:
        await process.install(WEB, {"name": "@size@ {{.}}"})
    (text,) = seen
    assert text.splitlines() == [
        "core/web@1.0 docker.io/library/nginx:latest A site",
        "@size@ {{.}} 1048576 <no value>",
        f"{socket.gethostname()} 203.0.113.7 192.168.1.2",
    ]
    assert place(host, "second").read_text() == ""


@pytest.mark.conformance("TPL-05")
async def test_a_file_that_is_there_is_never_overwritten(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(WEB, {})
        place(host).write_text("mine")
        await process.install(WEB, {"name": "other"})
        await process.reconciliation.run()
    assert place(host).read_text() == "mine"


@pytest.mark.conformance("TPL-05")
async def test_a_missing_file_comes_back_at_boot(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(WEB, {})
        place(host, "second").unlink()
        await host.systemd.stop(WEB.unit)
        await process.reconciliation.run()
    assert place(host, "second").read_text() == "it is me"


async def test_a_failed_change_takes_its_files_away(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(WEB, {})
        place(host).unlink()

        def die_once() -> None:
            host.systemd.behaviours.clear()

        host.systemd.behaviours[WEB.unit] = Behaviour(ends_after_seconds=0, exit_status=1)
        host.systemd.on_start[WEB.unit] = die_once
        with pytest.raises(TownError):
            await process.install(WEB, {"name": "other"})
    assert not place(host).exists()


async def test_a_template_that_cannot_be_rendered_is_named_before_anything_changes(host: PackageHost) -> None:
    host.offer(WEB, MANIFEST.replace("{{.Responses.none}}", "{{.Package.Nothing}}").replace("`me`", "3"))
    async with host.process() as process:
        with pytest.raises(Invalid) as error:
            await process.install(WEB, {})
    assert [field.name for field in error.value.fields] == ["templates.config.content", "templates.second.content"]
    assert host.left() == set()


async def test_the_templates_of_a_package_share_a_limit(host: PackageHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("townos.installations.planning.rendering.TEMPLATES_SECONDS_MAX", 0)
    async with host.process() as process:
        with pytest.raises(Invalid) as error:
            await process.install(WEB, {})
    (field,) = error.value.fields  # nobody waits for the others
    assert (field.name, field.code) == ("templates.config.content", "template.all_seconds")
    assert host.left() == set()


@pytest.mark.conformance("HOLE-02")
async def test_a_link_in_the_volume_is_never_followed(host: PackageHost, tmp_path: Path) -> None:
    async with host.process() as process:
        await process.install(WEB, {})
        place(host).unlink()
        place(host).parent.rmdir()
        outside = tmp_path / "outside"
        outside.mkdir()
        place(host).parent.symlink_to(outside)
        await host.systemd.stop(WEB.unit)
        await process.reconciliation.run()
        assert "etc" in str(process.start_failures.reasons()[str(WEB)])
    assert list(outside.iterdir()) == []
    assert host.running()


@pytest.mark.parametrize("path", ["../site.conf", "/etc/site.conf", "a/../../b", "."])
async def test_no_answer_leads_a_template_out_of_its_volume(host: PackageHost, path: str) -> None:
    host.offer(WEB, MANIFEST.replace('"@where@/site.conf"', '"@where@"'))
    async with host.process() as process:
        with pytest.raises(Invalid):
            await process.install(WEB, {"where": path})
    assert host.left() == set()

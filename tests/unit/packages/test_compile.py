"""Manifest and answers make a package."""

import tracemalloc

import pytest

from townos.errors import Invalid
from townos.names import PackageId
from townos.network.port_mapping import PortMapping
from townos.packages.compile import HostNames, compile_package
from townos.packages.loading import load_manifest
from townos.packages.manifest import NoteType
from townos.packages.notes import compile_notes
from townos.packages.package import Package, PackageVolume

MEBIBYTE = 1024**2
ID = PackageId.parse("core", "web", "1.0")
HOST = HostNames("203.0.113.7", "192.168.1.2")


def compiled(text: str, host: HostNames = HOST, /, **answers: str) -> Package:
    return compile_package(ID, load_manifest(text.encode(), "web/1.0"), answers, host)


def refused(text: str, **answers: str) -> list[str]:
    with pytest.raises(Invalid) as error:
        compiled(text, **answers)
    return [field.name for field in error.value.fields]


@pytest.mark.conformance("SUB-02", "PKG-07", "PKG-06")
def test_answers_land_in_environment_ports_mountpoints_and_quotas() -> None:
    package = compiled(
        """
        image: nginx
        environment: {URL: "http://@name@:@port@", SIZE: "@size@"}
        network: {external: {"@port@": "80", "90": "@inner@"}}
        volumes: {data: {mountpoint: "/srv/@name@/", quota: "@size@", uid: 1, gid: 2}}
        questions: {name: {query: q}, port: {query: q, type: port}, inner: {query: q}, size: {query: q, type: bytes}}
        """,
        name="town",
        port="8080",
        inner="81",
        size="1gb",
    )
    assert package.environment == {"URL": "http://town:8080", "SIZE": str(1024**3)}
    assert package.external_ports == (PortMapping(90, 81), PortMapping(8080, 80))
    assert package.volumes == (PackageVolume("data", "/srv/town", 1024**3, 1, 2),)  # type: ignore[arg-type]


@pytest.mark.conformance("SUB-05")
def test_the_machines_addresses_are_built_in() -> None:
    text = 'image: nginx\nenvironment: {A: "@LOCAL_EXTERNAL_HOST@ @LOCAL_INTERNAL_HOST@"}'
    assert compiled(text).environment["A"] == "203.0.113.7 192.168.1.2"
    assert compiled(text, HostNames()).environment["A"] == "@LOCAL_EXTERNAL_HOST@ @LOCAL_INTERNAL_HOST@"


@pytest.mark.parametrize("answer", ["/../etc", "x:ro", "a,b", ".."])
@pytest.mark.conformance("HOLE-02")
def test_an_answer_cannot_lead_a_mountpoint_astray(answer: str) -> None:
    text = 'image: nginx\nvolumes: {data: {mountpoint: "/srv/@name@"}}\nquestions: {name: {query: q}}'
    assert refused(text, name=answer) == ["volumes.data.mountpoint"]


@pytest.mark.parametrize("port", ["0", "65536", "80/udp", "127.0.0.1:80", "-1", "80 81"])
def test_a_port_is_a_number_from_1_to_65535(port: str) -> None:
    text = 'image: nginx\nnetwork: {external: {"@p@": "80"}}\nquestions: {p: {query: q}}'
    assert refused(text, p=port) == ["network.external.@p@"]


def test_a_port_of_this_machine_is_used_once() -> None:
    text = 'image: nginx\nnetwork: {external: {"80": "80"}, internal: {"80": "81"}}'
    assert refused(text) == ["network"]


def test_two_volumes_do_not_share_a_mountpoint() -> None:
    assert refused("image: nginx\nvolumes: {a: {mountpoint: /d}, b: {mountpoint: /d/}}") == ["volumes.b.mountpoint"]


def test_errors_are_told_together() -> None:
    text = """
    image: nginx
    network: {external: {"x": "80"}}
    volumes: {a: {mountpoint: /d, quota: lots}}
    notes: {n: {value: nothing, type: email}}
    """
    assert refused(text) == ["network.external.x", "volumes.a.quota", "notes.n"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ("environment: {E: 'TEXT'}", "environment.E"),
        ("network: {external: {'80': 'TEXT'}}", "network.external.80"),
        ("volumes: {v: {mountpoint: 'TEXT'}}", "volumes.v.mountpoint"),
        ("volumes: {v: {mountpoint: /d, quota: 'TEXT'}}", "volumes.v.quota"),
        ("notes: {n: {value: 'TEXT'}}", "notes.n"),
    ],
)
def test_short_markers_for_long_answers_take_no_memory(fields: str, named: str) -> None:
    """Without a limit, 30 KB and an answer of 60 KB become 600 MB."""
    text = f"image: nginx\nquestions: {{a: {{query: q}}}}\n{fields.replace('TEXT', '@a@' * 10_000)}"
    answer = "x" * 60_000
    tracemalloc.start()
    try:
        assert refused(text, a=answer) == [named]
        assert tracemalloc.get_traced_memory()[1] < 16 * MEBIBYTE
    finally:
        tracemalloc.stop()


def test_all_fields_together_have_room_for_a_limited_text() -> None:
    environment = ", ".join(f"E{number:02}: '@a@'" for number in range(30))
    text = (
        f"image: nginx\nquestions: {{a: {{query: q}}}}\nenvironment: {{{environment}}}\nnotes: {{n: {{value: '@a@'}}}}"
    )
    assert len(compiled(text, a="x" * 33_000).environment) == 30
    fitting = MEBIBYTE // 60_000
    named = [f"environment.E{number}" for number in range(fitting, 30)]
    assert refused(text, a="x" * 60_000) == [*named, "notes.n"]


@pytest.mark.conformance("PKG-09")
@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("url", "https://town.example:8080/x", "no url"),
        ("email", "me@example.org", "me@example"),
        ("phone", "+49 (0) 30-12.34", "call me"),
    ],
)
def test_notes_fit_their_types(kind: NoteType, good: str, bad: str) -> None:
    note = type(load_manifest(b"image: x\nnotes: {n: {value: v}}", "x/1").notes["n"])
    assert compile_notes({"n": note(good, kind)}, {}) == {"n": good}
    with pytest.raises(Invalid):
        compile_notes({"n": note(bad, kind)}, {})


def test_a_note_never_becomes_a_link_that_runs_script() -> None:
    note = type(load_manifest(b"image: x\nnotes: {n: {value: v}}", "x/1").notes["n"])
    with pytest.raises(Invalid):
        compile_notes({"n": note("javascript://x/%0aalert(1)", "url")}, {})

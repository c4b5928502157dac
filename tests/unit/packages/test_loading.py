"""Reading manifests: everything wrong is named at once, and unknown keys are ignored."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.images import ImageReference
from townos.limits import MANIFEST_ERRORS_MAX
from townos.packages.loading import load_manifest
from townos.packages.manifest import Manifest, Note, VolumeSpec
from townos.packages.problems import ManifestInvalid
from townos.packages.questions import Question

MEBIBYTE = 1024**2
WHOLE = b"""
image: nginx
description: A web server
supplies: [web, http]
command: [nginx, -g, "daemon off;"]
environment:
  PORT: 8080
  DEBUG: on
  TEXT: |
    two
    lines
network:
  external: {"@port@": "80"}
  internal: {9000: 9001}
volumes:
  data: {mountpoint: /data, quota: 1gb, uid: 33, gid: 0}
  site: {mountpoint: "/srv/@name@"}
questions:
  port: {query: Which port?, type: port}
  name: {query: What name?, default: site}
notes:
  link: {value: "http://x:@port@", type: url}
dependencies: {database: {package: postgres}}
"""


def refused(content: bytes) -> list[str]:
    with pytest.raises(ManifestInvalid) as error:
        load_manifest(content, "x/1")
    return [field.name for field in error.value.fields]


@pytest.mark.conformance("PKG-01", "PKG-04", "PKG-05", "PKG-06", "PKG-08", "PKG-10", "PKG-11", "QST-01")
def test_a_whole_manifest_is_read_and_unknown_keys_are_ignored() -> None:
    assert load_manifest(WHOLE, "web/1.0") == Manifest(
        image=ImageReference("docker.io/library/nginx:latest"),
        description="A web server",
        supplies=("web", "http"),
        command=("nginx", "-g", "daemon off;"),
        environment={"PORT": "8080", "DEBUG": "on", "TEXT": "two\nlines\n"},
        external={"@port@": "80"},
        internal={"9000": "9001"},
        volumes={
            "data": VolumeSpec("/data", "1gb", 33, 0),  # type: ignore[dict-item]
            "site": VolumeSpec("/srv/@name@"),  # type: ignore[dict-item]
        },
        questions={"port": Question("Which port?", "port"), "name": Question("What name?", "", "site")},
        notes={"link": Note("http://x:@port@", "url")},
    )


@pytest.mark.parametrize(
    ("content", "field", "line"),
    [
        (b"", "manifest", 1),
        (b"- a list", "manifest", 1),
        (b"image: [", "yaml", 2),
        (b"description: x", "image", 1),
        (b"image: -v", "image", 1),
        (b"image: nginx\nimage: other", "manifest.image", 2),
        (b"image: nginx\nenvironment: {A-B: x}", "environment.A-B", 2),
        (b'image: nginx\nenvironment: {A: "x\\0"}', "environment.A", 2),
        (b"image: nginx\nenvironment: {A: [x]}", "environment.A", 2),
        (b"image: nginx\ncommand: run", "command", 2),
        (b"image: nginx\nnetwork: [80]", "network", 2),
        (b"image: nginx\nvolumes: {../x: {mountpoint: /d}}", "volumes.../x", 2),
        (b"image: nginx\nvolumes: {a: {mountpoint: d}}", "volumes.a.mountpoint", 2),
        (b"image: nginx\nvolumes: {a: {mountpoint: /}}", "volumes.a.mountpoint", 2),
        (b"image: nginx\nvolumes: {a: {mountpoint: /a/../b}}", "volumes.a.mountpoint", 2),
        (b'image: nginx\nvolumes: {a: {mountpoint: "/a:ro"}}', "volumes.a.mountpoint", 2),
        (b"image: nginx\nvolumes: {a: {mountpoint: /d, uid: -1}}", "volumes.a.uid", 2),
        (b"image: nginx\nvolumes: {a: {mountpoint: /d, gid: 4294967295}}", "volumes.a.gid", 2),
        (b"image: nginx\nquestions: {a-b: {query: x}}", "questions.a-b", 2),
        (b"image: nginx\nnotes: {a: {value: x, type: fax}}", "notes.a.type", 2),
        (b"image: nginx\n\n\ntemplates: {a: {path: x}}", "templates.a.volume", 4),
        (b"image: nginx\nvm: {image: x.raw}", "vm", 2),
        (b"image: nginx\nvolumes: {a: {mountpoint: /d, git: file:///x/y}}", "volumes.a.git", 2),
    ],
)
def test_an_error_is_named_with_its_path_and_line(content: bytes, field: str, line: int) -> None:
    with pytest.raises(ManifestInvalid) as error:
        load_manifest(content, "web/1.0")
    assert (field, line) in [(one.name, at) for one, at in zip(error.value.fields, error.value.lines, strict=True)]
    assert "web/1.0" in error.value.text()


def test_all_errors_are_told_at_once() -> None:
    content = b"image: a b\nenvironment: {1: x}\nvolumes: {a: {mountpoint: d}}\nquestions: {-: {}}"
    with pytest.raises(ManifestInvalid) as error:
        load_manifest(content, "web/1.0")
    assert [field.name for field in error.value.fields] == [
        "image",
        "environment.1",
        "volumes.a.mountpoint",
        "questions.-",
    ]


def test_texts_for_people_may_have_several_lines() -> None:
    manifest = load_manifest(
        b"image: x\ndescription: |\n  A web\n\n   server\nquestions: {q: {query: 'one\n\n  two'}}", "x/1"
    )
    assert (manifest.description, manifest.questions["q"].query) == ("A web server", "one two")
    assert load_manifest(b"image: x\ndescription: 'as  it is '", "x/1").description == "as  it is "
    assert refused(b'image: x\ndescription: "\\e[31m"') == ["description"]


def test_null_is_the_same_as_absent() -> None:
    assert load_manifest(b"image: nginx\nvolumes: ~\nenvironment: {A: null}", "x/1").environment == {"A": ""}


def test_anchors_and_merge_keys_work() -> None:
    content = b"image: nginx\nnotes: {a: &a {value: x}, b: {<<: *a, type: url}}"
    assert load_manifest(content, "x/1").notes == {"a": Note("x"), "b": Note("x", "url")}


def test_aliases_cannot_make_a_document_grow() -> None:
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % ((c, c) + (c - 1,) * 7) for c in range(ord("b"), ord("p"))
    )
    assert load_manifest(b"image: nginx\n" + bomb, "x/1").image


@pytest.mark.parametrize("content", [b"[" * 200_000, b"{a: " * 50_000, b"- " * 100_000, b"&a [" + b"[" * 40])
def test_a_deep_document_does_not_end_the_process(content: bytes) -> None:
    with pytest.raises(ManifestInvalid, match=r"levels of mappings|nesting depth"):
        load_manifest(content, "x/1")


def test_a_document_may_contain_itself() -> None:
    assert refused(b"image: nginx\ncommand: &a [*a]") == ["command[0]"]
    assert refused(b"&a {image: nginx, volumes: *a}") == [
        "volumes.image",
        "volumes.image.mountpoint",
        "volumes.volumes.mountpoint",
    ]


def test_merged_names_are_as_plain_as_others() -> None:
    assert refused(b'image: nginx\nnotes: {<<: {"a\\0b": {value: x}}}') == ["notes"]


def test_a_mapping_merges_one_other() -> None:
    assert refused(b"image: nginx\nx: &a {value: y}\nnotes: {n: {<<: *a, <<: *a}}") == ["notes.n.<<"]


def test_merging_again_and_again_takes_no_memory_and_no_time() -> None:
    """Without a limit, 37 KB become more than a gigabyte."""
    keys = b"".join(b"  k%d: x\n" % number for number in range(1_000))
    merges = b", ".join([b"<<: *a"] * 2_000)
    content = b"image: nginx\nx: &a\n" + keys + b"environment: {" + merges + b"}\n"
    tracemalloc.start()
    try:
        assert set(refused(content)) == {"environment.<<"}
        assert tracemalloc.get_traced_memory()[1] < 16 * MEBIBYTE
    finally:
        tracemalloc.stop()


def test_merged_mappings_are_counted_everywhere() -> None:
    keys = b"".join(b"  k%d: x\n" % number for number in range(900))
    volumes = b", ".join(b"v%d: {mountpoint: /d%d, <<: *a}" % (number, number) for number in range(900))
    content = b"image: nginx\nx: &a\n" + keys + b"volumes: {" + volumes + b"}\n"
    assert refused(content) == ["volumes.v21"]


def test_texts_repeated_by_aliases_are_counted_everywhere() -> None:
    """Without a limit, 70 KB become an entry of 65 MB in every list."""
    content = b"image: nginx\nx: &a " + b"y" * 65_000 + b"\nsupplies: [" + b",".join([b"*a"] * 1_000) + b"]"
    assert refused(content) == ["supplies[16]"]
    content = b"image: nginx\nx: &a " + b"y" * 65_000 + b"\nenvironment: {"
    content += b",".join(b"E%d: *a" % number for number in range(17)) + b"}"
    assert refused(content) == ["environment.E16"]


def test_a_file_without_aliases_may_be_full_of_text() -> None:
    content = b"image: nginx\nenvironment:\n" + b"".join(b"  E%d: %s\n" % (n, b"y" * 65_000) for n in range(16))
    assert len(load_manifest(content, "x/1").environment) == 16


def test_a_file_is_one_document_whose_anchors_are_there() -> None:
    assert refused(b"image: x\n---\nimage: y") == ["yaml"]
    assert refused(b"image: *a") == ["yaml"]
    assert load_manifest(b"a: &a x\nb: &a y\nimage: *a\n...", "x/1").image == ImageReference.parse("y")


def test_a_merged_mapping_merges_no_other() -> None:
    content = b"image: x\na: &a {type: url}\nb: &b {<<: *a, value: y}\nnotes: {n: {<<: *b}}"
    assert load_manifest(content, "x/1").notes == {"n": Note("y")}


def test_characters_that_no_unit_file_can_hold_are_refused_in_place() -> None:
    assert refused(b'image: x\nenvironment: {A: "\\uFFFE"}\ncommand: [a, "\\uFDD0"]') == ["environment.A", "command[1]"]


def test_no_more_is_read_when_enough_is_wrong() -> None:
    names = b", ".join(b"%d: x" % number for number in range(1_000))
    assert len(refused(b"image: nginx\nenvironment: {" + names + b"}")) == MANIFEST_ERRORS_MAX


def test_a_mapping_has_a_limited_number_of_entries() -> None:
    names = b", ".join(b"E%d: x" % number for number in range(1_001))
    assert refused(b"image: nginx\nenvironment: {" + names + b"}") == ["environment"]


def test_a_name_has_a_limited_length() -> None:
    assert refused(b"image: nginx\nenvironment:\n  ? " + b"E" * 257 + b"\n  : x") == ["environment"]


def test_a_file_has_a_limited_number_of_values() -> None:
    assert refused(b"image: nginx\nx: [" + b"a," * 100_000 + b"]") == ["yaml"]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        load_manifest(content, "x/1")
    except Invalid as error:
        assert error.fields


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(["image", "volumes", "network", "external", "questions", "notes", "command", "a"]),
                inner,
                max_size=4,
            ),
        ),
        max_leaves=12,
    )
)
def test_any_document_is_read_or_refused(document: object) -> None:
    import yaml

    try:
        load_manifest(yaml.safe_dump(document, allow_unicode=True).encode(), "x/1")
    except Invalid as error:
        assert error.fields

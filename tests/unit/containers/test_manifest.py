"""What `podman manifest inspect` says of an image, in the versions that there are."""

import json
import platform
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.containers.manifest import Manifest, manifest_of

FIRST, SECOND = f"sha256:{1:064x}", f"sha256:{2:064x}"
IMAGE = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": FIRST, "size": 1116},
    "layers": [{"mediaType": "x", "digest": FIRST, "size": 4_001_424}, {"digest": SECOND, "size": 0}],
}
LIST = {
    "schemaVersion": 2,
    "manifests": [
        {"digest": FIRST, "size": 500, "platform": {"architecture": "arm64", "os": "linux", "variant": "v8"}},
        {"digest": SECOND, "size": 500, "platform": {"architecture": "amd64", "os": "linux"}},
        {"digest": FIRST, "size": 500, "platform": {"architecture": "unknown", "os": "unknown"}},
    ],
}


def shown(value: object) -> Manifest | None:
    return manifest_of(json.dumps(value).encode(), b"")


def test_an_image_tells_the_sizes_of_its_layers() -> None:
    manifest = shown(IMAGE)
    assert manifest is not None
    assert manifest.layer_sizes() == {FIRST: 4_001_424, SECOND: 0}
    assert manifest.for_this_machine() is None


@pytest.mark.parametrize(("machine", "digest"), [("aarch64", FIRST), ("x86_64", SECOND), ("riscv64", None)])
def test_a_list_tells_the_image_for_this_machine(
    machine: str, digest: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    manifest = shown(LIST)
    assert manifest is not None
    assert manifest.layer_sizes() == {}
    assert manifest.for_this_machine() == digest


def test_podman_4_3_hides_the_manifest_of_a_single_image_in_an_error() -> None:
    error = (
        f"Error: parsing manifest blob {json.dumps(json.dumps(IMAGE))} as a "
        '"application/vnd.oci.image.manifest.v1+json": Treating single images as manifest lists is not implemented\n'
    )
    manifest = manifest_of(b"", error.encode())
    assert manifest is not None
    assert manifest.layer_sizes() == {FIRST: 4_001_424, SECOND: 0}


@pytest.mark.parametrize(
    "change",
    [
        {"layers": [{"digest": "../x", "size": 1}]},
        {"layers": [{"digest": FIRST, "size": -1}]},
        {"layers": [{"digest": FIRST, "size": 2**60}]},
        {"layers": [{"digest": FIRST, "size": 1.5}]},
        {"layers": {"a": 1}},
        {"manifests": [{"digest": FIRST, "size": 1, "platform": "linux"}]},
    ],
)
def test_an_invalid_image_manifest_is_not_read(change: Mapping[str, object]) -> None:
    assert shown({**IMAGE, **change}) is None


@given(st.binary(), st.one_of(st.binary(), st.binary().map(lambda raw: b'parsing manifest blob "' + raw + b'" as a "')))
def test_any_output_of_podman_is_accepted(stdout: bytes, stderr: bytes) -> None:
    manifest_of(stdout, stderr)

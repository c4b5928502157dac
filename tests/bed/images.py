"""Container images made from the bed's own Debian, and the registry directory that serves them.

`publish` writes the storage layout of the CNCF Distribution registry (docker-registry 2) itself, so that no registry
has to run while images are made; a registry that runs on the directory shows a new image at once.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

REGISTRY: Final = "var/lib/docker-registry"
"""The registry's directory inside a bed, below its root."""

_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
_SEARCH_PATH: Final = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Image:
    """What a container starts from: one directory tree, or several on top of each other, and how to run it."""

    root: Path
    command: tuple[str, ...]
    entrypoint: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    volumes: tuple[str, ...] = ()
    upper: tuple[Path, ...] = ()
    """The trees of further layers, from the lowest to the highest."""


def publish(registry: Path, name: str, image: Image, *, tag: str = "latest") -> str:
    """Store an image as `name:tag` (`library/nginx`, without a host) and return its manifest's digest, `sha256:…`."""
    tars = [_layer(root) for root in (image.root, *image.upper)]
    layers = [_blob(registry, gzip.compress(tar, compresslevel=1, mtime=0)) for tar in tars]
    configuration = _blob(registry, _json(_configuration(image, [_digest(tar) for tar in tars])))
    manifest = _blob(
        registry,
        _json(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": {"mediaType": _CONFIG, **configuration},
                "layers": [{"mediaType": _LAYER, **layer} for layer in layers],
            }
        ),
    )
    repository = _storage(registry) / "repositories" / name
    for content in (*layers, configuration):
        _link(repository / "_layers", content["digest"])
    _link(repository / "_manifests" / "revisions", manifest["digest"])
    tags = repository / "_manifests" / "tags" / tag
    _link(tags / "index", manifest["digest"])
    _write(tags / "current" / "link", str(manifest["digest"]).encode())
    return str(manifest["digest"])


def _layer(root: Path) -> bytes:
    """Pack a tree so that the same tree gives the same bytes: sorted, with numeric owners, without times."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(root.rglob("*")):
            member = tar.gettarinfo(path, arcname=str(path.relative_to(root)))
            member.mtime = 0
            member.uname = member.gname = ""
            if member.isreg():
                with path.open("rb") as content:
                    tar.addfile(member, content)
            else:
                tar.addfile(member)
    return packed.getvalue()


def _configuration(image: Image, layers: list[str]) -> dict[str, object]:
    run: dict[str, object] = {"Env": [_SEARCH_PATH, *(f"{key}={value}" for key, value in image.environment.items())]}
    if image.command:
        run["Cmd"] = list(image.command)
    if image.entrypoint:
        run["Entrypoint"] = list(image.entrypoint)
    if image.user:
        run["User"] = image.user
    if image.ports:
        run["ExposedPorts"] = {f"{port}/tcp": {} for port in image.ports}
    if image.volumes:
        run["Volumes"] = {volume: {} for volume in image.volumes}
    return {
        "architecture": "amd64",
        "os": "linux",
        "config": run,
        "rootfs": {"type": "layers", "diff_ids": layers},
        "history": [{"created_by": "tests/bed/images.py"} for _ in layers],
    }


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _storage(registry: Path) -> Path:
    return registry / "docker" / "registry" / "v2"


def _blob(registry: Path, content: bytes) -> dict[str, object]:
    digest = _digest(content)
    hexadecimal = digest.removeprefix("sha256:")
    _write(_storage(registry) / "blobs" / "sha256" / hexadecimal[:2] / hexadecimal / "data", content)
    return {"digest": digest, "size": len(content)}


def _link(directory: Path, digest: object) -> None:
    text = str(digest)
    _write(directory / "sha256" / text.removeprefix("sha256:") / "link", text.encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

"""Virtual machines: what a manifest says of them and what becomes of it."""

import pytest

from townos.errors import Invalid
from townos.names import PackageId
from townos.packages.compile import HostNames, compile_package
from townos.packages.loading import load_manifest
from townos.packages.manifest import VmSpec
from townos.packages.package import Package, Vm

ID = PackageId.parse("core", "machine", "1.0")
GIBIBYTE = 1024**3


def compiled(text: str, /, **answers: str) -> Package:
    return compile_package(ID, load_manifest(text.encode(), "machine/1.0"), answers, HostNames())


def refused(text: str, **answers: str) -> list[str]:
    with pytest.raises(Invalid) as error:
        compiled(text, **answers)
    return [field.name for field in error.value.fields]


@pytest.mark.conformance("PKG-14")
def test_exactly_one_of_image_and_vm_selects_the_runtime() -> None:
    assert compiled("image: nginx").runtime == "container"
    assert compiled("image: ''\nvm: {image: debian.raw}").runtime == "vm"
    assert refused("description: neither") == ["image"]
    assert refused("image: nginx\nvm: {image: debian.raw}") == ["vm"]


@pytest.mark.conformance("PKG-03", "PKG-16", "PKG-17", "QST-10")
def test_memory_and_processors_have_defaults() -> None:
    assert load_manifest(b"vm: {image: debian.raw}", "x/1").vm == VmSpec("debian.raw", "1gb", 1)
    assert compiled("vm: {image: debian.raw}").vm == Vm("debian.raw", GIBIBYTE, 1)
    assert compiled("vm: {image: debian.raw, memory: '', cpus: 0}").vm == Vm("debian.raw", GIBIBYTE, 1)
    assert compiled("vm: {image: debian.raw, memory: 512mb, cpus: 4}").vm == Vm("debian.raw", GIBIBYTE // 2, 4)


@pytest.mark.conformance("SUB-04")
def test_answers_land_in_image_and_memory() -> None:
    text = "vm: {image: 'https://@host@/disk.qcow2', memory: '@memory@'}\nquestions: {host: {}, memory: {type: bytes}}"
    assert compiled(text, host="me@example.org", memory="2gb").vm == Vm(
        "https://me@example.org/disk.qcow2", 2 * GIBIBYTE, 1
    )
    assert refused(text, host="a b", memory="1") == ["vm.image", "vm.memory"]


@pytest.mark.conformance("PKG-15")
@pytest.mark.parametrize("image", ["https://example.org/a.qcow2", "http://192.168.1.2:8080/a", "debian-12.raw"])
def test_the_image_is_a_url_or_a_file(image: str) -> None:
    package = compiled(f"vm: {{image: '{image}'}}")
    assert package.vm
    assert package.vm.image == image


@pytest.mark.conformance("PKG-15", "PKG-17", "HOLE-02")
@pytest.mark.parametrize(
    ("vm", "field"),
    [
        ("{}", "vm.image"),
        ("{image: ../x.raw}", "vm.image"),
        ("{image: /etc/shadow}", "vm.image"),
        ("{image: file:///etc/shadow}", "vm.image"),
        ("{image: 'http://169.254.169.254/x'}", "vm.image"),
        ("{image: https:///x}", "vm.image"),
        ("{image: x.raw, cpus: -1}", "vm.cpus"),
        ("{image: x.raw, cpus: many}", "vm.cpus"),
        ("{image: x.raw, cpus: 1.5}", "vm.cpus"),
        ("{image: x.raw, cpus: 999999}", "vm.cpus"),
        ("{image: x.raw, memory: lots}", "vm.memory"),
        ("{image: x.raw, memory: '512'}", "vm.memory"),
        ("x.raw", "vm"),
    ],
)
def test_an_error_in_a_machine_is_named(vm: str, field: str) -> None:
    assert field in refused(f"vm: {vm}")


def test_a_machine_has_no_settings_of_containers() -> None:
    package = compiled(
        """
        vm: {image: x.raw}
        command: [run]
        environment: {A: b}
        volumes: {data: {mountpoint: /data, git: 'https://x/y', archive: x.tar}}
        archives: [{image: x, directory: /a, volume: data}]
        templates: {t: {volume: data, path: p}}
        """
    )
    assert (package.command, package.environment, package.seeds) == ((), {}, ())
    assert [template.path for template in package.templates] == ["p"]

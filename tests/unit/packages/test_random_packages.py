"""Whatever the grammar allows compiles to what was meant, and whatever else is refused by name."""

from dataclasses import fields

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.support.examples import examples
from tests.support.packages import ANSWERS, ID, Written, damaged, packages
from townos.errors import Invalid
from townos.packages.compile import HostNames, compile_package
from townos.packages.loading import load_manifest
from townos.packages.package import FileSeed, GitSeed, ImageSeed, Package
from townos.packages.questions import CONVERSIONS

HOST = HostNames("town.example", "192.168.1.2")
SOME = settings(
    max_examples=examples(60),
    phases=set(Phase) - {Phase.shrink, Phase.explain},  # which takes minutes for whole packages
    suppress_health_check=list(HealthCheck),
)
MANY = settings(SOME, max_examples=200, database=None)


def compiled(written: Written) -> Package:
    return compile_package(ID, load_manifest(written.content, "random/1.0"), written.answers, HOST)


@pytest.mark.slow
def test_nine_in_ten_random_packages_compile_and_every_field_is_among_them() -> None:
    outcomes: list[Package | None] = []
    kinds: set[str] = set()

    @seed(20)
    @MANY
    @given(packages())
    def run(written: Written) -> None:
        kinds.update(question["type"] for question in written.document["questions"].values())
        try:
            outcomes.append(compiled(written))
        except Invalid:
            outcomes.append(None)

    run()
    made = [package for package in outcomes if package]
    assert len(made) >= 0.9 * len(outcomes) >= 0.9 * 200
    assert kinds == ANSWERS.keys() | {"port"} == CONVERSIONS.keys()
    assert {field.name for field in fields(Package) for package in made if getattr(package, field.name)} == {
        field.name for field in fields(Package)
    }
    assert {type(seed) for package in made for seed in package.seeds} == {ImageSeed, FileSeed, GitSeed}


@pytest.mark.conformance("SUB-01", "HOLE-01")
@SOME
@given(packages(runtime="container"))
def test_values_never_gain_meaning(written: Written) -> None:
    package = compiled(written)
    assert package.environment == written.environment
    assert package.command == written.command


@SOME
@given(damaged())
def test_a_refused_package_names_the_wrong_field(written: Written) -> None:
    try:
        compiled(written)
    except Invalid as error:
        assert error.fields
        assert all(field.name and field.text() for field in error.fields)

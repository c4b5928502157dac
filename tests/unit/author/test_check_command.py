"""`townos check`, as its author calls it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.support.examples import examples
from tests.support.packages import ID, Written, packages
from townos.author.manifests import check_manifest
from townos.author.samples import HOST, sample_answers
from townos.cli import run
from townos.packages.compile import compile_package
from townos.packages.loading import load_manifest

Output = pytest.CaptureFixture[str]

GOOD = """\
description: A web server
image: nginx:1.27
"""
UNKNOWN = {"check.unknown_key", "check.misspelt"}
SITE = f"{GOOD}volumes:\n  site: {{mountpoint: /site}}\n"


def repository(root: Path, files: Mapping[str, str], featured: str = "[]") -> Path:
    for name, text in files.items():
        file = root / "packages" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / "featured.json").write_text(featured)
    return root


def checked(path: Path, output: Output) -> tuple[int, list[str]]:
    status = run(["check", str(path)])
    return status, output.readouterr().out.splitlines()


@pytest.fixture(name="output")
def what_is_printed(capsys: Output) -> Output:
    return capsys


def places(lines: Sequence[str]) -> list[str]:
    """Return the line number and the path of each finding."""
    found = [re.fullmatch(r"(?:warning: )?web/1.0.yaml:(\d+): ([^:]+): .+", line) for line in lines]
    return [f"{match[1]} {match[2]}" for match in found if match]


def test_a_good_repository_has_nothing_to_be_said_about(tmp_path: Path, output: Output) -> None:
    root = repository(tmp_path, {"web/1.0.yaml": GOOD, "web/1.1.yaml": GOOD}, '["web"]')
    assert checked(root, output) == (0, ["manifests: 2, errors: 0, warnings: 0"])


def test_an_error_has_its_file_line_and_path_and_counts(tmp_path: Path, output: Output) -> None:
    root = repository(tmp_path, {"web/1.0.yaml": f"{GOOD}network:\n  external:\n    '0': '80'\n", "web/2.yaml": GOOD})
    assert checked(root, output) == (
        1,
        [
            'web/1.0.yaml:5: network.external.0: "0" is not a port: use a number from 1 to 65535',
            "manifests: 2, errors: 1, warnings: 0",
        ],
    )


def test_a_warning_does_not_count(tmp_path: Path, output: Output) -> None:
    root = repository(tmp_path, {"web/1.0.yaml": "description: A web server\nimage: nginx\n"})
    status, lines = checked(root, output)
    assert (status, lines[-1]) == (0, "manifests: 1, errors: 0, warnings: 1")
    assert lines[0].startswith("warning: web/1.0.yaml:2: image: docker.io/library/nginx:latest may be")


def test_a_single_file_can_be_checked(tmp_path: Path, output: Output) -> None:
    root = repository(tmp_path, {"web/1.0.yaml": GOOD, "web/2.0.yaml": "image: -v\n"})
    assert checked(root / "packages/web/1.0.yaml", output)[0] == 0
    assert checked(root / "packages/web/2.0.yaml", output)[0] == 1


@pytest.mark.parametrize("path", ["nothing", ".", "packages/web/notes.txt"])
def test_a_directory_that_is_no_repository_is_a_mistake_of_the_caller(
    path: str, tmp_path: Path, output: Output
) -> None:
    (tmp_path / "packages/web").mkdir(parents=True)
    (tmp_path / "packages/web/notes.txt").touch()
    assert run(["check", str(tmp_path / path if path != "." else tmp_path / "packages")]) == 2
    assert "is neither" in output.readouterr().err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("web server/1.0.yaml", 'packages/web server:1: file: package name "web server" is not allowed'),
        ("web/-1.yaml", 'packages/web/-1.yaml:1: file: version "-1" is not allowed'),
    ],
)
def test_names_and_versions_are_checked(name: str, said: str, tmp_path: Path, output: Output) -> None:
    status, lines = checked(repository(tmp_path, {name: GOOD}), output)
    assert status == 1
    assert lines[0].startswith(said)


def test_two_files_are_not_the_same_version(tmp_path: Path, output: Output) -> None:
    root = repository(tmp_path, {"web/1.0.yaml": GOOD, "web/1.00.yaml": GOOD, "other/1.0.yaml": GOOD})
    status, lines = checked(root, output)
    assert status == 1
    assert [line for line in lines if "same version" in line] == lines[:-1]


@pytest.mark.parametrize("featured", ['["nothing"]', "{}", "["])
def test_a_featured_package_must_exist(featured: str, tmp_path: Path, output: Output) -> None:
    status, lines = checked(repository(tmp_path, {"web/1.0.yaml": GOOD}, featured), output)
    assert (status, len(lines)) == (1, 2)
    assert lines[0].startswith("featured.json:1: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image: [", ["2 yaml"]),
        (f"{GOOD}environment: {{A-B: x}}\n", ["3 environment.A-B"]),
        (f"{GOOD}network: {{external: {{'80': '1'}}, internal: {{'80': '2'}}}}\n", ["3 network"]),
        (f"{GOOD}questions: {{a: {{query: q, type: prot}}}}\nnotes: {{n: {{value: '@a@'}}}}\n", ["3 questions.a"]),
        (
            f"{GOOD}questions: {{a: {{query: q, type: bytes, default: x}}}}\nnotes:\n  n: {{type: url, value: '@a@'}}",
            ["3 questions.a", "5 notes.n"],
        ),
        (
            f"{SITE}templates:\n  t: {{volume: site, path: p, content: '{{{{.Package.Size}}}}'}}\n",
            ["6 templates.t.content"],
        ),
        (
            f"{SITE}templates:\n  t: {{volume: site, path: p,\n    content: '{{{{template 1}}}}'}}\n",
            ["7 templates.t.content"],
        ),
        (
            f"{SITE}templates:\n  t:\n    volume: site\n    path: p\n    content: |\n     one\n     {{{{slice 1}}}}\n",
            ["11 templates.t.content"],
        ),
    ],
)
def test_a_package_that_cannot_be_installed_is_an_error(
    text: str, said: list[str], tmp_path: Path, output: Output
) -> None:
    status, lines = checked(repository(tmp_path, {"web/1.0.yaml": text}), output)
    assert status == 1
    assert places([line for line in lines if not line.startswith("warning: ")]) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image: nginx:1\n", "1 description"),
        (f"{GOOD}enviroment: {{A: b}}\n", "3 enviroment"),
        (f"{SITE}dependencies: {{}}\n", "5 dependencies"),
        (f"{GOOD}volumes:\n  a:\n    mountpoint: /a\n    quotta: 1gb\n", "6 volumes.a.quotta"),
        (f"{SITE}archives: [{{image: 'x:1', directory: /, volume: site, volum: site}}]\n", "5 archives[0].volum"),
        (f"{SITE}archives:\n - {{image: x, directory: /, volume: site}}\n", "6 archives[0].image"),
        ("description: d\nvm: {image: x.raw}\ncommand: [run]\n", "3 command"),
        (
            "description: d\nvm: {image: x.raw}\nvolumes:\n  a:\n    mountpoint: /a\n    git: https://x/y\n",
            "6 volumes.a.git",
        ),
        (f"{GOOD}volumes:\n  a: {{mountpoint: /a, git: 'https://x/y', archive: x.tar}}\n", "4 volumes.a"),
        (f"{GOOD}questions:\n  a: {{query: q, default: x}}\n", "4 questions.a"),
        (f"{GOOD}questions:\n  a: {{default: x}}\nnotes: {{n: {{value: '@a@'}}}}\n", "4 questions.a.query"),
        (f"{GOOD}environment:\n  A: x@prot@y\n", "4 environment.A"),
        (f"{GOOD}questions: {{a: {{query: q}}}}\nenvironment: {{A: '@a@'}}\ncommand: ['@a@']\n", "5 command[0]"),
    ],
)
def test_an_unlikely_value_is_a_warning(text: str, said: str, tmp_path: Path, output: Output) -> None:
    status, lines = checked(repository(tmp_path, {"web/1.0.yaml": text}), output)
    assert status == 0
    assert places(lines) == [said]


def test_a_text_is_answered_so_that_it_fits_where_it_is_used(tmp_path: Path, output: Output) -> None:
    text = f"""{GOOD}
questions: {{port: &q {{query: q}}, size: *q, where: *q, volume: *q, host: *q, link: *q}}
network: {{external: {{"@port@": "80", "8@port@": "81"}}}}
volumes: {{site: {{mountpoint: "@where@", quota: "@size@", git: "https://@host@/x"}}}}
templates: {{t: {{volume: "@volume@", path: p}}}}
notes: {{link: {{type: url, value: "@link@"}}}}
"""
    assert checked(repository(tmp_path, {"web/1.0.yaml": text}), output)[0] == 0


def test_templates_see_the_values_that_an_installation_gives(tmp_path: Path, output: Output) -> None:
    text = f"""{SITE}
questions: {{size: {{query: q, type: bytes, default: 1gb}}}}
templates:
  t: {{volume: site, path: p, content: '{{{{if ne .Responses.size "1073741824"}}}}{{{{template "no"}}}}{{{{end}}}}'}}
"""
    assert checked(repository(tmp_path, {"web/1.0.yaml": text}), output)[0] == 0


@settings(
    max_examples=examples(40),
    phases=set(Phase) - {Phase.shrink, Phase.explain},  # which takes minutes for whole packages
    suppress_health_check=list(HealthCheck),
)
@given(packages())
def test_an_accepted_package_compiles_with_the_same_answers(written: Written) -> None:
    findings = check_manifest(ID, written.content, "x/1.yaml")
    assert [finding for finding in findings if not finding.is_warning] == []
    assert [found.field.name for found in findings if found.field.code in UNKNOWN] == ["unknown"]
    manifest = load_manifest(written.content, "x/1")
    answers = sample_answers(ID, manifest)
    assert answers.keys() == manifest.questions.keys()
    assert compile_package(ID, manifest, answers, HOST).runtime == manifest.runtime

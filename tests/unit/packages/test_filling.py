"""Seeds and templates: what gets into the volumes of a package."""

import pytest

from townos.errors import Invalid
from townos.git.url import GitUrl
from townos.images import ImageDirectory, ImageReference
from townos.names import ArchiveName, PackageId, TemplateName, VolumeName
from townos.packages.compile import HostNames, compile_package
from townos.packages.loading import load_manifest
from townos.packages.package import FileSeed, GitSeed, ImageSeed, Package, PackageTemplate

ID = PackageId.parse("core", "web", "1.0")
SITE, DATA, MEDIA = VolumeName("site"), VolumeName("data"), VolumeName("media")
WHOLE = """
image: nginx
volumes:
  site: {mountpoint: /site, git: "https://@host@/site.git"}
  data: {mountpoint: /data, archive: "@file@"}
  media: {mountpoint: /media}
archives:
  - {image: user/pictures, directory: /pictures/, volume: media}
git_sources:
  - {url: "https://@host@/data.git", branch: main, volume: data}
templates:
  conf: {volume: "@where@", path: "etc/@file@.conf", content: "{{.Responses.file}} @file@\\0"}
questions: {host: {query: q}, file: {query: q}, where: {query: q}}
""".replace("\\0", "")


def compiled(text: str, /, **answers: str) -> Package:
    return compile_package(ID, load_manifest(text.encode(), "web/1.0"), answers, HostNames())


def refused(text: str, **answers: str) -> list[tuple[str, int]]:
    with pytest.raises(Invalid) as error:
        compiled(text, **answers)
    return [(field.name, line) for field, line in zip(error.value.fields, error.value.lines, strict=True)]  # type: ignore[attr-defined]


@pytest.mark.conformance("PKG-12", "SUB-03")
def test_seeds_are_image_directories_then_archive_files_then_repositories() -> None:
    assert compiled(WHOLE, host="git.example", file="site.tar.gz", where="site").seeds == (
        ImageSeed(ImageReference("docker.io/user/pictures:latest"), ImageDirectory("/pictures"), MEDIA),
        FileSeed(ArchiveName("site.tar.gz"), DATA),
        GitSeed(GitUrl.parse("https://git.example/site.git"), "", SITE),
        GitSeed(GitUrl.parse("https://git.example/data.git"), "main", DATA),
    )


@pytest.mark.conformance("PKG-13", "TPL-01", "TPL-03")
def test_answers_lead_a_template_to_its_place_and_leave_its_content_alone() -> None:
    (template,) = compiled(WHOLE, host="git.example", file="site.tar.gz", where="site").templates
    content = "{{.Responses.file}} @file@"
    assert template == PackageTemplate(TemplateName("conf"), SITE, "etc/site.tar.gz.conf", content)


def test_seeds_and_templates_are_checked_with_the_answers() -> None:
    lines = {line.strip().partition(":")[0]: number for number, line in enumerate(WHOLE.splitlines(), 1)}
    assert refused(WHOLE, host="a b", file="../x", where="nowhere") == [
        ("volumes.site.git", lines["site"]),
        ("volumes.data.archive", lines["data"]),
        ("git_sources[0].url", lines["git_sources"] + 1),
        ("templates.conf.volume", lines["conf"]),
        ("templates.conf.path", lines["conf"]),
    ]


@pytest.mark.conformance("TPL-06")
@pytest.mark.parametrize(
    ("template", "field"),
    [
        ("-x: {volume: a, path: p}", "templates.-x"),
        ("a/b: {volume: a, path: p}", "templates.a/b"),
        ("t: {volume: b, path: p}", "templates.t.volume"),
        ("t: {path: p}", "templates.t.volume"),
        ("t: {volume: a}", "templates.t.path"),
        ("t: {volume: a, path: /etc/passwd}", "templates.t.path"),
        ("t: {volume: a, path: a/../../b}", "templates.t.path"),
        ("t: {volume: a, path: p, content: '{{.Responses.x'}", "templates.t.content"),
        ("t: {volume: a, path: p, content: '{{unknown}}'}", "templates.t.content"),
        ('t: {volume: a, path: p, content: "\\0"}', "templates.t.content"),
    ],
)
def test_names_paths_volumes_and_contents_of_templates_are_checked(template: str, field: str) -> None:
    with pytest.raises(Invalid) as error:
        load_manifest(f"image: x\nvolumes: {{a: {{mountpoint: /a}}}}\ntemplates: {{{template}}}".encode(), "x/1")
    assert [found.name for found in error.value.fields] == [field]


def test_an_error_in_a_template_is_on_its_own_line() -> None:
    head = "image: x\nvolumes: {a: {mountpoint: /a}}\ntemplates:\n  t:\n    volume: a\n    path: p\n    content: "
    for content, line in [("|\n      one\n      {{two}}\n", 9), ('"{{two}}"\n', 7)]:
        with pytest.raises(Invalid) as error:
            load_manifest(f"{head}{content}".encode(), "x/1")
        assert error.value.lines == (line,)  # type: ignore[attr-defined]


def test_two_templates_do_not_make_the_same_file() -> None:
    text = "image: x\nvolumes: {a: {mountpoint: /a}}\ntemplates:\n  s: {volume: a, path: p}\n  t: {volume: a, path: p}"
    assert refused(text) == [("templates.t.path", 5)]


@pytest.mark.conformance("PKG-12")
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ("archives: [{image: -v, directory: /a, volume: a}]", "archives[0].image"),
        ("archives: [{directory: /a, volume: a}]", "archives[0].image"),
        ("archives: [{image: x, directory: a, volume: a}]", "archives[0].directory"),
        ("archives: [{image: x, directory: /a/.., volume: a}]", "archives[0].directory"),
        ("archives: [{image: x, volume: a}]", "archives[0].directory"),
        ("archives: [{image: x, directory: /a, volume: b}]", "archives[0].volume"),
        ("archives: {image: x}", "archives"),
        ("git_sources: [{url: /local, volume: a}]", "git_sources[0].url"),
        ("git_sources: [{url: file:///local, volume: a}]", "git_sources[0].url"),
        ("git_sources: [{url: 'ssh://git@', volume: a}]", "git_sources[0].url"),
        ("git_sources: [{url: 'https://x/y', branch: -b, volume: a}]", "git_sources[0].branch"),
        ("git_sources: [{volume: a}]", "git_sources[0].url"),
        ("git_sources: [{url: 'https://x/y', volume: b}]", "git_sources[0].volume"),
    ],
)
def test_the_seed_of_a_volume_is_checked(fields: str, field: str) -> None:
    with pytest.raises(Invalid) as error:
        load_manifest(f"image: x\nvolumes: {{a: {{mountpoint: /a}}}}\n{fields}".encode(), "x/1")
    assert [found.name for found in error.value.fields] == [field]

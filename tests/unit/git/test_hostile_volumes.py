"""Volumes whose content, `.git` included, was written by a program that wants to reach this machine through libgit2."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.gitrepo import Objects, git
from tests.unit.git.conftest import FILES, Host
from townos.git.errors import GitConflict, GitFailed, GitRefused
from townos.git.native import stashing, worktree

pytestmark = pytest.mark.slow

NEW = "image: newer\n"


class Volume:
    """A seeded volume, an upstream with news, and a place outside that nothing may touch."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.root = host.place / "data"
        self.metadata = self.root / ".git"
        self.outside = host.place / "outside"
        self.outside.mkdir()
        (self.outside / "victim").write_text("precious")

    async def update(self) -> None:
        await self.host.client.update(self.root, self.host.url)

    def push_news(self) -> None:
        self.host.upstream.push({"packages/web/1.0.yaml": NEW})

    def has_news(self) -> bool:
        return (self.root / "packages/web/1.0.yaml").read_text() == NEW

    def state(self) -> dict[str, tuple[int, int]]:
        """Return identity and time of change of all that there is, in the volume and outside."""
        found = {}
        for top in (self.root, self.outside):
            for above, directories, files in os.walk(top):
                for path in (Path(above, name) for name in (*directories, *files)):
                    entry = path.lstat()
                    found[str(path)] = entry.st_ino, entry.st_mtime_ns
        return found


@pytest.fixture
async def volume(host: Host) -> Volume:
    made = Volume(host)
    made.root.mkdir()
    await host.client.clone_into(host.url, made.root)
    made.push_news()
    return made


def _moved_out(path: Path, outside: Path) -> None:
    path.rename(outside / "moved")
    path.symlink_to(outside / "moved")


LINKED = [".git", ".git/HEAD", ".git/objects", ".git/objects/pack", ".git/refs", ".git/refs/heads", ".git/config"]


@pytest.mark.parametrize("name", LINKED)
async def test_a_link_in_git_is_refused_and_nothing_is_touched(volume: Volume, name: str) -> None:
    _moved_out(volume.root / name, volume.outside)
    before = volume.state()
    with pytest.raises(GitRefused, match=name.removeprefix(".git/")):
        await volume.update()
    assert volume.state() == before


@pytest.mark.parametrize(
    "name", ["index", "packed-refs", "refs/heads/other", "description", "hooks/post-checkout", "new"]
)
async def test_a_link_from_git_to_a_file_outside_is_refused(volume: Volume, name: str) -> None:
    (volume.metadata / name).unlink(missing_ok=True)
    (volume.metadata / name).parent.mkdir(exist_ok=True)
    (volume.metadata / name).symlink_to(volume.outside / "victim")
    before = volume.state()
    with pytest.raises(GitRefused):
        await volume.update()
    assert volume.state() == before


@pytest.mark.parametrize("name", ["HEAD", "refs/heads/pipe", "objects/pack/pipe"])
async def test_a_fifo_in_git_is_refused_and_not_waited_for(volume: Volume, name: str) -> None:
    (volume.metadata / name).unlink(missing_ok=True)
    (volume.metadata / name).parent.mkdir(exist_ok=True)
    os.mkfifo(volume.metadata / name)
    with pytest.raises(GitRefused):
        await volume.update()


async def test_a_file_that_names_another_git_directory_is_refused(volume: Volume) -> None:
    volume.metadata.rename(volume.outside / "elsewhere")
    volume.metadata.write_text(f"gitdir: {volume.outside / 'elsewhere'}\n")
    before = volume.state()
    with pytest.raises(GitRefused):
        await volume.update()
    assert volume.state() == before


@pytest.mark.parametrize("name", ["commondir", "objects/info/alternates", "objects/info/http-alternates"])
async def test_a_repository_that_leads_git_elsewhere_is_refused_and_untouched(volume: Volume, name: str) -> None:
    (volume.metadata / name).parent.mkdir(exist_ok=True)
    (volume.metadata / name).write_text(f"{volume.outside}\n")
    before = volume.state()
    with pytest.raises(GitRefused, match=name):
        await volume.update()
    assert volume.state() == before


SETTINGS = [
    "[core]\n\tworktree = {outside}\n",
    "[core]\n\tbare = true\n",
    "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n",
    "[core]\n\thooksPath = {outside}\n\tfsmonitor = {outside}/run\n\tattributesFile = {outside}/victim\n",
    "[include]\n\tpath = {outside}/victim\n",
    '[includeIf "gitdir:/"]\n\tpath = {outside}/victim\n',
    '[url "{outside}/"]\n\tinsteadOf = http://\n',
    '[remote "origin"]\n\turl = {outside}\n\tfetch = +refs/heads/*:refs/heads/*\n\tuploadpack = {outside}/run\n',
    '[filter "run"]\n\tclean = {outside}/run\n\tsmudge = {outside}/run\n\trequired = true\n',
    "[http]\n\tproxy = http://127.0.0.1:1\n\tsslVerify = false\n",
    '[branch "main"]\n\tremote = {outside}\n\tmerge = refs/heads/../../x\n',
    "not a configuration [ at all",
    "[core]\n" + "\tx = y\n" * 100_000,
]


@pytest.mark.parametrize("settings", SETTINGS)
async def test_no_setting_of_the_volume_has_any_effect(volume: Volume, settings: str) -> None:
    (volume.outside / "run").write_text(f"#!/bin/sh\ntouch {volume.outside}/ran\n")
    (volume.outside / "run").chmod(0o755)
    (volume.root / ".gitattributes").write_text("* filter=run\n")
    for hook in ("post-checkout", "post-merge", "reference-transaction"):
        (volume.metadata / "hooks").mkdir(exist_ok=True)
        os.link(volume.outside / "run", volume.metadata / "hooks" / hook)
    before = sorted(volume.outside.iterdir())
    (volume.metadata / "config").write_text(settings.format(outside=volume.outside))
    (volume.metadata / "config.worktree").write_text(settings.format(outside=volume.outside))
    await volume.update()
    assert volume.has_news()
    assert sorted(volume.outside.iterdir()) == before
    assert (volume.outside / "victim").read_text() == "precious"
    assert git(volume.root, "config", "--local", "remote.origin.url") == volume.host.url.bare


async def test_another_name_of_the_configuration_keeps_its_content(volume: Volume) -> None:
    os.link(volume.metadata / "config", volume.root / "mine")
    before = (volume.root / "mine").read_bytes()
    await volume.update()
    assert (volume.root / "mine").read_bytes() == before


@pytest.mark.parametrize("tracked", ["packages", "packages/web"])
async def test_a_link_in_place_of_a_tracked_directory_leads_no_write_out(volume: Volume, tracked: str) -> None:
    below = volume.outside / "below"
    (volume.root / tracked).rename(below)
    (volume.root / tracked).symlink_to(below)
    before = volume.state()[str(below)]
    with pytest.raises(GitConflict, match="packages/web"):
        await volume.update()
    assert volume.state()[str(below)] == before
    assert (volume.root / tracked).is_symlink()


@pytest.mark.parametrize("ignored", [True, False])
async def test_a_link_in_place_of_a_directory_that_the_upstream_adds_leads_no_write_out(
    volume: Volume, ignored: bool
) -> None:
    if ignored:
        (volume.root / ".gitignore").write_text("added\n")
    volume.host.upstream.push({"added/victim": "theirs"})
    (volume.root / "added").symlink_to(volume.outside)
    with pytest.raises(GitConflict):
        await volume.update()
    assert (volume.outside / "victim").read_text() == "precious"
    assert not volume.has_news()


@pytest.mark.parametrize("kind", ["link", "fifo", "directory"])
async def test_a_path_that_is_no_file_any_more_is_a_conflict_and_stays(volume: Volume, kind: str) -> None:
    """libgit2 would put aside that the file is gone, and forget what is there instead."""
    (volume.root / "a").unlink()
    if kind == "link":
        (volume.root / "a").symlink_to(volume.outside / "victim")
    elif kind == "fifo":
        os.mkfifo(volume.root / "a")
    else:
        (volume.root / "a").mkdir()
        (volume.root / "a/mine").write_text("mine")
    before = volume.state()[str(volume.root / "a")]
    with pytest.raises(GitConflict, match=r": a$"):
        await volume.update()
    assert volume.state()[str(volume.root / "a")] == before
    assert (volume.outside / "victim").read_text() == "precious"


async def test_a_path_that_is_no_link_any_more_is_a_conflict_and_stays(volume: Volume) -> None:
    (volume.host.upstream.work / "link").symlink_to("a")
    volume.host.upstream.push({"b": "newer\n"})
    await volume.update()
    (volume.root / "link").unlink()
    (volume.root / "link").write_text("mine")
    with pytest.raises(GitConflict, match=r": link$"):
        await volume.update()
    assert (volume.root / "link").read_text() == "mine"


@pytest.mark.parametrize("name", [".gitignore", "packages/.gitattributes", ".gitmodules", "new/deep/.gitignore"])
@pytest.mark.parametrize("kind", ["fifo", "link", "huge"])
async def test_rules_that_could_be_read_for_ever_are_refused(volume: Volume, name: str, kind: str) -> None:
    path = volume.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/dev/zero")
    else:
        with path.open("wb") as file:
            file.truncate(2**40)
    with pytest.raises(GitRefused, match=name):
        await volume.update()


@pytest.mark.parametrize("name", ["config", "HEAD", "packed-refs", "logs/HEAD", worktree.MARKER])
async def test_a_huge_file_in_git_is_not_read(volume: Volume, name: str) -> None:
    with (volume.metadata / name).open("ab") as file:
        file.truncate(2**40)
    with pytest.raises(GitRefused, match=name):
        await volume.update()


@pytest.mark.parametrize("content", [b"\xff" * 1000, b"", b"DIRC\0\0\0\4\xff\xff\xff\xff"])
async def test_the_index_of_the_volume_is_never_read(volume: Volume, content: bytes) -> None:
    (volume.root / "b").write_text("mine\n")
    (volume.metadata / "index").write_bytes(content)
    await volume.update()
    assert volume.has_news()
    assert git(volume.root, "status", "--porcelain") == " M b"


async def test_locks_of_a_program_that_died_do_not_matter(volume: Volume) -> None:
    for name in ("index.lock", "HEAD.lock", "refs/heads/main.lock", "config.lock", "packed-refs.lock"):
        (volume.metadata / name).write_text("")
    await volume.update()
    assert volume.has_news()


@pytest.mark.parametrize(
    "marker", [5, {}, {"a": 1}, [5, None, [], "../outside/victim", "a"], "x", ["../outside/victim", ".git/config"]]
)
async def test_a_planted_marker_reaches_nothing_outside(volume: Volume, marker: object) -> None:
    (volume.metadata / worktree.MARKER).write_text(json.dumps(marker))
    await volume.update()
    assert volume.has_news()
    assert (volume.outside / "victim").read_text() == "precious"


async def test_a_marker_that_is_nested_without_end_does_not_matter(volume: Volume) -> None:
    (volume.metadata / worktree.MARKER).write_text("[" * 100_000)
    await volume.update()
    assert volume.has_news()


@pytest.mark.parametrize("head", ["ref: refs/heads/../../../outside/victim\n", "ref: HEAD\n", "nonsense", "", "0" * 40])
async def test_a_head_that_is_none_is_an_error_and_touches_nothing_outside(volume: Volume, head: str) -> None:
    (volume.metadata / "HEAD").write_text(head)
    with pytest.raises(GitFailed):
        await volume.update()
    assert (volume.outside / "victim").read_text() == "precious"
    assert (volume.root / "packages/web/1.0.yaml").read_text() == FILES["packages/web/1.0.yaml"]


def _bomb(objects: Objects) -> str:
    tree = objects.tree(*(("100644", f"{number}", objects.blob(b"x")) for number in range(10)))
    for _ in range(8):
        tree = objects.tree(*(("40000", f"{number}", tree) for number in range(10)))
    return tree


def _astray(objects: Objects) -> str:
    return objects.tree(("100644", "../outside/victim", objects.blob(b"theirs")))


@pytest.mark.parametrize("tree", [_bomb, _astray])
async def test_a_local_commit_made_to_harm_is_refused(volume: Volume, tree: Callable[[Objects], str]) -> None:
    objects = Objects(volume.root)
    base = git(volume.root, "rev-parse", "HEAD")
    harm = objects.commit(tree(objects), base)
    git(volume.root, "update-ref", "refs/heads/main", objects.commit(f"{base}^{{tree}}", harm))
    with pytest.raises(GitRefused):
        await volume.update()
    assert (volume.outside / "victim").read_text() == "precious"


@pytest.mark.parametrize("tree", [_bomb, _astray])
async def test_a_stash_made_to_harm_is_refused(volume: Volume, tree: Callable[[Objects], str]) -> None:
    objects = Objects(volume.root)
    base = git(volume.root, "rev-parse", "HEAD")
    harm = objects.commit(tree(objects), base, base)
    git(volume.root, "stash", "store", "-m", f"On main: {stashing.MESSAGE}", harm)
    with pytest.raises(GitRefused):
        await volume.update()
    assert (volume.outside / "victim").read_text() == "precious"


def _trap(volume: Volume, inside: Path) -> None:
    """Make a repository; whoever opens it reads a FIFO, so the test would never end."""
    inside.mkdir(parents=True, exist_ok=True)
    git(inside, "init", "-q")
    pipe = volume.outside / f"{inside.name}-pipe"
    os.mkfifo(pipe)
    (inside / ".git/config").write_text(f"[core]\n\tworktree = {volume.outside}\n[include]\n\tpath = {pipe}\n")


@pytest.mark.parametrize("listed", [True, False])
async def test_repositories_inside_are_not_looked_into(volume: Volume, listed: bool) -> None:
    _trap(volume, volume.root / "x")
    _trap(volume, volume.root / "packages/y")
    if listed:
        (volume.root / ".gitmodules").write_text(
            "".join(f'[submodule "{path}"]\n\tpath = {path}\n\turl = ../x\n' for path in ("x", "packages/y"))
        )
    await volume.update()
    assert volume.has_news()
    assert (volume.root / "x/.git/config").exists()


async def test_a_repository_inside_that_is_in_the_way_is_not_looked_into(volume: Volume) -> None:
    _trap(volume, volume.root / "x")
    volume.host.upstream.push({"x": "theirs"})
    with pytest.raises(GitConflict):
        await volume.update()
    assert (volume.root / "x/.git/config").exists()


async def test_files_may_come_beside_a_repository_inside(volume: Volume) -> None:
    _trap(volume, volume.root / "x")
    volume.host.upstream.push({"x/new": "theirs"})
    await volume.update()
    assert (volume.root / "x/new").read_text() == "theirs"
    assert (volume.root / "x/.git/config").exists()


@pytest.mark.parametrize("tracked", ["packages", "packages/web"])
async def test_a_repository_in_a_tracked_directory_is_not_looked_into(volume: Volume, tracked: str) -> None:
    _trap(volume, volume.root / tracked)
    await volume.update()
    assert volume.has_news()


async def test_submodules_are_refused(volume: Volume) -> None:
    """libgit2 opens what it finds in their place."""
    upstream = volume.host.upstream.bare
    objects, base = Objects(upstream), git(upstream, "rev-parse", "main")
    git(upstream, "update-ref", "refs/heads/main", objects.commit(objects.tree(("160000", "x", base)), base))
    _trap(volume, volume.root / "x")
    with pytest.raises(GitRefused, match="submodules"):
        await volume.update()
    (volume.host.place / "new").mkdir()
    with pytest.raises(GitRefused, match="submodules"):
        await volume.host.client.clone_into(volume.host.url, volume.host.place / "new")
    assert list((volume.host.place / "new").iterdir()) == []

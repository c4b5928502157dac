"""What every `GitClient` does, on the fake and on libgit2 over real HTTP with Basic auth."""

import os
from pathlib import Path

import pytest

from tests.support.gitworlds import FILES, World
from townos.git.errors import GitConflict, GitFailed, GitNotFound


def manifest(repo: Path) -> Path:
    return repo / "packages" / "web" / "1.0.yaml"


class TestGitClient:
    """The rules that hold for every client."""

    @pytest.mark.conformance("GIT-02")
    async def test_a_clone_lands_in_the_named_subdirectory(self, world: World, tmp_path: Path) -> None:
        await world.client.clone(world.url, tmp_path, "web")
        assert manifest(tmp_path / "web").read_text() == "image: web\n"
        assert not await world.client.diff(tmp_path / "web")

    async def test_a_clone_fills_an_empty_directory(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "web").mkdir()
        await world.client.clone(world.url, tmp_path, "web")
        assert manifest(tmp_path / "web").is_file()

    async def test_a_clone_never_replaces_files(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "web").mkdir()
        (tmp_path / "web" / "mine").write_text("mine")
        with pytest.raises(GitFailed):
            await world.client.clone(world.url, tmp_path, "web")
        assert [path.name for path in (tmp_path / "web").iterdir()] == ["mine"]

    async def test_a_clone_needs_its_parent_directory(self, world: World, tmp_path: Path) -> None:
        with pytest.raises(GitNotFound):
            await world.client.clone(world.url, tmp_path / "no", "web")

    async def test_a_failed_clone_leaves_nothing(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "here").mkdir()
        with pytest.raises(GitFailed):
            await world.client.clone(world.missing, tmp_path / "here", "web")
        assert list((tmp_path / "here").iterdir()) == []

    @pytest.mark.conformance("GIT-03")
    async def test_a_pull_brings_what_was_pushed(self, world: World, tmp_path: Path) -> None:
        repo = tmp_path / "web"
        await world.client.clone(world.url, tmp_path, "web")
        world.push({"packages/web/1.0.yaml": "image: newer\n", "packages/db/2.yaml": "x", "featured.json": None})
        await world.client.pull(repo, url=world.url)
        assert manifest(repo).read_text() == "image: newer\n"
        assert (repo / "packages/db/2.yaml").read_text() == "x"
        assert not (repo / "featured.json").exists()
        assert not await world.client.diff(repo)

    async def test_a_pull_that_brings_nothing_changes_nothing(self, world: World, tmp_path: Path) -> None:
        repo = tmp_path / "web"
        await world.client.clone(world.url, tmp_path, "web")
        before, hash_before = manifest(repo).stat(), await world.client.rev_parse(repo, "HEAD")
        await world.client.pull(repo, url=world.url)
        assert manifest(repo).stat().st_ino == before.st_ino
        assert await world.client.rev_parse(repo, "HEAD") == hash_before

    async def test_a_hard_link_made_before_a_pull_keeps_its_old_bytes(self, world: World, tmp_path: Path) -> None:
        repo, installed = tmp_path / "web", tmp_path / "installed.yaml"
        await world.client.clone(world.url, tmp_path, "web")
        os.link(manifest(repo), installed)
        world.push({"packages/web/1.0.yaml": "image: newer\n"})
        await world.client.pull(repo, url=world.url)
        assert installed.read_text() == "image: web\n"
        assert manifest(repo).read_text() == "image: newer\n"

    async def test_a_hard_link_keeps_its_bytes_through_stash_and_apply(self, world: World, tmp_path: Path) -> None:
        repo, installed = tmp_path / "web", tmp_path / "installed.yaml"
        await world.client.clone(world.url, tmp_path, "web")
        manifest(repo).write_text("image: mine\n")
        os.link(manifest(repo), installed)
        assert await world.client.stash(repo)
        assert installed.read_text() == "image: mine\n"
        os.link(manifest(repo), tmp_path / "clean.yaml")
        assert await world.client.stash_apply(repo)
        assert installed.read_text() == "image: mine\n"
        assert (tmp_path / "clean.yaml").read_text() == "image: web\n"

    @pytest.mark.conformance("GIT-04")
    @pytest.mark.parametrize("change", ["edit", "new", "delete"])
    async def test_diff_sees_edits_new_files_and_deletions(self, world: World, tmp_path: Path, change: str) -> None:
        repo = tmp_path / "web"
        await world.client.clone(world.url, tmp_path, "web")
        if change == "delete":
            manifest(repo).unlink()
        else:
            (repo / ("featured.json" if change == "edit" else "mine.txt")).write_text("mine")
        assert await world.client.diff(repo)

    @pytest.mark.conformance("GIT-05")
    async def test_stash_and_apply_carry_changes_over_a_pull(self, world: World, tmp_path: Path) -> None:
        repo = tmp_path / "web"
        await world.client.clone(world.url, tmp_path, "web")
        (repo / "featured.json").write_text("[]")
        (repo / "packages/mine").mkdir()
        (repo / "packages/mine/1.yaml").write_text("mine")
        world.push({"packages/web/1.0.yaml": "image: newer\n"})
        assert await world.client.stash(repo)
        assert not await world.client.diff(repo)
        await world.client.pull(repo, url=world.url)
        assert await world.client.stash_apply(repo)
        assert (repo / "featured.json").read_text() == "[]"
        assert (repo / "packages/mine/1.yaml").read_text() == "mine"
        assert manifest(repo).read_text() == "image: newer\n"
        assert not await world.client.stash_apply(repo)

    async def test_a_clean_tree_has_nothing_to_stash(self, world: World, tmp_path: Path) -> None:
        await world.client.clone(world.url, tmp_path, "web")
        assert not await world.client.stash(tmp_path / "web")

    async def test_a_pull_over_a_contradicting_change_leaves_the_tree_as_it_was(
        self, world: World, tmp_path: Path
    ) -> None:
        repo = tmp_path / "web"
        await world.client.clone(world.url, tmp_path, "web")
        manifest(repo).write_text("image: mine\n")
        world.push({"packages/web/1.0.yaml": "image: newer\n", "featured.json": "[1]"})
        with pytest.raises(GitConflict):
            await world.client.pull(repo, url=world.url)
        assert manifest(repo).read_text() == "image: mine\n"
        assert (repo / "featured.json").read_text() == FILES["featured.json"]

    @pytest.mark.conformance("GIT-08")
    async def test_init_makes_a_repository(self, world: World, tmp_path: Path) -> None:
        await world.client.init(tmp_path / "new")
        assert (tmp_path / "new" / ".git").is_dir()

    @pytest.mark.conformance("GIT-08")
    async def test_init_fails_without_the_parent_directory(self, world: World, tmp_path: Path) -> None:
        with pytest.raises(GitNotFound):
            await world.client.init(tmp_path / "no" / "new")
        assert not (tmp_path / "no").exists()

    @pytest.mark.conformance("GIT-09", "GIT-10")
    async def test_staged_files_can_be_committed(self, world: World, tmp_path: Path) -> None:
        repo = tmp_path / "web"
        await world.client.clone(world.url, tmp_path, "web")
        (repo / "mine").write_text("mine")
        await world.client.add(repo, ".")
        made = await world.client.commit(repo, "Add mine")
        assert await world.client.rev_parse(repo, "HEAD") == made
        assert not await world.client.diff(repo)

    async def test_a_commit_without_changes_is_an_error(self, world: World, tmp_path: Path) -> None:
        await world.client.clone(world.url, tmp_path, "web")
        with pytest.raises(GitFailed):
            await world.client.commit(tmp_path / "web", "Nothing")

    async def test_no_error_tells_where_repositories_lie(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "plain").mkdir()
        (tmp_path / "plain/mine").write_text("mine")
        await world.client.clone(world.url, tmp_path, "web")
        for operation in (
            lambda: world.client.clone(world.url, tmp_path, "plain"),
            lambda: world.client.clone(world.url, tmp_path / "no", "web"),
            lambda: world.client.init(tmp_path / "no/new"),
            lambda: world.client.diff(tmp_path / "plain"),
            lambda: world.client.commit(tmp_path / "web", "Nothing"),
        ):
            with pytest.raises(GitFailed) as failed:
                await operation()
            assert str(tmp_path) not in failed.value.text()

    async def test_a_directory_that_is_no_repository_is_an_error(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "plain").mkdir()
        for operation in (world.client.pull, world.client.diff, world.client.stash, world.client.fetch):
            with pytest.raises(GitNotFound):
                await operation(tmp_path / "plain")

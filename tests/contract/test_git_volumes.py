"""What every `GitClient` does with the content of volumes, on the fake and on libgit2."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.gitrepo import Upstream
from tests.support.gitworlds import FILES, World
from townos.errors import Invalid, NoSpace
from townos.git import GitUrl
from townos.git.errors import GitConflict, GitFailed, GitNotFound, GitRefused
from townos.git.libgit2_client import Libgit2Client


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def content(directory: Path) -> dict[str, str]:
    """Return all files but those of git."""
    files = {str(path.relative_to(directory)): path for path in directory.rglob("*") if path.is_file()}
    return {name: path.read_text() for name, path in files.items() if not name.startswith(".git/")}


class TestCloneInto:
    """Filling an empty directory."""

    @pytest.mark.conformance("GIT-18")
    async def test_the_content_lands_at_the_top_of_the_directory(self, world: World, volume: Path) -> None:
        inode = volume.stat().st_ino
        await world.client.clone_into(world.url, volume)
        assert content(volume) == FILES
        assert sorted(path.name for path in volume.iterdir()) == [".git", "featured.json", "packages"]
        assert volume.stat().st_ino == inode

    async def test_a_clone_takes_the_named_branch(self, world: World, volume: Path) -> None:
        world.push({"featured.json": "next"}, branch="releases/next")
        await world.client.clone_into(world.url, volume, branch="releases/next")
        assert (volume / "featured.json").read_text() == "next"

    async def test_a_clone_without_a_branch_takes_the_default_branch(self, world: World, volume: Path) -> None:
        world.push({"featured.json": "next"}, branch="next")
        await world.client.clone_into(world.url, volume)
        assert content(volume) == FILES

    async def test_an_unknown_branch_is_told_and_leaves_the_directory_empty(self, world: World, volume: Path) -> None:
        with pytest.raises(GitNotFound, match='has no branch named "nothing"'):
            await world.client.clone_into(world.url, volume, branch="nothing")
        assert list(volume.iterdir()) == []

    @pytest.mark.parametrize("branch", ["-x", "a..b", "a b", "HEAD", "a\nb"])
    async def test_an_invalid_branch_name_is_refused(self, world: World, volume: Path, branch: str) -> None:
        with pytest.raises(Invalid):
            await world.client.clone_into(world.url, volume, branch=branch)
        assert list(volume.iterdir()) == []

    async def test_an_unknown_repository_is_told_and_leaves_the_directory_empty(
        self, world: World, volume: Path
    ) -> None:
        with pytest.raises(GitFailed):
            await world.client.clone_into(world.missing, volume)
        assert list(volume.iterdir()) == []

    async def test_existing_data_is_never_overwritten(self, world: World, volume: Path) -> None:
        (volume / "mine").write_text("mine")
        with pytest.raises(GitFailed):
            await world.client.clone_into(world.url, volume)
        assert content(volume) == {"mine": "mine"}

    async def test_a_missing_directory_is_not_made(self, world: World, tmp_path: Path) -> None:
        with pytest.raises(GitNotFound):
            await world.client.clone_into(world.url, tmp_path / "no")
        assert not (tmp_path / "no").exists()


class TestUpdate:
    """Bringing what was filled up to date."""

    async def test_an_update_brings_pushed_changes(self, world: World, volume: Path) -> None:
        await world.client.clone_into(world.url, volume)
        world.push({"packages/web/1.0.yaml": "image: newer\n", "new/file": "x", "featured.json": None})
        await world.client.update(volume, world.url)
        assert content(volume) == {"packages/web/1.0.yaml": "image: newer\n", "new/file": "x"}

    async def test_an_update_without_news_changes_nothing(self, world: World, volume: Path) -> None:
        await world.client.clone_into(world.url, volume)
        inode = (volume / "featured.json").stat().st_ino
        await world.client.update(volume, world.url)
        assert content(volume) == FILES
        assert (volume / "featured.json").stat().st_ino == inode

    async def test_changes_and_other_files_stay(self, world: World, volume: Path) -> None:
        await world.client.clone_into(world.url, volume)
        (volume / "featured.json").write_text("mine")
        (volume / "uploads").mkdir()
        (volume / "uploads" / "picture").write_text("picture")
        world.push({"packages/web/1.0.yaml": "image: newer\n"})
        await world.client.update(volume, world.url)
        assert content(volume) == {
            "packages/web/1.0.yaml": "image: newer\n",
            "featured.json": "mine",
            "uploads/picture": "picture",
        }

    async def test_a_deleted_file_stays_deleted(self, world: World, volume: Path) -> None:
        await world.client.clone_into(world.url, volume)
        (volume / "featured.json").unlink()
        world.push({"packages/web/1.0.yaml": "image: newer\n"})
        await world.client.update(volume, world.url)
        assert content(volume) == {"packages/web/1.0.yaml": "image: newer\n"}

    @pytest.mark.parametrize("mine", ["featured.json", "new"])
    async def test_a_contradiction_is_told_and_changes_nothing(self, world: World, volume: Path, mine: str) -> None:
        await world.client.clone_into(world.url, volume)
        (volume / mine).write_text("mine")
        world.push({"packages/web/1.0.yaml": "image: newer\n", mine: "theirs"})
        with pytest.raises(GitConflict):
            await world.client.update(volume, world.url)
        assert content(volume) == {**FILES, mine: "mine"}
        (volume / mine).unlink()
        (volume / "featured.json").write_text(FILES["featured.json"])
        await world.client.update(volume, world.url)
        assert (volume / mine).read_text() == "theirs"

    async def test_an_update_stays_on_its_branch(self, world: World, volume: Path) -> None:
        world.push({"featured.json": "next"}, branch="next")
        await world.client.clone_into(world.url, volume, branch="next")
        world.push({"featured.json": "newest"}, branch="next")
        await world.client.update(volume, world.url)
        assert (volume / "featured.json").read_text() == "newest"

    async def test_an_update_switches_to_the_named_branch(self, world: World, volume: Path) -> None:
        await world.client.clone_into(world.url, volume)
        world.push({"featured.json": "next"}, branch="next")
        (volume / "mine").write_text("mine")
        await world.client.update(volume, world.url, branch="next")
        assert content(volume) == {**FILES, "featured.json": "next", "mine": "mine"}
        await world.client.update(volume, world.url, branch="main")
        assert content(volume) == {**FILES, "mine": "mine"}

    async def test_an_unknown_branch_is_told_and_changes_nothing(self, world: World, volume: Path) -> None:
        await world.client.clone_into(world.url, volume)
        (volume / "featured.json").write_text("mine")
        with pytest.raises(GitNotFound):
            await world.client.update(volume, world.url, branch="nothing")
        assert content(volume) == {**FILES, "featured.json": "mine"}

    async def test_a_server_without_the_repository_changes_nothing(self, world: World, volume: Path) -> None:
        await world.client.clone_into(world.url, volume)
        (volume / "featured.json").write_text("mine")
        with pytest.raises(GitFailed):
            await world.client.update(volume, world.missing)
        assert content(volume) == {**FILES, "featured.json": "mine"}

    async def test_an_empty_directory_is_filled(self, world: World, volume: Path) -> None:
        await world.client.update(volume, world.url)
        assert content(volume) == FILES

    async def test_other_files_without_git_are_refused(self, world: World, volume: Path) -> None:
        (volume / "mine").write_text("mine")
        with pytest.raises(GitRefused, match="contains other files"):
            await world.client.update(volume, world.url)
        assert content(volume) == {"mine": "mine"}

    async def test_git_must_be_a_directory_of_its_own(self, world: World, volume: Path, tmp_path: Path) -> None:
        await world.client.clone_into(world.url, volume)
        (volume / ".git").rename(tmp_path / "elsewhere")
        (volume / ".git").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(GitRefused):
            await world.client.update(volume, world.url)
        assert content(volume) == FILES


@pytest.mark.bed
class TestQuota:
    """Volumes that are too small, on btrfs."""

    QUOTA = 4 * 1024 * 1024

    @pytest.fixture
    def limited(self) -> Iterator[Path]:
        volume = Path("/town-os/git-volume-test")
        subprocess.run(["btrfs", "subvolume", "create", volume], check=True, capture_output=True)
        subprocess.run(["btrfs", "quota", "enable", "/town-os"], check=True, capture_output=True)
        subprocess.run(["btrfs", "qgroup", "limit", str(self.QUOTA), volume], check=True, capture_output=True)
        yield volume
        subprocess.run(["btrfs", "subvolume", "delete", volume], check=True, capture_output=True)

    @pytest.fixture
    def upstream(self, tmp_path: Path) -> Upstream:
        return Upstream.create(tmp_path / "server", "web", FILES)

    def noise(self) -> str:
        return os.urandom(self.QUOTA).hex()

    async def test_a_clone_of_more_than_the_quota_leaves_the_volume_empty(
        self, limited: Path, upstream: Upstream, tmp_path: Path
    ) -> None:
        upstream.push({"noise": self.noise()})
        with pytest.raises(NoSpace):
            await Libgit2Client(tmp_path).clone_into(GitUrl.local(upstream.bare), limited)
        assert list(limited.iterdir()) == []

    async def test_an_update_beyond_the_quota_leaves_the_volume_as_it_was(
        self, limited: Path, upstream: Upstream, tmp_path: Path
    ) -> None:
        client, url = Libgit2Client(tmp_path), GitUrl.local(upstream.bare)
        await client.clone_into(url, limited)
        (limited / "featured.json").write_text("mine")
        upstream.push({"noise": self.noise(), "packages/web/1.0.yaml": "image: newer\n"})
        with pytest.raises(NoSpace):
            await client.update(limited, url)
        assert content(limited) == {**FILES, "featured.json": "mine"}

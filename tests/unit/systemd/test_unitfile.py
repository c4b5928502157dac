"""Unit files say exactly what was meant, whatever the values hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.systemd import quoting
from townos.systemd.unitfile import Exec, Section, UnitFile, entries, parse

TEXT = st.text(
    st.one_of(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), st.sampled_from("\n\t\\\"'$%;#@-{}:+! "))
)
GROUPS = st.lists(st.lists(TEXT, min_size=1, max_size=3), max_size=4)


def service(*values: tuple[str, str | Exec]) -> UnitFile:
    return UnitFile((Section("Unit", (("Description", "x"),)), Section("Service", values)))


def written(*words: str) -> str:
    return str(entries(service(("ExecStart", Exec.line("/bin/x", *words))), "ExecStart")[0])


@pytest.mark.conformance("HOLE-01")
@given(GROUPS)
def test_a_command_is_read_back_word_by_word(groups: list[list[str]]) -> None:
    command = Exec((("/bin/x",), *map(tuple, groups)))
    text = str(service(("ExecStart", command)))
    assert entries(parse(text), "ExecStart") == [command]


@pytest.mark.conformance("HOLE-01")
@given(GROUPS)
def test_no_value_adds_a_line_that_could_be_a_directive_or_a_comment(groups: list[list[str]]) -> None:
    command = Exec((("/bin/x",), *map(tuple, groups)))
    first, *others = str(command).split("\n")
    assert all(line.startswith("    ") and line.strip()[0] not in "#;[" for line in others)
    assert len(others) == len([group for group in groups if group])
    assert first.startswith("/bin/x")


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("plain-1.0_x/y:z=1", "plain-1.0_x/y:z=1"),
        ("", '""'),
        ("two words", '"two words"'),
        ("100%", '"100%%"'),
        ("$HOME", '"$$HOME"'),
        ("${X}", '"$${X}"'),
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", r'"back\\slash"'),
        ("a\nb\tc", r'"a\nb\tc"'),
        (";", '";"'),
        ("'", '"\'"'),
        ("#x", '"#x"'),
    ],
)
def test_a_word_is_quoted_as_systemd_reads_it(word: str, text: str) -> None:
    assert written(word) == f"/bin/x {text}"


@pytest.mark.parametrize("character", ["\0", "\r", "\x1b", "\x7f", "\x85", "\ufffe", "\ufdd0", "\U0001fffe", "\ud800"])
def test_a_value_that_systemd_cannot_read_is_refused(character: str) -> None:
    with pytest.raises(Invalid):
        written(f"a{character}b")
    with pytest.raises(Invalid):
        str(service(("Description", f"a{character}b")))


@pytest.mark.conformance("HOLE-01")
@given(TEXT)
def test_a_plain_value_stays_on_its_line_and_means_itself(text: str) -> None:
    if "\n" in text or "\t" in text:
        with pytest.raises(Invalid):
            str(service(("Description", text)))
        return
    read = parse(str(service(("Documentation", text), ("After", "b.target"))))
    assert entries(read, "Documentation") == [text.strip(" ")]
    assert entries(read, "After") == ["b.target"]
    assert not str(service(("Documentation", text))).splitlines()[-1].endswith("\\")


def test_a_command_begins_with_an_absolute_path() -> None:
    for first in ("podman", "-/bin/x", "", "@/bin/x"):
        with pytest.raises(Invalid):
            str(Exec.line(first))


def test_a_line_that_systemd_would_not_read_is_refused() -> None:
    with pytest.raises(Invalid, match="longer than"):
        str(service(("ExecStart", Exec.line("/bin/x", "y" * 1_000_000))))


def test_a_failure_may_be_ignored() -> None:
    assert str(Exec.line("/bin/x", ignore_failure=True)) == "-/bin/x"


# Looking for the end of the quote again and again would need an hour: the limit tells that apart, not the speed.
@pytest.mark.timeout(20)
def test_a_quote_that_is_never_closed_is_read_once() -> None:
    assert quoting.words('"' + r"\"" * 500_000) == ['"' * 500_000]

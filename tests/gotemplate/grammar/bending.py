"""Templates that are wrong: valid ones with a piece changed, and actions of tokens in any order."""

from random import Random
from typing import Final

from tests.gotemplate.grammar.literals import character, character_constant, number, string

_CHARACTERS: Final = "\"'`(){}|.,$:=-+ \n\t\r\\%0aeipxé_*/\x00<#[]\x7f\u2028\udcff\udce2\udc82٣ﬀⅧ\u0301"
_PIECES: Final = (
    *("{{", "}}", "{{-", "-}}", "{{- ", " -}}", "{{end}}", "{{else}}", "{{/*", "*/}}", "{{/**/}}", " | ", "$x", ":="),
    *("(", ")", ".", "nil", "break", "{{break}}", "{{continue}}", "{{else if 1}}", "{{else with 1}}", '{{define "a"}}'),
    *(
        "{{if 1}}",
        "{{range 2}}",
        "{{with .}}",
        '{{template "a"}}',
        '{{block "a" .}}',
        "{{$x := 1}}",
        "{{$x = 2}}",
        ", ",
    ),
)
_TOKENS: Final = (
    *(" ", " ", " ", " ", " ", "|", "(", ")", ".", ".a", ".s.t", "$", "$x", "$x.y", ":=", "=", ",", "nil", "true", "-"),
    *("if", "else", "end", "range", "with", "define", "block", "template", "break", "continue", "print", "len", "and"),
    *(
        "\n",
        "\t",
        "{",
        "}",
        "/*",
        "*/",
        "- ",
        " -",
        "$.s",
        ".é",
        "é",
        "_",
        "eq",
        "not",
        "or",
        "index",
        "printf",
        '"%v"',
    ),
)


def bent(text: str, random: Random) -> str:
    """Change a template in one or two places."""
    for _ in range(random.randint(1, 2)):
        at = random.randint(0, len(text))
        end = min(len(text), at + random.choice((0, 0, 1, 1, 2, 5)))
        new = random.choice(("", random.choice(_CHARACTERS), random.choice(_PIECES), character(random)))
        text = text[:at] + new + text[end:]
    return text


def soup(random: Random) -> str:
    """Make actions of a few tokens each, in any order."""
    return "".join(
        random.choice(_PIECES) if random.random() < 0.2 else _action(random) for _ in range(random.randint(1, 3))
    )


def _action(random: Random) -> str:
    constants = (number(random), string(random), character_constant(random))
    tokens = [random.choice((*_TOKENS, *constants)) for _ in range(random.randint(1, 7))]
    return "{{" + "".join(tokens) + "}}"

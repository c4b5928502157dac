"""Random templates and data: valid ones for the most part, so that they get far, and some that are bent a little."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

from tests.gotemplate.golang import Question

_TEXTS: Final = (
    "",
    " ",
    "\n",
    "a",
    "{",
    "}",
    "}}",
    " x \n",
    "\t",
    "é",
    "\u2028",
    "日本",
    "- ",
    " -",
    "/*",
    "\\",
    '"',
    "%",
)
_INTEGERS: Final = (
    "0",
    "1",
    "2",
    "3",
    "-1",
    "42",
    "0x1F",
    "0b101",
    "0o17",
    "017",
    "1_000",
    "9223372036854775807",
    "1e3",
)
_FLOATS: Final = ("1.5", "-0.25", "1e20", "1e21", ".5", "2.", "0x1p-2", "1e-7", "123456789.0", "3.14159265358979")
_OTHER_NUMBERS: Final = (
    "'a'",
    "'é'",
    "'\\n'",
    "'\\x41'",
    "'\\''",
    "1i",
    "1+2i",
    "-0",
    "1e1000",
    "18446744073709551615",
    "0x",
    "08",
)
_STRINGS: Final = (
    '""',
    '"a"',
    '"a b"',
    '"<&>"',
    "`raw\\n`",
    '"é日"',
    '"\\xff\\u00e9\\n"',
    '"\\t\\"q\\""',
    '"x=1&y"',
    '"0"',
)
_FIELDS: Final = (
    ".s",
    ".i",
    ".f",
    ".b",
    ".n",
    ".l",
    ".m",
    ".e",
    ".el",
    ".em",
    ".u",
    ".zz",
    ".m.x",
    ".m.y.z",
    ".l.x",
    ".n.a",
    ".ll",
)
_LOOPED: Final = (".l", ".m", ".el", ".em", ".n", ".e", ".ll", ".zz", "3", "0", "-2", ".s", "$", ".m.y", "(slice .l 1)")
_NAMES: Final = ('"a"', '"b"', "`c`", '"t"')
_VARIABLES: Final = ("$", "$x", "$y", "$x.x", "$.s", "$é")
_FUNCTIONS: Final = (
    *(
        "and",
        "or",
        "not",
        "len",
        "index",
        "slice",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "print",
        "println",
        "html",
        "js",
    ),
    *("urlquery", "call", "printf", "printf", "printf", "print", "index", "nosuch"),
)
_VERBS: Final = "vvvdddsssqqxXcUtTbooOeEfFgGgp%wz!é"
_CHARACTERS: Final = "\"'`(){}|.,$:=-+ \n\t\\%0aé_*/\x00<#[]"
_PIECES: Final = (
    "{{",
    "}}",
    "{{-",
    "-}}",
    "{{end}}",
    "{{else}}",
    "{{/*",
    "*/}}",
    " | ",
    "$x",
    ":=",
    "(",
    ")",
    ".",
    "nil",
    "break",
)
_MUTATED: Final = 0.15


class Grammar:
    """Makes questions from a source of randomness."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def question(self) -> Question:
        """Make a template and its data."""
        sample = self._random.random() < 0.05
        if self._random.random() < 0.4:
            text = self._format_only()
        else:
            text = "".join(self._node(3) for _ in range(self._random.randint(1, 4)))
        if self._random.random() < _MUTATED:
            text = self._bent(text)
        return Question(text.encode(), None if sample else self.data(), sample)

    def data(self) -> Any:
        """Make data: for the most part an object that has the fields that templates ask for."""
        if self._random.random() < 0.1:
            value = self._value(2)
            # Nobody waits for the end of a loop over a large number.
            return min(value, 5) if type(value) is int else value
        return {
            "s": self._string(),
            "i": self._integer(),
            "f": self._float(),
            "b": self._random.random() < 0.5,
            "n": None,
            "l": [self._value(1) for _ in range(self._random.randint(1, 4))],
            "m": {"x": self._value(1), "y": {"z": self._value(0)}, self._string(): 1},
            "e": "",
            "el": [],
            "em": {},
            "u": self._integer(),
            "ll": [[1, 2], ["a"], []],
        }

    def _value(self, depth: int) -> Any:
        makers: list[Callable[[], Any]] = [self._string, self._integer, self._float, lambda: None, lambda: True]
        if depth > 0:
            makers += [
                lambda: [self._value(depth - 1) for _ in range(self._random.randint(0, 3))],
                lambda: {self._string(): self._value(depth - 1) for _ in range(self._random.randint(0, 3))},
            ]
        return self._random.choice(makers)()

    def _string(self) -> str:
        strings = (
            "",
            "a",
            "hello",
            "<b>&'\"",
            "é",
            "日本語",
            "x y",
            "\n\t\0",
            "\u200b\ue000",
            "\U0001f600",
            "A-._~/?",
            "10",
            "\x7f`",
        )
        return self._random.choice(strings)

    def _integer(self) -> int:
        integers = (
            0,
            1,
            -1,
            2,
            3,
            10,
            97,
            255,
            8364,
            128512,
            1114112,
            55296,
            1 << 62,
            (1 << 63) - 1,
            -(1 << 63),
            1 << 64,
        )
        return self._random.choice(integers)

    def _float(self) -> float:
        if self._random.random() < 0.3:
            return self._random.uniform(-1, 1) * 10.0 ** self._random.randint(-30, 30)
        return self._random.choice(
            (0.0, -0.0, 1.0, 0.1, 1.5, -2.5, 1e6, 1e5, 123456.0, 1e21, 1e20, 1e-4, 1e-5, 5e-324, 1.7e308, 100.0)
        )

    def _pick(self, *groups: Sequence[str]) -> str:
        return self._random.choice(self._random.choice(groups))

    def _node(self, depth: int) -> str:
        chance = self._random.random()
        if chance < 0.2 or depth == 0:
            return self._pick(_TEXTS)
        if chance < 0.55:
            return self._action(self._pipeline(2, declares=True))
        makers = (
            self._branch,
            self._branch,
            self._loop,
            self._loop,
            self._definition,
            self._invocation,
            self._block,
            self._comment,
        )
        return self._random.choice(makers)(depth - 1)

    def _action(self, inner: str) -> str:
        left = self._random.choice(("{{", "{{", "{{", "{{ ", "{{- ", "{{-\n"))
        right = self._random.choice(("}}", "}}", "}}", " }}", " -}}"))
        return left + inner + right

    def _body(self, depth: int) -> str:
        return "".join(self._node(depth) for _ in range(self._random.randint(0, 2)))

    def _branch(self, depth: int) -> str:
        keyword = self._random.choice(("if", "with"))
        text = self._action(f"{keyword} {self._pipeline(1, declares=True)}") + self._body(depth)
        if self._random.random() < 0.3:
            chained = self._random.choice((keyword, keyword, keyword, "if", "with", "range"))
            text += self._action(f"else {chained} {self._pipeline(1, declares=True)}") + self._body(depth)
        if self._random.random() < 0.4:
            text += self._action("else") + self._body(depth)
        return text + self._action("end")

    def _loop(self, depth: int) -> str:
        variables = self._random.choice(
            ("", "", "$x := ", "$x, $y := ", "$y = ", "$x, $y = ", "$x, $x := ", "$x $y := ")
        )
        text = self._action(f"range {variables}{self._pick(_LOOPED)}") + self._body(depth)
        if self._random.random() < 0.4:
            leave = self._action(self._random.choice(("break", "continue")))
            text += self._random.choice((leave, self._action("if " + self._pipeline(1)) + leave + self._action("end")))
        text += self._body(depth)
        if self._random.random() < 0.3:
            text += self._action("else") + self._body(depth)
        return text + self._action("end")

    def _definition(self, depth: int) -> str:
        return self._action(f"define {self._pick(_NAMES)}") + self._body(depth) + self._action("end")

    def _block(self, depth: int) -> str:
        return self._action(f"block {self._pick(_NAMES)} {self._pipeline(1)}") + self._body(depth) + self._action("end")

    def _invocation(self, _depth: int) -> str:
        return self._action(f"template {self._pick(_NAMES)} {self._random.choice(('', '.', self._pipeline(1)))}")

    def _comment(self, _depth: int) -> str:
        return self._random.choice(("{{/* c */}}", "{{- /* c */ -}}", "{{/* a\nb */}}", "{{ /* c */}}", "{{/* c */ }}"))

    def _pipeline(self, depth: int, *, declares: bool = False) -> str:
        text = " | ".join(self._command(depth, first=not at) for at in range(self._random.choice((1, 1, 1, 2, 3))))
        if declares and self._random.random() < 0.2:
            text = self._random.choice(("$x := ", "$y := ", "$x = ", "$x:=", "$x, $y := ")) + text
        return text

    def _command(self, depth: int, *, first: bool) -> str:
        if first and self._random.random() < 0.45:
            return self._operand(depth)
        return self._call(depth, piped=not first)

    def _call(self, depth: int, *, piped: bool) -> str:
        name = self._random.choice(_FUNCTIONS)
        if name == "printf":
            form, count = self._format()
            return " ".join([name, form, *(self._operand(depth - 1) for _ in range(max(count - piped, 0)))])
        counts = {"not": (1,), "len": (1,), "html": (1, 2), "js": (1, 2), "slice": (1, 2, 3, 4), "index": (1, 2, 2, 3)}
        count = self._random.choice(counts.get(name, (2, 2, 2, 1, 3)))
        return " ".join([name, *(self._operand(depth - 1) for _ in range(max(count - piped, 0)))])

    def _operand(self, depth: int) -> str:
        chance = self._random.random()
        if chance < 0.4:
            return self._pick(_FIELDS)
        if chance < 0.75 or depth <= 0:
            return self._pick(
                _INTEGERS, _FLOATS, _STRINGS, _STRINGS, _OTHER_NUMBERS, ("true", "false", "nil", ".", ".")
            )
        if chance < 0.85:
            return self._pick(_VARIABLES)
        inner = f"({self._pipeline(depth - 1)})"
        return inner + (self._pick(_FIELDS) if self._random.random() < 0.2 else "")

    def _format_only(self) -> str:
        form, count = self._format()
        return "{{printf " + " ".join([form, *(self._operand(1) for _ in range(count))]) + "}}"

    def _format(self) -> tuple[str, int]:
        """Make a format as a constant, and say how many arguments are fit for it, more or less."""
        directives = self._random.choice((1, 1, 1, 2, 3))
        form = "".join(self._pick(("", "", "-", "é", "%%")) + self._directive() for _ in range(directives))
        return f'"{form}"', max(0, directives + form.count("*") + self._random.choice((0, 0, 0, 0, 0, 0, 1, -1)))

    def _directive(self) -> str:
        flags = "".join(self._random.choice("+-# 0") for _ in range(self._random.choice((0, 0, 1, 1, 2, 3))))
        numbers = ("", "", "", "1", "5", "12", "0", "3", "*", "[1]*", "[2]", "[9]", "[x]", "30", "[3]*")
        width = self._random.choice(numbers)
        precision = self._random.choice(("", "", "", ".")) and "." + self._random.choice(numbers)
        index = self._random.choice(("", "", "", "", "", "", "", "[1]", "[2]", "[", "[]", "[-1]"))
        return f"%{flags}{width}{precision}{index}{self._random.choice(_VERBS)}"

    def _bent(self, text: str) -> str:
        for _ in range(self._random.randint(1, 2)):
            at = self._random.randint(0, len(text))
            end = min(len(text), at + self._random.choice((0, 0, 1, 1, 2, 5)))
            new = self._random.choice(("", self._random.choice(_CHARACTERS), self._random.choice(_PIECES)))
            text = text[:at] + new + text[end:]
        return text

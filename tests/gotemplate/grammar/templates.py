"""Random templates: control structures, pipelines and their operands."""

from collections.abc import Sequence
from random import Random
from typing import Final

from tests.gotemplate.grammar.formats import form
from tests.gotemplate.grammar.literals import character_constant, number, string

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
    "\udcff",
)
_FIELDS: Final = (
    *(
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
    ),
    *(".é", ".f", ".s", ".i", ".zz.yy", ".m.zz.yy"),
)
_SAMPLED: Final = (
    ".Name",
    ".Count",
    ".Ratio",
    ".Ready",
    ".Inner",
    ".Inner.Text",
    ".List",
    ".Map",
    ".Map.a",
    ".Any",
    ".Any.Text",
    ".Absent",
    ".Absent.x",
    ".name",
)
_LOOPED: Final = (
    ".l",
    ".m",
    ".el",
    ".em",
    ".n",
    ".e",
    ".ll",
    ".zz",
    "3",
    "0",
    "-2",
    ".s",
    "$",
    ".m.y",
    "(slice .l 1)",
    '(index "\\x03" 0)',
    "'\\x02'",
    ".List",
    ".Map",
)
_NAMES: Final = ('"a"', '"b"', "`c`", '"t"', '"\\x61"', '""')
_VARIABLES: Final = ("$", "$x", "$y", "$x.x", "$.s", "$é", "$.m.x", "$y.zz")
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
    *("urlquery", "call", "printf", "printf", "printf", "print", "index", "nosuch", "slice", "eq"),
)
_POSITIONS: Final = (
    "0",
    "0",
    "1",
    "1",
    "2",
    "3",
    "-1",
    "1.0",
    "'\\x01'",
    '"x"',
    '"y"',
    ".s",
    ".i",
    "nil",
    "(len .l)",
    ".n",
)
_INDEXED: Final = (".l", ".ll", ".s", '"abcd"', "`é`", ".e", ".m", ".List", ".Map", ".n", "(slice .ll 1 2)")
_COMPARED: Final = ("$", ".n", "nil", ".l", ".m", ".zz", "1", ".i", ".s")
_SAMPLED_COMPARED: Final = (".Inner", ".Any", ".Absent", "$", "nil", ".List", "1", "$.Inner", ".Any")
_BYTES: Final = ('(index "\\x03a" 0)', "(index .s 0)", '(index "\\xff" 0)')
_COUNTS: Final = {
    "not": (1,),
    "len": (1,),
    "html": (1, 2),
    "js": (1, 2),
    "slice": (1, 2, 3, 4, 5),
    "index": (1, 2, 2, 3),
}
_COMMENTS: Final = ("{{/* c */}}", "{{- /* c */ -}}", "{{/* a\nb */}}", "{{ /* c */}}", "{{/* c */ }}")
_LEFT: Final = ("{{", "{{", "{{", "{{ ", "{{- ", "{{-\n", "{{-\t\r\n")
_RIGHT: Final = ("}}", "}}", "}}", " }}", " -}}", "\n-}}", "\t -}}")
_RANGE_VARIABLES: Final = (
    "",
    "",
    "$x := ",
    "$x, $y := ",
    "$y = ",
    "$x, $y = ",
    "$x, $x := ",
    "$x $y := ",
    "$x,$y:=",
    "$x = ",
    "$y, $y = ",
)
_DECLARATIONS: Final = ("$x := ", "$y := ", "$x = ", "$x:=", "$x, $y := ", "$y = ", "$é := ", "$ = ")
_SET: Final = "{{$x := 1}}{{$y := .}}"
"""What makes assignments succeed, put in front now and then."""


class Templates:
    """Makes templates from a source of randomness: for the one struct that there is, or for the data of JSON."""

    def __init__(self, random: Random, *, sample: bool) -> None:
        self._random = random
        self._fields = _SAMPLED if sample else _FIELDS
        self._compared = _SAMPLED_COMPARED if sample else _COMPARED

    def template(self) -> str:
        """Make a whole template."""
        before = _SET if self._random.random() < 0.2 else ""
        return before + "".join(self._node(3) for _ in range(self._random.randint(1, 4)))

    def formatting(self) -> str:
        """Make a template that formats a few values."""
        return "{{" + self._call_of("printf", 2, piped=False) + "}}"

    def _pick(self, *groups: Sequence[str]) -> str:
        return self._random.choice(self._random.choice(groups))

    def _node(self, depth: int) -> str:
        chance = self._random.random()
        if chance < 0.2 or depth == 0:
            return self._pick(_TEXTS)
        if chance < 0.55:
            return self._action(self._pipeline(2, declares=True))
        makers = (self._branch, self._branch, self._loop, self._loop, self._definition, self._invocation, self._block)
        return self._random.choice((*makers, lambda _depth: self._pick(_COMMENTS)))(depth - 1)

    def _action(self, inner: str) -> str:
        return self._pick(_LEFT) + inner + self._pick(_RIGHT)

    def _body(self, depth: int) -> str:
        return "".join(self._node(depth) for _ in range(self._random.randint(0, 2)))

    def _branch(self, depth: int) -> str:
        keyword = self._random.choice(("if", "with"))
        made = self._action(f"{keyword} {self._pipeline(1, declares=True)}") + self._body(depth)
        while self._random.random() < 0.3:
            chained = self._random.choice((*(keyword,) * 9, "if", "with", "range"))
            made += self._action(f"else {chained} {self._pipeline(1, declares=True)}") + self._body(depth)
        if self._random.random() < 0.4:
            made += self._action("else") + self._body(depth)
        return made + self._action("end")

    def _loop(self, depth: int) -> str:
        made = self._action(f"range {self._pick(_RANGE_VARIABLES)}{self._pick(_LOOPED)}") + self._body(depth)
        if self._random.random() < 0.4:
            leave = self._action(self._random.choice(("break", "continue")))
            made += self._random.choice((leave, self._action("if " + self._pipeline(1)) + leave + self._action("end")))
        made += self._body(depth)
        if self._random.random() < 0.3:
            made += self._action("else") + self._body(depth)
        return made + self._action("end")

    def _definition(self, depth: int) -> str:
        return self._action(f"define {self._pick(_NAMES)}") + self._body(depth) + self._action("end")

    def _block(self, depth: int) -> str:
        return self._action(f"block {self._pick(_NAMES)} {self._pipeline(1)}") + self._body(depth) + self._action("end")

    def _invocation(self, _depth: int) -> str:
        return self._action(f"template {self._pick(_NAMES)} {self._random.choice(('', '.', self._pipeline(1)))}")

    def _pipeline(self, depth: int, *, declares: bool = False) -> str:
        made = " | ".join(self._command(depth, first=not at) for at in range(self._random.choice((1, 1, 1, 2, 3))))
        if declares and self._random.random() < 0.2:
            return self._pick(_DECLARATIONS) + made
        return made

    def _command(self, depth: int, *, first: bool) -> str:
        if self._random.random() < (0.45 if first else 0.03):
            return self._operand(depth)
        return self._call(depth, piped=not first)

    def _call(self, depth: int, *, piped: bool) -> str:
        return self._call_of(self._pick(_FUNCTIONS), depth, piped=piped)

    def _call_of(self, name: str, depth: int, *, piped: bool) -> str:
        words = [name]
        if name == "printf" and self._random.random() < 0.98:
            written, count = form(self._random)
            words.append(written)
        else:
            count = self._random.choice(_COUNTS.get(name, (2, 2, 2, 1, 3)))
        words += [self._argument(name, position, depth - 1) for position in range(max(count - piped, 0))]
        return " ".join(words)

    def _argument(self, name: str, position: int, depth: int) -> str:
        """Make an argument that often suits the function."""
        chance = self._random.random()
        if name in ("index", "slice") and chance < 0.7:
            return self._pick(_POSITIONS if position else _INDEXED)
        if name in ("eq", "ne") and chance < 0.3:
            return self._pick(self._compared)
        return self._operand(depth)

    def _operand(self, depth: int) -> str:
        chance = self._random.random()
        if chance < 0.4:
            return self._pick(self._fields, self._fields, self._fields, _FIELDS)
        if chance < 0.75 or depth <= 0:
            return self._constant()
        if chance < 0.85:
            return self._pick(_VARIABLES, _VARIABLES, _BYTES)
        inner = f"({self._pipeline(depth - 1, declares=True)})"
        return inner + (self._pick(_FIELDS) if self._random.random() < 0.2 else "")

    def _constant(self) -> str:
        chance = self._random.random()
        if chance < 0.3:
            return self._pick(("true", "false", "nil", ".", ".", "0", "1", "2"))
        if chance < 0.6:
            return string(self._random)
        return number(self._random) if chance < 0.95 else character_constant(self._random)

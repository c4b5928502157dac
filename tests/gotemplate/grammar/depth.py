"""Templates that repeat something many times, within itself or in a row."""

from random import Random
from typing import Final

_NESTED: Final = (
    ("{{if 1}}", "x", "{{end}}"),
    ("{{if 0}}{{else}}", "x", "{{end}}"),
    ("{{with .}}", "{{.}}", "{{else}}y{{end}}"),
    ("{{range 1}}", "{{.}}", "{{end}}"),
    ("{{range 1}}{{if .}}{{break}}{{end}}", "{{continue}}", "{{end}}"),
    ("{{with $x := .}}", "{{$x}}", "{{end}}"),
    ('{{block "a" .}}', "{{.}}", "{{end}}"),
    ("{{if 0}}", "", "{{else if 0}}"),
)
_EXPRESSIONS: Final = (
    ("(", "1", ")"),
    ("(", ".", ").x"),
    ("not (", ".", ")"),
    ("and 1 (", ".", ")"),
    ("print (", "1", " | print)"),
)
_ROWS: Final = (".x", " 1", " | print", " | not", "$", "1", " (print)", ".x.y")


def deep(random: Random) -> str:
    """Make a template with something up to 200 times, now and then with one thing too much or too little."""
    times = random.choice((2, 10, 50, 200))
    chance = random.random()
    if chance < 0.4:
        before, inner, after = random.choice(_NESTED)
        return before * times + inner + after * (times + random.choice((0, 0, 0, 0, 1, -1)))
    if chance < 0.8:
        before, inner, after = random.choice(_EXPRESSIONS)
        return "{{" + before * times + inner + after * (times + random.choice((0, 0, 0, 0, 1, -1))) + "}}"
    return "{{" + random.choice(("print", ".", "1", "and", "$", "")) + random.choice(_ROWS) * times + "}}"

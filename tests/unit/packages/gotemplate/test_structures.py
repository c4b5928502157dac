"""`if`, `with`, `range`, `break`, `continue`, `define`, `template` and `block`."""

import pytest

from tests.support.gotemplates import EXEC, PARSE, outcome
from townos.packages.gotemplate import Stage

DATA = {"s": "hello", "n": None, "list": [1, "a", None], "none": [], "map": {"b": 2, "a": {"x": "y"}}, "f": 1.5, "i": 3}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{if .s}}1{{else}}2{{end}}", "1"),
        ("{{if .n}}1{{else if .s}}2{{else}}3{{end}}", "2"),
        ("{{if .n}}1{{else if .none}}2{{else}}3{{end}}", "3"),
        ("{{if .n}}1{{else with .s}}2{{end}}", PARSE),
        ("{{if .n}}1{{else}}2{{else}}3{{end}}", PARSE),
        ("{{if}}{{end}}", PARSE),
        ("{{if .s}}", PARSE),
        ("{{else}}", PARSE),
        ("{{end}}", PARSE),
        ("{{if .s}}{{end .s}}", PARSE),
    ],
)
def test_if_takes_the_first_branch_that_is_true(template: str, expected: str | Stage) -> None:
    assert outcome(template, DATA) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", "no"),
        ("0.0", "no"),
        ("0i", "no"),
        ('""', "no"),
        ("false", "no"),
        (".none", "no"),
        (".n", "no"),
        (".missing", "no"),
        ("-1", "yes"),
        ("0.1", "yes"),
        ("1i", "yes"),
        ('"0"', "yes"),
        (".list", "yes"),
        (".map", "yes"),
    ],
)
def test_the_zero_of_each_type_is_false(value: str, expected: str) -> None:
    assert outcome(f"{{{{if {value}}}}}yes{{{{else}}}}no{{{{end}}}}", DATA) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{with .map}}{{.b}}{{$.s}}{{with .a}}{{.x}}{{end}}{{.b}}{{end}}", "2helloy2"),
        ("{{with .n}}1{{else}}{{.s}}{{end}}", "hello"),
        ("{{with .n}}1{{else with .map}}{{.b}}{{else}}3{{end}}", "2"),
        ("{{with .n}}1{{else if .map}}2{{end}}", PARSE),
    ],
)
def test_with_moves_the_cursor(template: str, expected: str | Stage) -> None:
    assert outcome(template, DATA) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{range .list}}[{{.}}]{{end}}", "[1][a][<no value>]"),
        ("{{range $v := .list}}[{{$v}}]{{end}}", "[1][a][<no value>]"),
        ("{{range $i, $v := .list}}{{$i}}={{$v}},{{end}}", "0=1,1=a,2=<no value>,"),
        ("{{range $k, $v := .map}}{{$k}}={{$v}},{{end}}", "a=map[x:y],b=2,"),
        ("{{range .map}}{{.}},{{end}}", "map[x:y],2,"),
        ("{{range 3}}{{.}}{{end}}{{range $x := .i}}{{$x}}{{end}}", "012012"),
        ("{{range index .s 0}}x{{break}}{{end}}", "x"),
        ("{{range .none}}1{{else}}{{.s}}{{end}}", "hello"),
        ("{{range .n}}1{{else}}2{{end}}{{range .missing}}1{{else}}3{{end}}{{range -1}}1{{else}}4{{end}}", "234"),
        ("{{range $i, $v := 3}}{{end}}", EXEC),
        ("{{range .s}}{{end}}", EXEC),
        ("{{range .f}}{{end}}", EXEC),
        ("{{range true}}{{end}}", EXEC),
        ("{{range}}{{end}}", PARSE),
        ("{{range $i, $v, $w := .list}}{{end}}", PARSE),
        ("{{range $i, 1}}{{end}}", PARSE),
    ],
)
def test_range_runs_over_lists_maps_in_order_and_integers(template: str, expected: str | Stage) -> None:
    assert outcome(template, DATA) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{range 5}}{{if eq . 1}}{{continue}}{{end}}{{if eq . 3}}{{break}}{{end}}{{.}}{{end}}", "02"),
        ("{{range 3}}{{with 1}}{{$x := 1}}{{continue}}{{end}}no{{end}}yes", "yes"),
        ("{{range 2}}{{range 3}}{{.}}{{break}}{{end}};{{end}}", "0;0;"),
        ("{{range 2}}{{range $.none}}{{else}}{{break}}{{end}}after{{end}}", "afterafter"),
        ("{{range 2}}{{range $.none}}{{else}}{{continue}}{{end}}after{{end}}", ""),
        ("{{break}}", PARSE),
        ("{{range 3}}{{else}}{{continue}}{{end}}", PARSE),
        ("{{range 3}}{{break 1}}{{end}}", PARSE),
        ('{{range 3}}{{block "x" .}}{{break}}{{end}}{{end}}', PARSE),
        ("{{range 3}}{{print break}}{{end}}", PARSE),
    ],
)
def test_break_and_continue_leave_the_loop_around_them(template: str, expected: str | Stage) -> None:
    assert outcome(template, DATA) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{define "a"}}<{{.}}>{{end}}{{template "a" 1}}{{template `a`}}', "<1><<no value>>"),
        ('{{template "a" .s}}{{define "a"}}{{.}}{{$}}{{end}}', "hellohello"),
        ('{{block "a" .s}}<{{.}}>{{end}}{{template "a" 2}}', "<hello><2>"),
        ('{{define "a"}}{{if .}}{{slice . 0 1}}{{template "a" slice . 1}}{{end}}{{end}}{{template "a" .s}}', "hello"),
        ('{{if .n}}{{template "unknown"}}{{end}}', ""),
        ('{{template "unknown"}}', EXEC),
        ("{{template unknown}}", PARSE),
        ('{{template "a" 1 2}}{{define "a"}}{{end}}', EXEC),
        ('{{if .s}}{{define "a"}}{{end}}{{end}}', PARSE),
        ('{{define "a"}}{{else}}{{end}}', PARSE),
        ('{{block "a"}}{{end}}', PARSE),
        ('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}', EXEC),
    ],
)
def test_templates_are_invoked_by_name(template: str, expected: str | Stage) -> None:
    assert outcome(template, DATA) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{define "a"}}1{{end}}{{define "a"}}2{{end}}', PARSE),
        ('{{define "a"}} {{/* */}}{{end}}{{define "a"}}2{{end}}{{template "a"}}', "2"),
        ('{{define "a"}}1{{end}}{{define "a"}}\u3000\n{{end}}{{template "a"}}', "1"),
        ('{{define "a"}}1{{end}}{{define "a"}}{{if .n}}{{end}}{{end}}', PARSE),
        ('{{define "t"}}main{{end}} \n', "main"),
        ('{{define "t"}}main{{end}}text', PARSE),
        ('{{define "t"}}main{{end}}\x1c', PARSE),
    ],
)
def test_an_empty_definition_gives_way_and_two_others_are_an_error(template: str, expected: str | Stage) -> None:
    assert outcome(template, DATA) == expected

"""Pipelines, fields, variables, and what is no value."""

import pytest

from tests.support.gotemplates import EXEC, PARSE, outcome
from townos.packages.gotemplate import Stage

DATA = {"s": "hello", "n": None, "list": [1, None, {"k": "v"}], "map": {"a": {"x": "y"}, "n": None}}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{.s | print}}{{.s | len | print 1}}", "hello1 5"),
        ("{{print (print .s 1) (print (print 2))}}", "hello12"),
        ('{{"a" | print "b" | print "c"}}', "cba"),
        ("{{1|}}", "1"),
        ("{{|1}}", PARSE),
        ("{{1||2}}", PARSE),
        ("{{1 | 2}}", PARSE),
        ("{{1 | .}}", PARSE),
        ("{{1 | .s}}", EXEC),
        ("{{1 | (print)}}", EXEC),
        ("{{.s 1}}", EXEC),
        ("{{(1) 2}}", EXEC),
        ("{{()}}", PARSE),
        ("{{(1}}", PARSE),
        ("{{1)}}", PARSE),
    ],
)
def test_each_command_takes_the_result_of_the_one_before(template: str, expected: str | Stage) -> None:
    assert outcome(template, DATA) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{.map.a.x}}{{$.map.a.x}}{{(.map).a.x}}{{(index .list 2).k}}", "yyyv"),
        ("{{.missing}}{{.missing.deeper.still}}{{(.missing).x}}", "<no value>" * 3),
        ("{{.missing.x 1}}", "<no value>"),
        ("{{.n}}{{print .n}}{{print .missing}}", "<no value><nil><nil>"),
        ("{{.n.x}}", EXEC),
        ("{{(.n).x}}", "<no value>"),
        ("{{$v := .n}}{{$v.x}}", "<no value>"),
        ("{{range .list}}{{.k}}{{end}}", EXEC),
        ("{{range slice .list 1 2}}{{.k}}{{end}}", EXEC),
        ("{{.s.x}}", EXEC),
        ("{{.map.a.x.y}}", EXEC),
        ("{{print.x}}", EXEC),
        ('{{"a".x}}', PARSE),
        ("{{nil.x}}", PARSE),
        ("{{..x}}", PARSE),
    ],
)
def test_a_missing_key_has_fields_and_a_null_has_none(template: str, expected: str | Stage) -> None:
    assert outcome(template, DATA) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{nil}}", EXEC),
        ("{{nil | print}}", EXEC),
        ("{{print nil}}", "<nil>"),
        ("{{.x}}{{.}}", "<no value><no value>"),
        ("{{with 1}}{{$}}{{end}}", "<no value>"),
    ],
)
def test_nil_is_an_argument_only(template: str, expected: str | Stage) -> None:
    assert outcome(template) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{$x := 1}}{{$x}}{{$x = 2}}{{$x}}", "12"),
        ("{{$x := 1}}{{if .s}}{{$x = 2}}{{$y := 3}}{{end}}{{$x}}", "2"),
        ("{{$x := 1}}{{with $x := 2}}{{$x = 3}}{{$x}}{{end}}{{$x}}", "31"),
        ("{{if $x := .n}}{{else}}{{$x}}{{end}}", "<no value>"),
        ("{{($x := 1)}}{{$x}}{{print ($x = 2) $x}}", "112 2"),
        ("{{$ := 1}}{{$}}", "1"),
        ("{{$x := 1}}{{range 2}}{{$x = .}}{{$x := 9}}{{$x = 10}}{{end}}{{$x}}", "1"),
        ('{{template "a" $x := 3}}{{$x}}{{define "a"}}{{.}}{{end}}', "33"),
        ('{{$x := 1}}{{define "a"}}{{$x}}{{end}}', PARSE),
        ("{{if .s}}{{$y := 3}}{{end}}{{$y}}", PARSE),
        ("{{$x}}", PARSE),
        ("{{$x := $x}}", EXEC),
        ("{{$x = 1}}", EXEC),
        ("{{if .n}}{{$x = 1}}{{end}}", ""),
        ("{{$x, $y := 1}}", PARSE),
        ("{{$x :=}}", PARSE),
        ("{{$x=1}}", PARSE),
    ],
)
def test_a_variable_lives_until_the_end_of_its_structure(template: str, expected: str | Stage) -> None:
    assert outcome(template, DATA) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{$i := 0}}{{range $i = .list}}{{$i}},{{end}}{{$i.k}}", "1,<no value>,map[k:v],v"),
        ("{{$i := 0}}{{$v := 0}}{{range $i, $v = .map}}{{end}}{{$i}}{{$v}}", "n<no value>"),
        ("{{$i := 0}}{{range $i = slice .list 0 0}}{{end}}{{$i}}", "[]"),
        ("{{$v := .list}}{{range $i, $v}}{{$i}},{{end}}", "1,<no value>,map[k:v],"),
        ("{{range $i = .list}}{{end}}", EXEC),
        ("{{range ($i := .list)}}{{len $i}}{{end}}", "333"),
    ],
)
def test_range_sets_variables_that_exist(template: str, expected: str | Stage) -> None:
    assert outcome(template, DATA) == expected

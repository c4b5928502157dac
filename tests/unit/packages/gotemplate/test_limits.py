"""What a template may use, and how its run is ended."""

from collections.abc import Callable

import pytest

from tests.support.gotemplates import AMPLE, EXEC, PARSE, outcome, unlimited
from townos.packages.gotemplate import Limit, LimitExceeded, Limits, from_json, parse


def exceeded(template: str, data: object) -> Limit:
    """Run a template that must not come to its end, and tell what ended it."""
    limits = Limits(output=1 << 16, text=1 << 16, depth=100, seconds=30)
    with pytest.raises(LimitExceeded) as raised:
        parse(template).execute(from_json(data), limits, unlimited)
    return raised.value.limit


@pytest.mark.parametrize(
    ("template", "limit"),
    [
        ("{{range 1000000000}}0123456789{{end}}", Limit.OUTPUT),
        ("{{range 3000}}{{$.text}}{{$.list}}{{end}}", Limit.OUTPUT),
        ('{{len (printf "%1000000d%1000000d" 1 2)}}', Limit.TEXT),
        ('{{$s := "x"}}{{range 64}}{{$s = print $s $s}}{{end}}', Limit.TEXT),
        ('{{$s := print "0123456789"}}{{range 1000000}}{{$t := slice $s 1}}{{end}}', Limit.TEXT),
        ('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}', Limit.DEPTH),
    ],
)
def test_a_template_that_exceeds_a_limit_is_ended(template: str, limit: Limit) -> None:
    assert exceeded(template, {"list": [1, 2, 3], "text": "x" * 1000}) is limit


def test_reading_a_text_does_not_count_as_making_one() -> None:
    template = parse("{{range 1000}}{{$s := or $.text 1}}{{$t := index (slice $.list 0) 0}}{{end}}{{len .text}}")
    data = from_json({"text": "x" * 1000, "list": ["y" * 1000]})
    limits = Limits(output=10, text=10, depth=1, seconds=30)
    assert template.execute(data, limits, unlimited) == b"1000"


def test_the_limits_themselves_may_be_reached() -> None:
    template = parse('{{define "a"}}{{print "123"}}{{end}}{{template "a"}}')
    assert template.execute(None, Limits(output=3, text=3, depth=1, seconds=30), unlimited) == b"123"


def test_a_run_ends_when_its_time_is_over() -> None:
    with pytest.raises(LimitExceeded) as raised:
        parse("{{range 1000000000000}}{{end}}").execute(None, Limits(1 << 20, 1 << 20, 100, seconds=0.05), unlimited)
    assert raised.value.limit is Limit.SECONDS


class Cancelled(Exception):
    """What a caller raises to end a run."""


@pytest.mark.parametrize(
    "template",
    [
        "{{range 1000000000000}}{{end}}",
        "{{range 1000000000000}}{{if false}}{{end}}{{end}}",
        '{{define "a"}}{{range 1000000000000}}{{continue}}{{end}}{{end}}{{template "a"}}',
    ],
)
def test_the_caller_can_end_a_run(template: str) -> None:
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        parse(template).execute(None, AMPLE, check)


def test_a_template_runs_any_number_of_times() -> None:
    template = parse("{{$x := .}}{{range 2}}{{$x = print $x .}}{{end}}{{$x}}")
    assert [template.execute(from_json(data), AMPLE, unlimited) for data in ("a", "b")] == [b"a01", b"b01"]


DEEPER_THAN_CALLS = 2_000
"""More than the interpreter's own stack takes."""


@pytest.mark.parametrize("depth", [DEEPER_THAN_CALLS, pytest.param(20_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (lambda depth: "{{if 1}}" * depth + "x" + "{{end}}" * depth, "x"),
        (lambda depth: "{{if 0}}" + "{{else if 0}}" * depth + "{{else}}x{{end}}", "x"),
        (lambda depth: "{{range 1}}" * depth + "x" + "{{end}}" * depth, "x"),
        (lambda depth: "".join(f'{{{{block "{n}" 1}}}}' for n in range(depth)) + "x" + "{{end}}" * depth, "x"),
        (lambda depth: "{{1" + " | print" * depth + "}}", "1"),
        (lambda depth: "{{.x" + ".x" * depth + "}}", "<no value>"),
    ],
    ids=["if", "else if", "range", "block", "pipeline", "chain"],
)
def test_blocks_and_pipelines_nest_to_any_depth(depth: int, template: Callable[[int], str], expected: str) -> None:
    assert outcome(template(depth)) == expected


@pytest.mark.parametrize("depth", [DEEPER_THAN_CALLS, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (lambda depth: "{{" + "(" * depth + "1" + ")" * depth + "}}", "1"),
        (lambda depth: "{{" + "(" * depth + "." + ").x" * depth + "}}", "<no value>"),
        (lambda depth: "{{" + "not (" * (depth - 1) + "1" + ")" * (depth - 1) + "}}", "false"),
    ],
    ids=["parentheses", "fields", "arguments"],
)
def test_parentheses_nest_as_deep_as_go_allows(depth: int, template: Callable[[int], str], expected: str) -> None:
    assert outcome(template(depth)) == expected


def test_parentheses_deeper_than_go_allows_are_refused() -> None:
    assert outcome("{{" + "(" * 10_001 + "1" + ")" * 10_001 + "}}") == PARSE


@pytest.mark.slow
def test_templates_call_one_another_as_deep_as_go_allows() -> None:
    descent = '{{define "a"}}{{if .}}{{template "a" slice . 1}}{{end}}{{end}}{{template "a" .}}'
    assert outcome(descent, [0] * 90_000) == ""
    assert outcome('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}') == EXEC


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("a\n{{if 1}}\n{{nil.x}}", 3),
        ("{{/* \n */}}\n{{unknown}}", 3),
        ("{{`\n\n`}}{{", 3),
        ("1\n{{index 1\n2}}", 2),
        ("1\n{{print 1}}\n{{.x.y | print}}\n{{.n.x}}", 4),
        ('{{define "a"}}\n\n{{len 1}}{{end}}\n\n{{template "a"}}', 3),
        ('\n{{template "unknown"}}', 2),
    ],
)
def test_an_error_names_its_line(template: str, line: int) -> None:
    with pytest.raises(Exception, match=f"^line {line}: .") as raised:
        parse(template).execute(from_json({"n": None}), AMPLE, unlimited)
    assert raised.typename == "TemplateInvalid"

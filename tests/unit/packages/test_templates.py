"""The templates of a package."""

import pytest
import trio

from tests.support.gotemplates import unlimited
from townos.packages import templates
from townos.packages.templates import Data, TemplateExcessive, TemplateRefused, check, render


@pytest.mark.conformance("TPL-02")
def test_a_template_sees_the_answers_the_package_and_the_system() -> None:
    data = Data(
        {"port": "80", "name": "é"},
        dict.fromkeys(templates.PACKAGE_FIELDS, "p"),
        dict.fromkeys(templates.SYSTEM_FIELDS, "s"),
    )
    content = "{{.Responses.name}}:{{.Responses.port}} {{.Package.Version}} {{.System.ExternalIP}} {{.Responses.other}}"
    assert render(content, data, unlimited).decode() == "é:80 p s <no value>"


@pytest.mark.parametrize("name", ["Package.Size", "System.Port", "Other"])
def test_a_field_that_there_is_not_is_refused_at_its_place(name: str) -> None:
    with pytest.raises(TemplateRefused) as refused:
        render(f"one\né {{{{.{name}}}}}", Data(), unlimited)
    assert (refused.value.place.line, refused.value.place.column) == (2, 5)
    assert refused.value.text().startswith("line 2, character 5 of the template: ")


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [("{{", 1, 3), ("a\nb {{if}}", 2, 7), ("\n\né{{.a | nosuch}}", 3, 9), ("x{{end}}", 1, 4), ("{{if 1}}\n", 2, 1)],
)
def test_a_template_that_cannot_be_read_is_refused_at_its_place(content: str, line: int, column: int) -> None:
    with pytest.raises(TemplateRefused) as refused:
        check(content)
    assert (refused.value.place.line, refused.value.place.column) == (line, column)


def test_a_template_that_fails_only_with_its_data_can_be_read() -> None:
    check("{{.Package.Size}}{{len 1}}")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}', "template.depth"),
        ("{{range 17000}}" + "x" * 1000 + "{{end}}", "template.output"),
        ('{{range 17}}{{$s := printf "%1000000s" ""}}{{end}}', "template.text"),
    ],
)
def test_a_template_that_takes_too_much_is_refused_with_the_limit(content: str, code: str) -> None:
    with pytest.raises(TemplateExcessive) as refused:
        render(content, Data(), unlimited)
    assert refused.value.code == code
    assert "%!" not in refused.value.text()


def test_half_a_character_in_an_answer_is_shown_as_a_replacement() -> None:
    assert render("{{.Responses.a}}", Data({"a": "\ud800"}), unlimited).decode() == "\ufffd"


def test_a_run_ends_with_what_the_caller_raises() -> None:
    def end() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        render("{{range 1000000000}}{{end}}", Data(), end)


async def test_a_run_in_a_worker_thread_ends_with_its_task() -> None:
    with trio.CancelScope() as scope:

        def cancelled_soon() -> None:
            trio.from_thread.run_sync(scope.cancel)
            trio.from_thread.check_cancelled()

        await trio.to_thread.run_sync(render, "{{range 1000000000}}{{end}}", Data(), cancelled_soon)
    assert scope.cancelled_caught

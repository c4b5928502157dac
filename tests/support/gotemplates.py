"""What a template gives, in a form that fits the tables of the tests."""

from townos.packages.gotemplate import Limits, Stage, TemplateInvalid, from_json, parse

AMPLE = Limits(output=1 << 24, text=1 << 26, depth=200_000, seconds=60)

PARSE, EXEC = Stage.PARSE, Stage.EXEC


def unlimited() -> None:
    """Let a template run on."""


def outcome(template: str | bytes, data: object = None) -> str | Stage:
    """Return the output of a template, or the stage at which it fails."""
    try:
        return parse(template).execute(from_json(data), AMPLE, unlimited).decode("utf-8", "surrogateescape")
    except TemplateInvalid as error:
        return error.stage

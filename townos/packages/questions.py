"""The questions of a package: what answers they take, and what they generate when nothing was answered."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from townos.errors import FieldError, Invalid
from townos.limits import ANSWER_MAX_CHARS
from townos.names import PackageName
from townos.quantities import parse_bytes, parse_duration
from townos.texts import CONTROL

AUTO: Final = "auto"
SECRET_BYTES: Final = 32
PORT_MAX: Final = 65_535
PORT: Final = re.compile(r"[0-9]{1,5}")
"""What looks like a port number."""

_HOSTNAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_VOLUME: Final = re.compile(r"[a-zA-Z0-9_-]+")

NextPort = Callable[[], int]
"""Gives a port that nobody uses, a new one at each call."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a manifest; `type` and `default` may be empty."""

    query: str
    type: str = ""
    default: str = ""


def _port(text: str) -> str:
    if PORT.fullmatch(text) is None or not 1 <= int(text) <= PORT_MAX:
        raise Invalid("question.port")
    return str(int(text))


def _hostname(text: str) -> str:
    if _HOSTNAME.fullmatch(text.lower()) is None:
        raise Invalid("question.hostname")
    return text.lower()


def _volume(text: str) -> str:
    if _VOLUME.fullmatch(text) is None:
        raise Invalid("question.volume")
    return text


def _bytes(text: str) -> str:
    try:
        return str(parse_bytes(_something(text)))
    except Invalid as error:
        raise Invalid("question.bytes") from error


def _duration(text: str) -> str:
    try:
        return str(parse_duration(_something(text)))
    except Invalid as error:
        raise Invalid("question.duration") from error


def _something(text: str) -> str:
    """Refuse white space, which would be an amount of nothing."""
    if not text.strip():
        raise Invalid("question.empty")
    return text


def _verbatim(text: str) -> str:
    return text


CONVERSIONS: Final[Mapping[str, Callable[[str], str]]] = {
    "": _verbatim,
    "port": _port,
    "hostname": _hostname,
    "volume": _volume,
    "bytes": _bytes,
    "archive": _verbatim,
    "duration": _duration,
    "secret": _verbatim,
}
"""For each type the function from an answer to the value that is inserted. It raises `Invalid`."""


def completed(
    questions: Mapping[str, Question], answers: Mapping[str, str], package: PackageName, next_port: NextPort
) -> dict[str, str]:
    """Return the answers with those filled in that are missing, empty or `auto`.

    Ports, host names and secrets are generated; every other type takes its default if it has one.
    """
    filled = dict(answers)
    for name, question in questions.items():
        if answers.get(name, "") in {"", AUTO} and (value := _generated(question, package, next_port)):
            filled[name] = value
    return filled


def carried(
    questions: Mapping[str, Question], answers: Mapping[str, str], earlier: Mapping[str, str]
) -> dict[str, str]:
    """Return the answers, and the earlier ones to those questions of the manifest that have none now.

    An empty answer is one too: it asks for a new value.
    """
    kept = {name: answer for name, answer in earlier.items() if name in questions}
    return {**kept, **answers}


def _generated(question: Question, package: PackageName, next_port: NextPort) -> str:
    match question.type:
        case "port":
            return str(next_port())
        case "hostname":
            return f"{_host_part(package)}-{secrets.token_hex(2)}"
        case "secret":
            return secrets.token_hex(SECRET_BYTES)
        case _:
            return question.default


def _host_part(package: PackageName) -> str:
    """Return the package's name as a host name may have it."""
    part = re.sub(r"[^a-z0-9]+", "-", package.lower()).strip("-")
    return part if part[:1].isalpha() else f"app-{part}"


def converted(questions: Mapping[str, Question], answers: Mapping[str, str]) -> dict[str, str]:
    """Return the values to insert. Raises `Invalid` with one field for each question that is not answered well."""
    errors = [FieldError(name, "question.unknown") for name in answers if name not in questions]
    errors += [
        FieldError(name, "question.empty" if name in answers else "question.missing")
        for name in questions
        if not answers.get(name)
    ]
    values: dict[str, str] = {}
    for name, question in questions.items():
        if answer := answers.get(name):
            try:
                values[name] = _value(question, answer)
            except Invalid as error:
                errors.append(FieldError(name, error.code, error.params))
    if errors:
        raise Invalid("package.responses", len(errors), fields=sorted(errors, key=lambda error: error.name))
    return values


def _value(question: Question, answer: str) -> str:
    if len(answer) > ANSWER_MAX_CHARS:
        raise Invalid("question.too_long", ANSWER_MAX_CHARS)
    if CONTROL.search(answer):
        raise Invalid("question.control")
    convert = CONVERSIONS.get(question.type)
    if convert is None:
        raise Invalid("question.unknown_type", question.type)
    return convert(answer)

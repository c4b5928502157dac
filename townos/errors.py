"""The one tree of errors that this program raises on purpose.

An error is a catalogue key with parameters, so that each reader sees it in their own language. Only
`townos.api.wire.problems` turns it into a reply. Errors of other programs and libraries are mapped to these where they
enter.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from townos.i18n import DEFAULT_LOCALE, Term

Input = TypeVar("Input")
Checked = TypeVar("Checked")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one input. `name` is its JSON path (`filesystem.quota`) or the question's name."""

    name: str
    code: str
    params: tuple[object, ...] = ()

    @property
    def term(self) -> Term:
        """The message, as a parameter of another one."""
        return Term(self.code, self.params)

    def text(self, locale: str = DEFAULT_LOCALE) -> str:
        """Return the sentence for a person."""
        return self.term.text(locale)


class TownError(Exception):
    """An expected failure: a catalogue key, its parameters, and the inputs that are to blame."""

    status: ClassVar[int] = 500
    retry_after: int | None = None
    """Seconds after which trying again makes sense, for those errors that pass by themselves."""

    def __init__(self, code: str, *params: object, fields: Iterable[FieldError] = ()) -> None:
        self.code = code
        self.params = params
        self.fields = tuple(fields)
        super().__init__(code, *params)

    @classmethod
    def at(cls, field: str, code: str, *params: object) -> Self:
        """Return an error that one input is to blame for."""
        return cls(code, *params, fields=[FieldError(field, code, params)])

    @property
    def term(self) -> Term:
        """The message, as a parameter of another one."""
        return Term(self.code, self.params)

    def text(self, locale: str = DEFAULT_LOCALE) -> str:
        """Return the sentence for a person."""
        return self.term.text(locale)

    def __str__(self) -> str:
        return self.text()


class Malformed(TownError):
    """The request cannot be read at all."""

    status = 400


class Unauthorized(TownError):
    """Nobody is signed in, or the sign-in failed."""

    status = 401


class Forbidden(TownError):
    """The caller is known but may not do this."""

    status = 403


class NotFound(TownError):
    """The named object does not exist."""

    status = 404


class Conflict(TownError):
    """The request clashes with what exists or with what is being done."""

    status = 409


class TooLarge(TownError):
    """The request is larger than its limit."""

    status = 413


class Misdirected(TownError):
    """The request arrived under a host name that is not ours."""

    status = 421


class Invalid(TownError):
    """The request is well formed but wrong; `fields` say where."""

    status = 422


class Throttled(TownError):
    """Too many attempts; `retry_after` says when to try again."""

    status = 429

    def __init__(self, code: str, *params: object, retry_after: int) -> None:
        super().__init__(code, *params)
        self.retry_after = retry_after


class Internal(TownError):
    """Our own fault."""

    status = 500


class Foreign(TownError):
    """Something outside failed: a git host, a registry, a download."""

    status = 502


class Unavailable(TownError):
    """Not configured, or not ready yet."""

    status = 503

    def __init__(self, code: str, *params: object, retry_after: int | None = None) -> None:
        super().__init__(code, *params)
        self.retry_after = retry_after


class NoSpace(TownError):
    """The disk or a quota is full; the parameters carry the numbers."""

    status = 507


def at_field(name: str, parse: Callable[[Input], Checked], value: Input) -> Checked:
    """Return what `parse` makes of an input; its `Invalid` then says that the field `name` is to blame."""
    try:
        return parse(value)
    except Invalid as error:
        raise Invalid.at(name, error.code, *error.params) from error


class MethodNotAllowed(TownError):
    """The path exists, but not for this method."""

    status = 405

    def __init__(self, allowed: Iterable[str]) -> None:
        super().__init__("http.method_not_allowed")
        self.allow = ", ".join(sorted(allowed))

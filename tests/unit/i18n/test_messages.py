"""The catalogue, and the function that looks texts up."""

import re
from collections import Counter

import pytest

from townos.i18n import Bytes, T, Term, populated
from townos.i18n.en_us import messages, namespaces
from townos.i18n.sprintf import quote, sprintf


@pytest.mark.conformance("I18N-02")
def test_a_key_is_looked_up_in_its_locale_then_in_english_then_shown_as_it_is() -> None:
    assert T("en-US", "auth.missing_token") == "missing authorization token"
    assert T("de-DE", "auth.missing_token") == "missing authorization token"
    assert T("", "auth.missing_token") == "missing authorization token"
    assert T("en-US", "no.such_key") == "no.such_key"
    assert T("en-US", "no.such_key", 1) == "no.such_key"


def test_arguments_are_filled_in_and_without_any_the_text_stays() -> None:
    assert T("en-US", "http.body_too_large", Bytes(5)) == "the request body is larger than 5 bytes"
    assert T("en-US", "http.body_too_large") == "the request body is larger than %s"


def test_a_term_has_the_language_of_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    german = {"http.field_expected": "%s erwartet, nicht %s", "http.kind.str": "Text", "http.kind.or": "%s oder %s"}
    messages_of = {"de-DE": german}.get
    monkeypatch.setattr("townos.i18n.catalogue._messages", lambda locale: messages_of(locale) or messages())
    either = Term("http.kind.or", (Term("http.kind.str"), Term("http.kind.int")))
    assert T("de-DE", "http.field_expected", Term("http.kind.str"), either) == (
        "Text erwartet, nicht Text oder a whole number"
    )
    assert str(either) == "text or a whole number"


def test_only_english_is_populated() -> None:
    assert populated() == ("en-US",)


def test_no_key_is_defined_twice() -> None:
    counted = Counter(key for _, texts in namespaces() for key in texts)
    assert [key for key, count in counted.items() if count > 1] == []


@pytest.mark.parametrize(("key", "text"), sorted(messages().items()))
def test_a_text_uses_only_the_known_verbs(key: str, text: str) -> None:
    assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", key)
    assert set(re.findall(r"%(.?)", text.replace("%%", ""))) <= set("sdvq")


@pytest.mark.parametrize(("key", "text"), sorted(messages().items()))
def test_a_text_without_parameters_has_no_percent_sign(key: str, text: str) -> None:
    """Such a text is shown as it is, so that `%%` would be shown twice."""
    assert "%%" not in text or re.search(r"%[sdvq]", text), key


@pytest.mark.conformance("I18N-02")
@pytest.mark.parametrize(
    ("template", "args", "text"),
    [
        ("%s and %v", ("a", 1), "a and 1"),
        ("%d%%", (50,), "50%"),
        ("%q", ('say "hi"\n',), r'"say \"hi\"\n"'),
        ("%q", ("\x00\x7f\u2028\U000e0001ä\\",), r'"\x00\x7f\u2028\U000e0001ä\\"'),
        ("%v %v %v", (True, None, 1.5), "true <nil> 1.5"),
        ("%v", (["a", "b"],), "[a b]"),
        ("%v", ({"b": 1, "a": 2},), "map[a:2 b:1]"),
        ("%s", (3,), "3"),
        ("%d", ("x",), "%!d(string=x)"),
        ("%d", (True,), "%!d(bool=true)"),
        ("%s", (), "%!s(MISSING)"),
        ("%s", ("a", 2), "a%!(EXTRA int=2)"),
        ("%x", (1,), "%!x(int=1)"),
        ("100%", ("a",), "100%!(NOVERB)%!(EXTRA string=a)"),
        ("%s", (ValueError("no"),), "no"),
    ],
)
def test_the_verbs_are_those_of_go(template: str, args: tuple[object, ...], text: str) -> None:
    assert sprintf(template, args) == text


def test_a_quoted_text_is_a_go_literal() -> None:
    assert quote("a\tb'") == '"a\\tb\'"'


@pytest.mark.conformance("AUD-03")
@pytest.mark.parametrize(
    "action",
    [
        "create filesystem", "modify filesystem", "remove filesystem", "add repository", "remove repository",
        "move repository", "refresh repositories", "install package", "uninstall package", "purge volumes",
        "disable package", "enable package", "set unit status", "create account", "update account", "disable account",
        "enable account", "authenticate", "revoke session", "update setting",
    ],
)  # fmt: skip
def test_audited_actions_have_their_fixed_texts(action: str) -> None:
    assert T("en-US", f"audit.action.{action.replace(' ', '_')}") == action

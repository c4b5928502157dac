"""Answers to `secret` questions are for administrators; everybody else sees that there is one."""

from collections.abc import Mapping
from typing import Final

from townos.packages.manifest import Manifest
from townos.packages.notes import compile_notes

MASK: Final = "********"


def masked(manifest: Manifest, answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers with those to secret questions replaced; so are answers to questions that are gone."""
    questions = manifest.questions
    return {
        name: answer if name in questions and questions[name].type != "secret" else MASK
        for name, answer in answers.items()
    }


def masked_notes(manifest: Manifest, values: Mapping[str, str]) -> dict[str, str]:
    """Return the notes as people see them who may not see secrets; a secret inside a URL need not be one itself."""
    hidden = {name: value for name, value in values.items() if name not in manifest.questions}
    hidden |= masked(manifest, {name: value for name, value in values.items() if name in manifest.questions})
    untyped = {name: type(note)(note.value) for name, note in manifest.notes.items()}
    return compile_notes(untyped, hidden)

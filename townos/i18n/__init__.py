"""Messages in the reader's language."""

from townos.i18n.catalogue import CATALOGUES, DEFAULT_LOCALE, populated
from townos.i18n.values import Bytes, Seconds, T, Term, joined, term_data, term_from, to_data

__all__ = [
    "CATALOGUES",
    "DEFAULT_LOCALE",
    "Bytes",
    "Seconds",
    "T",
    "Term",
    "joined",
    "populated",
    "term_data",
    "term_from",
    "to_data",
]

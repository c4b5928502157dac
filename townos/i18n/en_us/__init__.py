"""English: one module for each namespace of keys, each with a `MESSAGES` mapping."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules


def namespaces() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield each namespace's name and messages."""
    for module in iter_modules(__path__):
        yield module.name, import_module(f"{__name__}.{module.name}").MESSAGES


def messages() -> Mapping[str, str]:
    """Return all messages in one mapping."""
    return {key: text for _, texts in namespaces() for key, text in texts.items()}

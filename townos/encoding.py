"""JSON of our own values: checked names and numbers, which are subclasses, go out as the texts and numbers they are."""

from typing import Any, Final

import msgspec


def encode_json(value: object) -> bytes:
    """Return the JSON of a value. Raises `TypeError` for what JSON cannot hold."""
    return _ENCODER.encode(value)


def builtins(value: object) -> Any:
    """Return a value as what decoding its JSON would give. Raises `TypeError` like `encode_json`."""
    return msgspec.to_builtins(value, enc_hook=_plain)


def _plain(value: object) -> str | int:
    match value:
        case str():
            return str(value)
        case int():
            return int(value)
    raise TypeError(f"JSON cannot hold {type(value).__name__}")


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_plain)

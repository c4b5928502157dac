"""What typed input and output look like: the fields of structs and the members of containers."""

from collections.abc import Iterator
from functools import cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import msgspec


def fields_of(kind: type) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields of a struct, resolved once per type."""
    return _fields_of(kind)


@cache
def _fields_of(kind: type) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def is_struct(kind: Any) -> bool:
    """Tell whether a type is a struct."""
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def plain(kind: Any) -> Any:
    """Strip `Annotated`, `| None` and `| UnsetType`."""
    if get_origin(kind) is Annotated:
        return plain(get_args(kind)[0])
    members = [member for member in get_args(kind) if member not in {NoneType, msgspec.UnsetType}]
    is_union = get_origin(kind) is not None and len(members) == 1 and len(get_args(kind)) == 2
    return plain(members[0]) if is_union and get_origin(kind) not in {dict, list, tuple} else kind


def spelled(value: Any, kind: Any) -> Any:
    """Return a JSON value with the keys of objects written like the fields of `kind`.

    A key counts in any case, but one that is written exactly like the field comes first (docs/api.md, Requests). Keys
    that belong to no field are left out.
    """
    kind = plain(kind)
    if isinstance(value, dict) and is_struct(kind):
        return _with_field_names(value, kind)
    if isinstance(value, dict) and get_origin(kind) is dict:
        return {key: spelled(member, get_args(kind)[1]) for key, member in value.items()}
    if isinstance(value, list) and get_origin(kind) in {list, tuple}:
        return [spelled(member, get_args(kind)[0]) for member in value]
    return value


def _with_field_names(value: dict[str, Any], kind: type) -> dict[str, Any]:
    keys = {key.lower(): key for key in value} | {key: key for key in value}
    names = ((field, keys.get(field.encode_name, keys.get(field.encode_name.lower()))) for field in fields_of(kind))
    return {field.encode_name: spelled(value[key], field.type) for field, key in names if key is not None}


def parts(value: object, kind: Any, path: str) -> Iterator[tuple[str, object, Any]]:
    """Yield the members of a JSON value with their paths and expected types."""
    kind = plain(kind)
    prefix = f"{path}." if path else ""
    if isinstance(value, dict) and is_struct(kind):
        for field in fields_of(kind):
            if field.encode_name in value:
                yield prefix + field.encode_name, value[field.encode_name], field.type
    elif isinstance(value, dict) and get_origin(kind) is dict:
        key_kind, member_kind = get_args(kind)
        for key, member in value.items():
            yield prefix + key, key, key_kind
            yield prefix + key, member, member_kind
    elif isinstance(value, list) and get_origin(kind) in {list, tuple}:
        for index, member in enumerate(value):
            yield f"{path}[{index}]", member, get_args(kind)[0]

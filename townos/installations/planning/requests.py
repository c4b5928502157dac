"""What to install."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from townos.names import PackageId


@dataclass(frozen=True, slots=True)
class DataReuse:
    """What whoever installs wants of older data: take kept volumes back, or copy those of a version."""

    reuse_volumes: bool = False
    import_from_version: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A package, the answers to its questions, and what is wanted of earlier data and earlier answers."""

    package: PackageId
    answers: Mapping[str, str] = field(default_factory=dict)
    data_reuse: DataReuse = field(default_factory=DataReuse)
    skip_response_reuse: bool = False

"""What a virtual machine is made of: the gates for its disk image, its memory and its processors."""

import re
from typing import Final
from urllib.parse import urlsplit

from townos.errors import Invalid
from townos.limits import URL_MAX_CHARS, VM_CPUS_MAX
from townos.link_local import is_link_local
from townos.packages.manifest import VM_CPUS_DEFAULT, VM_MEMORY_DEFAULT
from townos.quantities import parse_bytes

_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")
_MEBIBYTE: Final = 1024**2


def check_vm_image(text: str) -> str:
    """Return an HTTP(S) URL of a disk image, or the name of a file in `vm-images`. Raises `Invalid`."""
    if not text:
        raise Invalid("package.vm_image_required")
    if _FILE.fullmatch(text) is None and not _is_url(text):
        raise Invalid("package.vm_image", text)
    return text


def parse_memory(text: str) -> int:
    """Return the bytes of memory; nothing and zero mean the default. Raises `Invalid`."""
    memory = parse_bytes(text) or parse_bytes(VM_MEMORY_DEFAULT)
    if memory < _MEBIBYTE:
        raise Invalid("package.vm_memory", text)
    return memory


def parse_cpus(text: str) -> int:
    """Return the number of processors; nothing and zero mean the default. Raises `Invalid`."""
    if re.fullmatch(r"[0-9]{0,6}", text) is None or int(text or 0) > VM_CPUS_MAX:
        raise Invalid("package.vm_cpus", VM_CPUS_MAX)
    return int(text or 0) or VM_CPUS_DEFAULT


def _is_url(text: str) -> bool:
    if len(text) > URL_MAX_CHARS or _FORBIDDEN.search(text):
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme in {"http", "https"} and bool(host and parts.path.strip("/")) and not is_link_local(host)

"""What a virtual machine is made of: the gates for its disk image, its memory and its processors."""

import re
from typing import Final

from townos.errors import Invalid
from townos.limits import VM_CPUS_MAX
from townos.packages.manifest import VM_CPUS_DEFAULT, VM_MEMORY_DEFAULT
from townos.packages.vm_source import VmImageSource
from townos.quantities import parse_bytes

_MEBIBYTE: Final = 1024**2


def check_vm_image(text: str) -> str:
    """Return an HTTP(S) URL of a disk image, or the name of a file in `vm-images`. Raises `Invalid`."""
    if not text:
        raise Invalid("package.vm_image_required")
    VmImageSource.parse(text)
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

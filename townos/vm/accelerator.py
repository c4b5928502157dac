"""What runs the guest's processor: the kernel's virtualisation, or QEMU's translator."""

from fcntl import ioctl
from pathlib import Path
from typing import Final, Literal

Accelerator = Literal["kvm", "tcg"]

KVM: Final = Path("/dev/kvm")
_GET_API_VERSION: Final = 0xAE00  # KVM_GET_API_VERSION (linux/kvm.h)
_API_VERSION: Final = 12  # the only one there ever was since Linux 2.6.22


def chosen(setting: str, device: Path = KVM) -> Accelerator:
    """Return the accelerator that a setting means: `auto` takes KVM where it can be used, else the translator.

    KVM inside a virtual machine may be there and yet not work: then the setting must say `tcg`. Takes no time, though
    it asks the kernel.
    """
    if setting == "kvm" or (setting != "tcg" and _usable(device)):
        return "kvm"
    return "tcg"


def _usable(device: Path) -> bool:
    try:
        with device.open("r+b", buffering=0) as kvm:
            return ioctl(kvm, _GET_API_VERSION) == _API_VERSION
    except OSError:
        return False

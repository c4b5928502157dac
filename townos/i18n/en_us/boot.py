"""Texts about the boot."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "boot.not_ready": "Town OS is still starting (%s); try again in a moment",
    "boot.stage.start": "it is being prepared",
    "boot.stage.repositories": "the package repositories are being read",
    "boot.stage.storage": "the storage is being prepared",
    "boot.stage.containers": "the limits of containers are being set",
    "boot.stage.packages": "the packages are being started",
}

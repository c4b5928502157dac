"""Texts about the boot."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "boot.not_ready": "Town OS is still starting (%s); try again in a moment",
    "boot.stage.start": "preparing to start",
    "boot.stage.repositories": "reading the package repositories",
    "boot.stage.storage": "preparing the storage",
    "boot.stage.containers": "preparing the containers",
    "boot.stage.packages": "starting the packages",
}

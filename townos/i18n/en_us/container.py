"""Sentences about images and containers."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "container.image_unknown": "the image %s was not found at %s",
    "container.invalid_name": "%q is not the name of a container",
    "container.no_space": "no space left on the disk for the image %s",
    "container.pull_failed": "pulling the image %s from %s failed: %s",
    "container.pull_timeout": "pulling the image %s from %s did not end within %s seconds",
    "container.registry_unreachable": "the image %s cannot be pulled, %s cannot be reached: %s",
}

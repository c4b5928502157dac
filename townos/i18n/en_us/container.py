"""Sentences about images and containers."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "container.copy_device": "the image %s holds a device where only files are wanted: %q",
    "container.copy_failed": "copying %s out of the image %s failed: %s",
    "container.copy_no_directory": "the image %s has no directory %s",
    "container.copy_no_space": "there is no space left for %s of the image %s",
    "container.copy_target": "%s is not an empty directory",
    "container.copy_timeout": "copying %s out of the image %s did not end within %s seconds",
    "container.copy_too_deep": "the image %s has more than %d directories inside one another in %s",
    "container.copy_too_many": "the image %s has more than %d files and directories in %s",
    "container.image_missing": "the image %s has not been pulled yet",
    "container.image_unknown": "the image %s was not found at %s",
    "container.invalid_name": "%q is not the name of a container",
    "container.no_seccomp": "podman's own limits of what programs may do are not at %s, so none is started",
    "container.no_space": "no space left on the disk for the image %s",
    "container.pull_failed": "pulling the image %s from %s failed: %s",
    "container.pull_timeout": "pulling the image %s from %s did not end within %s seconds",
    "container.seccomp_unknown": "podman's own limits of what programs may do cannot be read, so none is started",
    "container.registry_unreachable": "the image %s cannot be pulled, %s cannot be reached: %s",
}

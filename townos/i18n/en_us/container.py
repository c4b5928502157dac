"""Sentences about images and containers."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "container.copy_device": "the image %s contains a device among the files to copy: %q",
    "container.copy_failed": "copying %s from the image %s failed: %s",
    "container.copy_no_directory": "the image %s has no directory %s",
    "container.copy_no_space": "there is no space left to copy %s from the image %s",
    "container.copy_target": "%s is not an empty directory",
    "container.copy_timeout": "copying %s from the image %s did not finish within %s",
    "container.copy_too_deep": "the image %s has directories more than %d levels deep in %s",
    "container.copy_too_many": "the image %s has more than %d files and directories in %s",
    "container.image_missing": "the image %s has not been pulled yet",
    "container.image_unknown": "the image %s was not found at %s",
    "container.invalid_name": "%q is not a valid container name",
    "container.no_seccomp": "podman's default seccomp profile is missing at %s, so no container is started",
    "container.no_space": "no space left on the disk for the image %s",
    "container.pull_failed": "pulling the image %s from %s failed: %s",
    "container.pull_timeout": "pulling the image %s from %s did not finish within %s",
    "container.seccomp_unknown": "podman's default seccomp profile cannot be read, so no container is started",
    "container.registry_unreachable": "the image %s cannot be pulled, because %s cannot be reached: %s",
}

"""Texts about installing and uninstalling."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "install.answers_unreadable": "the stored answers in %s cannot be read",
    "install.did_not_start": "%s\n%s",
    "install.manifest_changed": "the manifest of %s changed while it was being installed; try again",
    "install.manifest_gone": "the manifest of %s is no longer in its repository",
    "install.not_installed": "%s: package not installed",
    "install.not_supported": "%s is not supported by this version of Town OS",
    "install.other_version": "%s is installed in version %s; uninstall it first",
    "install.unit_taken": "the service %s already belongs to %s",
    "install.symlink": "%s is a symlink, and records are never read or written through one",
    "install.summary.install": "Install %s %s",
    "install.summary.image": "Image: %s",
    "install.summary.volumes": "%d volume(s)",
    "install.summary.new_volumes": "%d new",
    "install.summary.no_volumes": "No volumes",
    "install.summary.external_ports": "External ports: %s",
    "install.summary.config_required": "Configuration required",
}

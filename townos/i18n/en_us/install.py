"""Texts about installing and uninstalling."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "install.answers_unreadable": "the stored answers in %s cannot be read",
    "install.changed_meanwhile": "%s was installed, changed or removed a moment ago; check it and try again",
    "install.children_unreadable": "the list of child packages cannot be read",
    "install.did_not_start": "%s\n%s",
    "install.kept_without_snapshot": "the volume %s is kept, but without a snapshot: %s",
    "install.manifest_changed": "the manifest of %s changed while it was being installed; try again",
    "install.manifest_gone": "the manifest of %s is no longer in its repository",
    "install.not_installed": "%s: package not installed",
    "install.import_into_installed": "%s already has data; data can be imported only into another version",
    "install.import_nothing": "version %s has no data to import",
    "install.import_or_reuse": "choose one: reuse kept data, or import from another version",
    "install.seeding_timeout": "the volumes could not be filled within %s; empty ones stay empty",
    "install.volume_not_seeded": "%s: %s",
    "install.unit_taken": "the service %s already belongs to %s",
    "install.symlink": "%s is a symbolic link; records are never read or written through one",
    "install.summary.install": "Install %s %s",
    "install.summary.upgrade": "Upgrade %s from %s to %s",
    "install.summary.image": "Image: %s",
    "install.summary.vm_image": "VM Image: %s",
    "install.summary.volumes": "%d volume(s)",
    "install.summary.new_volumes": "%d new",
    "install.summary.migrated": "%d migrated",
    "install.summary.no_volumes": "No volumes",
    "install.summary.external_ports": "External ports: %s",
    "install.summary.config_required": "Configuration required",
    "rebuild.fields_required": "repo, name, and version are required",
    "rebuild.no_git": "%s has no files from a git repository",
}

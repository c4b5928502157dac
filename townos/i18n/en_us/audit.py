"""What the audit log calls the audited endpoints."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "audit.action.authenticate": "authenticate",
    "audit.action.create_account": "create account",
    "audit.action.update_account": "update account",
    "audit.action.disable_account": "disable account",
    "audit.action.enable_account": "enable account",
    "audit.action.revoke_session": "revoke session",
    "audit.action.update_setting": "update setting",
    "audit.action.create_filesystem": "create filesystem",
    "audit.action.modify_filesystem": "modify filesystem",
    "audit.action.remove_filesystem": "remove filesystem",
    "audit.action.add_repository": "add repository",
    "audit.action.remove_repository": "remove repository",
    "audit.action.move_repository": "move repository",
    "audit.action.refresh_repositories": "refresh repositories",
    "audit.action.install_package": "install package",
    "audit.action.uninstall_package": "uninstall package",
    "audit.action.purge_volumes": "purge volumes",
    "audit.action.purge_uninstalled_volumes": "purge uninstalled volumes",
    "audit.action.disable_package": "disable package",
    "audit.action.enable_package": "enable package",
    "audit.action.rebuild_git": "rebuild git",
    "audit.action.dismiss_upgrades": "dismiss package upgrades",
    "audit.action.set_unit_status": "set unit status",
    "audit.action.upload_vm_image": "upload vm image",
    "audit.action.delete_vm_image": "delete vm image",
    "audit.action.upload_archive": "upload archive",
    "audit.action.download_archive": "download archive",
    "audit.action.cancel_operation": "cancel operation",
}

"""Sentences about volumes."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "storage.changed_meanwhile": "the application that uses the volume changed it at the same time; try again",
    "storage.exists": "filesystem %s already exists",
    "storage.full": "no space left on the disk: %s of %s are free",
    "storage.in_the_way": "%s in the volume %s is not a directory",
    "storage.inner_path": "%q is not a valid path inside a volume",
    "storage.inner_path_deep": "the path has more than %d parts",
    "storage.inner_path_long": "the path is too long: a name may have %s, the whole path %s",
    "storage.inside_volume": "%s cannot be created, because %s is a volume itself",
    "storage.invalid_name": "invalid filesystem name: %q",
    "storage.invalid_state": "%q is not a valid state: use user, installed or uninstalled",
    "storage.name_too_long": "invalid filesystem name: longer than %d characters",
    "storage.no_directory_any_more": "%q is no longer a directory in the volume: restore it first",
    "storage.no_btrfs": "there is no btrfs volume at %s",
    "storage.no_root": "the root volume %s does not exist yet",
    "storage.no_room": "%s do not fit: %s of %s are used, and this would fill the disk beyond %d %%; "
    "delete something first",
    "storage.not_a_directory": "a part of %s is not a directory",
    "storage.not_in_snapshot": "the snapshot has no %q",
    "storage.not_text": "the name %q is not valid text (UTF-8): restore the directory that contains it",
    "storage.not_found": "filesystem %s not found",
    "storage.not_empty": "filesystem %s is not empty",
    "storage.nothing_available": "the disk has no room left for file metadata: %s of %s are used; delete "
    "something first, preferably many small files",
    "storage.quota_reached": "no space left in the volume %s: its quota of %s is used up",
    "storage.rename_package": "cannot rename package volume",
    "storage.reserved": "cannot modify reserved filesystem",
    "storage.root": "cannot modify root filesystem",
    "storage.restore_exceeds_quota": "restoring this needs %s, but the quota leaves only %s; raise the quota, or "
    "delete something first",
    "storage.snapshot_exceeds_quota": "the snapshot holds %s, more than the volume's quota of %s; raise the quota "
    "first",
    "storage.snapshot_id": "%q is not a valid snapshot id",
    "storage.snapshot_not_found": "volume %s has no snapshot %s",
    "storage.watch_full": "%s is full: %s of %s are used",
    "storage.stopped": "the disk is full: %s of %s are used, more than the limit of %d %%; delete something first",
    "storage.too_deep_to_restore": "it has directories more than %d levels deep: restore the whole volume",
    "storage.too_slow": "it took too long: the disk is busy, or there is very much data",
    "storage.too_many_entries": "the directory has more than %d entries: restore all of it, or a path inside it",
}

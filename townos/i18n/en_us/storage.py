"""Sentences about volumes."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "storage.changed_meanwhile": "the filesystem was changed at the same time by the program that uses it; try again",
    "storage.exists": "filesystem %s already exists",
    "storage.full": "no space left on the disk: %d of %d bytes are free",
    "storage.in_the_way": "%s in the filesystem %s is not a directory",
    "storage.inner_path": "%q is not a path of something in a filesystem",
    "storage.inner_path_deep": "the path has more than %d parts",
    "storage.inner_path_long": "the path is too long: a name may have %d bytes, all of it %d",
    "storage.inside_volume": "%s cannot be made: %s is a filesystem itself",
    "storage.invalid_name": "invalid filesystem name: %q",
    "storage.invalid_state": "state %q is not user, installed or uninstalled",
    "storage.name_too_long": "invalid filesystem name: longer than %d characters",
    "storage.no_directory_any_more": "%q is no directory in the filesystem any more: restore that first",
    "storage.no_btrfs": "there is no btrfs volume at %s",
    "storage.no_root": "the filesystem %s has not been made yet",
    "storage.no_room": "%d bytes do not fit on the disk: %d of %d bytes are used, and %d percent must not be reached; "
    "delete something first",
    "storage.not_a_directory": "a part of %s is not a directory",
    "storage.not_in_snapshot": "there is nothing at %q in the snapshot",
    "storage.not_text": "%q has a name that cannot be written as text: restore the directory that it is in",
    "storage.not_found": "filesystem %s not found",
    "storage.not_empty": "filesystem %s is not empty",
    "storage.nothing_available": "the disk has no space left to note down where files lie: %d of %d bytes are used; "
    "delete something first, best what consists of many small files",
    "storage.quota_reached": "no space left in the filesystem %s: its quota of %d bytes is reached",
    "storage.rename_package": "cannot rename package volume",
    "storage.reserved": "cannot modify reserved filesystem",
    "storage.root": "cannot modify root filesystem",
    "storage.restore_exceeds_quota": "what is to be restored has %d bytes, and the quota leaves room for %d; "
    "raise the quota, or delete something first",
    "storage.snapshot_exceeds_quota": "the snapshot holds %d bytes, more than the filesystem's quota of %d; "
    "raise the quota first",
    "storage.snapshot_id": "%q is not a snapshot",
    "storage.snapshot_not_found": "filesystem %s has no snapshot %s",
    "storage.watch_full": "%s is full: %d of %d bytes are used",
    "storage.stopped": "the disk is full: %d of %d bytes are used, and nothing new begins from %d percent on; "
    "delete something first",
    "storage.too_deep_to_restore": "it has more than %d directories inside one another: restore the whole filesystem",
    "storage.too_slow": "it took too long: the disk is busy, or there is very much of it",
    "storage.too_many_entries": "the directory holds more than %d things: restore it as a whole, or a path inside it",
}

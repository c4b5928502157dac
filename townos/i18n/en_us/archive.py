"""Sentences about archives; people know them as the files that they upload."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "archive.absolute": "the archive holds %q, a name that begins with a slash; names must lead into the volume",
    "archive.changes_kind": "the archive holds %q twice, as things of different kinds",
    "archive.damaged": "the archive is damaged, incomplete, or followed by something else",
    "archive.device": "the archive holds a device, %q; volumes hold files, directories and links only",
    "archive.invalid_tar": "archive does not contain a valid tar stream: %s",
    "archive.kind": "%q in the archive is of a kind that is not known",
    "archive.link_invalid": "the link %q in the archive has a target that is empty or too long",
    "archive.link_outside": "the link %q in the archive leads out of the volume",
    "archive.link_to_nothing": "%q in the archive is another name of a file that does not come before it",
    "archive.link_winding": "the link %q in the archive goes down and up again; where it leads cannot be told",
    "archive.name_too_long": "the name %q in the archive is too long",
    "archive.no_name": "the archive holds something without a name: %q",
    "archive.no_space": "there is no room for the archive: its content had come to %d bytes when the volume was full",
    "archive.not_found": "there is no archive %q",
    "archive.owner": "%q in the archive belongs to a user or group whose number is too high",
    "archive.parent": "the archive holds %q, a name with two dots in it; names must lead into the volume",
    "archive.sparse": "%q in the archive has holes; pack it without the option --sparse",
    "archive.tar.checksum": "the description of a file in it is damaged",
    "archive.tar.extension": "additional data about a file in it cannot be read",
    "archive.tar.number": "a number in it cannot be read",
    "archive.tar.trailing": "something follows its end",
    "archive.tar.truncated": "it ends too early",
    "archive.through_link": "the way to %q in the archive leads through a link or a file",
    "archive.timed_out": "archive unpack timed out after %s",
    "archive.too_deep": "%q in the archive is deeper than %d directories",
    "archive.too_many_members": "the archive holds more than %d files and directories",
    "archive.unpacked_too_large": "archive exceeds maximum allowed size: unpacked it is larger than %d bytes",
    "archive.unsupported": "unsupported archive format: the file must be one of %s, by its name and by its content",
}

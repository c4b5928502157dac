"""Sentences about virtual machines and their disk images."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "vm.being_fetched": "the disk image %s is being downloaded right now",
    "vm.download_status": "%s cannot be downloaded: the server answers with status %d",
    "vm.from_elsewhere": "there is already a disk image %s that came from another address: delete it first",
    "vm.image_in_use": "the disk image %s is used by %s",
    "vm.image_missing": "there is no disk image %s",
    "vm.redirect_scheme": "the address leads on to another kind of address (%s): enter that one yourself",
    "vm.url_characters": "the address contains characters that are not allowed there: write them as %%20 and the like",
    "vm.url_empty": "an address is required",
    "vm.url_link_local": "addresses like %s are not allowed",
    "vm.url_malformed": "this is not a complete address: it should look like https://example.org/disk.qcow2",
    "vm.url_scheme": "only http and https addresses are allowed",
    "vm.url_too_long": "the address is longer than %d characters",
}

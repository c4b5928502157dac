#!/bin/sh
# clean.sh PART…: clean up as far as possible; a part that fails does not keep the others from being done.
cd "$(dirname "$0")/.." || exit 1
VOLUMES=$PWD/.cache/bed/volumes

bed() { /usr/bin/python3 -m tests.bed "$1"; }

# Images of machines that are up stay; any other loop device below the checkout is an orphan.
btrfs() {
    losetup --list --noheadings --output NAME,BACK-FILE | while read -r device file; do
        case $file in
            "$PWD"/*) used_by_a_bed "$file" || losetup --detach "$device" ;;
        esac
    done
    for image in "$VOLUMES"/*.btrfs; do
        [ -e "$image" ] || continue
        used_by_a_bed "$image" || rm -f "$image"
    done
}

used_by_a_bed() {
    name=$(basename "$1" .btrfs)
    bed list | grep -qx "$name"
}

for part in "$@"; do
    case $part in
        beds) bed stop-all ;;
        test-beds) bed stop-tests ;;
        every-bed) bed stop-everyone ;;
        btrfs) btrfs ;;
        built) rm -rf dist build web/dist townos/ui ./*.egg-info .cache/stamps/web-dist .cache/stamps/zipapp ;;
        caches)
            rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis bench-results .cache/pycache .cache/tsc.tsbuildinfo
            find townos tests zipapp make -name __pycache__ -type d -exec rm -rf {} +
            bed remove-cache
            ;;
        installed) rm -rf .venv web/node_modules .cache ;;
        *) echo "clean: unknown part $part" >&2; exit 2 ;;
    esac
done

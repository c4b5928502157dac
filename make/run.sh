#!/bin/sh
# Town OS for a person to try, in the foreground.
set -eu
if [ "$(id -u)" -ne 0 ]; then
    echo 'make run boots a machine of its own, which only root may. Run it as root: sudo make run' >&2
    exit 1
fi
make/setup.sh
exec /usr/bin/python3 -m tests.bed run

#!/bin/sh
# Boot a test machine in the background and print where it is.
set -eu
make/setup.sh
exec /usr/bin/python3 -m tests.bed up

#!/bin/sh
# Test, then take down and remove all that tests use, also when they fail or are interrupted.
set -eu
cd "$(dirname "$0")/.."
trap 'make/clean.sh test-beds btrfs' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
make/setup.sh
make/test.sh "$@"

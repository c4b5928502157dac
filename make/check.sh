#!/bin/sh
# The quick part: lint, and all tests that need neither a test machine nor patience.
set -eu
cd "$(dirname "$0")/.."
make/lint.sh
(cd web && npm run --silent test)
exec pytest --numprocesses=auto -m 'not bed and not slow' tests/unit tests/contract

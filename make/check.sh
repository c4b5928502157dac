#!/bin/sh
# The quick part: lint, and all tests that need neither a test machine nor patience. `make test` looks at more examples.
set -eu
cd "$(dirname "$0")/.."

# What pytest makes of the tests is kept for the next run, also where the environment forbids files beside the sources.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="$PWD/.cache/pycache"

# The linters and the page's tests by themselves keep only one processor busy most of the time.
make/lint.sh &
linting=$!
trap 'kill "$linting"; exit 130' INT
(cd web && npm run --silent test) || { wait "$linting" || true; exit 1; }
wait "$linting"
trap - INT
exec pytest --numprocesses=auto --dist=worksteal --hypothesis-profile=quick -m 'not bed and not slow' tests/contract tests/unit

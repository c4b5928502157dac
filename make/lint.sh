#!/bin/sh
# Style, types, the conformance table, and the web page's own linters.
set -eu
cd "$(dirname "$0")/.."
ruff check .
ruff format --check .
mypy
lint-imports
python -m tests.conformance
make/api_types.sh --check
cd web
npm run --silent lint
npm run --silent typecheck

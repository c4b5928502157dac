#!/bin/sh
# Write the page's types from the description of the HTTP interface; with --check, only see whether they are fresh.
set -eu
cd "$(dirname "$0")/.."
description=$(mktemp --suffix=.json)
trap 'rm -f "$description"' EXIT
python -m townos openapi >"$description"
generate() {
    web/tools/api-types/node_modules/.bin/openapi-typescript "$description" --output web/src/api/schema.d.ts \
        --default-non-nullable=false --alphabetize "$@" >/dev/null
}
if [ "${1:-}" = --check ]; then
    generate --check 2>/dev/null || { echo 'web/src/api/schema.d.ts is not what the API describes. Run: make api-types' >&2; exit 1; }
else
    generate
fi

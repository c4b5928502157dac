#!/bin/sh
# Write the page's types from the description of the HTTP interface; with --check, only see whether they are fresh.
set -eu
cd "$(dirname "$0")/.."
types=web/src/api/schema.d.ts
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
python -m townos openapi >"$made/openapi.json"
web/tools/api-types/node_modules/.bin/openapi-typescript "$made/openapi.json" --output "$made/schema.d.ts" \
    --default-non-nullable=false --alphabetize >"$made/log" 2>&1 || { cat "$made/log" >&2; exit 1; }
if [ "${1:-}" != --check ]; then
    cp "$made/schema.d.ts" "$types"
elif ! cmp -s "$made/schema.d.ts" "$types"; then
    echo "$types is not what the API describes. Run: make api-types" >&2
    exit 1
fi

#!/bin/sh
# Resolve pyproject.toml anew and pin everything with hashes: what ships, and what building and testing need besides.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
/usr/bin/python3 -m venv "$tools"
"$tools/bin/python" -m pip install -qq uv

# compile HEADLINE TARGET ARGUMENT…
compile() {
    headline=$1 target=$2
    shift 2
    "$tools/bin/uv" pip compile --quiet --upgrade --generate-hashes --no-annotate --no-header --python-version 3.11 \
        --output-file "$tools/lock" "$@" pyproject.toml
    { echo "# Made by \"make lock\": $headline"; cat "$tools/lock"; } >"$target"
    rm "$tools/lock"
}

compile 'every package that ships, pinned with its hashes.' requirements.lock
compile 'what ships and what building and testing need, pinned with hashes.' requirements-dev.lock --group dev

#!/bin/sh
# Everything. Arguments are handed to pytest.
set -eu
cd "$(dirname "$0")/.."
if [ "$(id -u)" -ne 0 ]; then
    echo 'make test boots machines of its own, which only root may. Run it as root; make check needs no root.' >&2
    exit 1
fi

# The machine is built meanwhile, which one processor does; if that fails, its last words are above the others.
/usr/bin/python3 -m tests.bed build &
building=$!
trap 'wait "$building" || true; /usr/bin/python3 -m tests.bed stop-tests' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
make/lint.sh
(cd web && npm run --silent test)
wait "$building"

# One process more than there are processors: tests from outside wait for their appliance most of the time.
pytest --numprocesses=$(($(nproc) + 1)) --dist=loadfile --no-loadscope-reorder "$@"

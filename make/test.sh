#!/bin/sh
# Everything. Arguments are handed to pytest.
set -eu
cd "$(dirname "$0")/.."
if [ "$(id -u)" -ne 0 ]; then
    echo 'make test boots machines of its own, which only root may. Run it as root; make check needs no root.' >&2
    exit 1
fi
trap '/usr/bin/python3 -m tests.bed stop-tests' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
/usr/bin/python3 -m tests.bed build
make/lint.sh
(cd web && npm run --silent test)
pytest "$@"

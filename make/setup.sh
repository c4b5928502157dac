#!/bin/sh
# Install all that running and testing need. Quick when nothing is missing; says what it does, on standard error.
set -eu

PACKAGES='python3-venv git ca-certificates mmdebstrap systemd-container btrfs-progs iproute2 util-linux mount tar chromium wrk'
STAMPS=.cache/stamps

say() { echo "$*" >&2; }

digest() { cat "$@" | sha256sum | cut -d' ' -f1; }

fresh() { [ -e "$STAMPS/$1" ] && [ "$(cat "$STAMPS/$1")" = "$2" ]; }

debian_packages() {
    command -v apt-get dpkg-query >/dev/null || { say 'setup: this is not a Debian; install by its own means:' "$PACKAGES"; exit 1; }
    missing=
    for package in $PACKAGES; do
        [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        say 'setup: Debian packages are missing, and only root can install them. Run this, then try again:'
        say "    sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing"
        exit 1
    fi
    say "setup: installing Debian packages:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    {
        apt-get update && apt-get install -y --no-install-recommends $missing
    } >.cache/apt.log 2>&1 </dev/null || { tail -n 20 .cache/apt.log >&2; say 'setup: apt-get failed; all of it is in .cache/apt.log'; exit 1; }
}

virtual_environment() {
    wanted=$(digest requirements-dev.lock pyproject.toml)
    if [ -x .venv/bin/python ] && fresh venv "$wanted"; then return 0; fi
    say 'setup: installing the locked Python packages into .venv'
    /usr/bin/python3 -m venv --clear .venv # made anew: what is no longer in the lock must not be there either
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements-dev.lock >&2
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable . >&2
    echo "$wanted" >"$STAMPS/venv"
}

cd "$(dirname "$0")/.."
mkdir -p "$STAMPS"
exec 9>.cache/setup.lock
flock 9
debian_packages
virtual_environment
.venv/bin/python zipapp/webpage.py install >&2

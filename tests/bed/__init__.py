"""The test host, called a bed: a Debian machine of its own under systemd-nspawn, with real systemd, podman and btrfs.

It runs on nothing but the standard library and Debian's packages, because `make run` starts it on a fresh machine.
A bed lives in private mount and network namespaces: when its processes end, the kernel takes back everything else.
"""

"""Containers: podman, as far as systemd units do not run it themselves."""

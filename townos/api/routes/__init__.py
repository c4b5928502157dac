"""The routes, one module for each area."""

from townos.api.routes import (
    accounts,
    archives,
    audit,
    locales,
    operations,
    packages,
    repositories,
    settings,
    snapshots,
    status,
    storage,
    systemd,
    timezones,
    vm_images,
)

__all__ = [
    "accounts",
    "archives",
    "audit",
    "locales",
    "operations",
    "packages",
    "repositories",
    "settings",
    "snapshots",
    "status",
    "storage",
    "systemd",
    "timezones",
    "vm_images",
]

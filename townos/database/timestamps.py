"""Moments as the database keeps them: RFC 3339 with whole seconds in UTC, so that texts sort like times."""

from datetime import UTC, datetime


def stored(moment: datetime) -> str:
    """Return `2026-01-31T12:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def loaded(text: str) -> datetime:
    """Return the moment, aware, in UTC."""
    return datetime.fromisoformat(text)

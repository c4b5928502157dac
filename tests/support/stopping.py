"""Checks for work that asks again and again whether it must stop."""


def never() -> None:
    """Go on to the end."""

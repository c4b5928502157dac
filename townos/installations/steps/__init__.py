"""The steps of every operation on a package."""

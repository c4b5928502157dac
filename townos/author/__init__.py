"""The tools of those who write packages: `townos template` and `townos check`."""

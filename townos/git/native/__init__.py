"""Synchronous git on libgit2: runs in worker threads only, and importing any of it loads pygit2 (30 ms, 9 MB)."""

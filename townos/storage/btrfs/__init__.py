"""The volumes on btrfs: subvolumes, quota groups and snapshots."""

"""Volumes: their names and paths, btrfs subvolumes and quota groups, and the volumes of the people of the house."""

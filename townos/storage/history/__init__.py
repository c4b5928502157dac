"""The snapshots of volumes, for people: taken, looked into, restored and removed."""

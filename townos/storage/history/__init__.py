"""The past of volumes, for people: snapshots are taken, looked into, brought back and removed."""

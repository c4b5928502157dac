"""systemd: the manager on the bus, unit files through one quoting writer, and the journal."""

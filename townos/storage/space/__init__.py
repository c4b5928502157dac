"""How full the disk is, and what is refused because of that."""

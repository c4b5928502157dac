"""Virtual machines: the disk images they run from, and the unit that runs one. Installing them is not known here."""

"""Processes, terminals, files and disk space, as the operating system offers them."""

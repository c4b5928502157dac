"""Ports: which are taken and by whom, and the state files that tell what a package's ports need."""

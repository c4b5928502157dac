"""Directories and files inside volumes: reading, copying and removing them without following a link."""

"""Measurements behind every claim about speed and memory: side by side with a peer, in one run, noise shown."""

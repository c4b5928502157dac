"""The composition root: every room is built once, floor upon floor, and handed what it needs."""

"""The composition root: every adapter and service is built once and handed what it needs."""

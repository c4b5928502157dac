"""What is installed, and what can be asked about it."""

"""The tar format: reading headers strictly and writing one canonical form of them."""

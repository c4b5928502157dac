"""What is installed, and how it gets there and away again: plans, records, units, and the operations that run them."""

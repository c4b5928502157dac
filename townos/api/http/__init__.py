"""HTTP itself: the server, its limits, request bodies, forms, event streams and replies."""

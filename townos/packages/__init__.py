"""What a package is: its manifest, its questions, and the compiled package. Pure functions, no disk and no network."""

"""SQLite: one writer, a few readers, and the migrations of the schema."""

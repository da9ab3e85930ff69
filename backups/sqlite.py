"""SQLite: one snapshot of the file while writers go on."""

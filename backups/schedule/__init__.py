"""When backups and proofs are due, and which backups are kept."""

"""Making, proving, bringing in and removing backups."""

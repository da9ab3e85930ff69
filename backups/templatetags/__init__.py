"""Template words of the backups app."""

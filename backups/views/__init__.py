"""The pages of backups, for administrators."""

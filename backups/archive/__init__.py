"""What a backup consists of: its folder, manifest, figures, media and encryption."""

"""Bills and payments from files."""

"""Money we owe: bills, their occurrences and payments."""

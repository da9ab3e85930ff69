"""Rules that the database itself holds about issued documents and money, for everyone, raw SQL included."""

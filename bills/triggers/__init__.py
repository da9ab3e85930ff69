"""Rules about payments of bills that the database itself holds, for everyone, raw SQL included."""

"""Money owed to us: clients, engagements, statements and payments."""

"""People: users, households, roles and sign-in."""

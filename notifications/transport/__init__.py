"""How messages leave: SMTP, further channels, and what they answer."""

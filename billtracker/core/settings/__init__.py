"""Settings that can be changed while the server runs."""

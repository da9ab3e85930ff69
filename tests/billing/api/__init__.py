"""The JSON doors of the office."""

"""Reminders of due dates: which are due, their stages, their mail and their log."""

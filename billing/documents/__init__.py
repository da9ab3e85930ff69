"""Documents of the office: snapshots, PDF, what changed, the month-close pack."""

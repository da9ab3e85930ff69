"""What is written down as it happens: the runs of jobs, and errors that nobody expected."""

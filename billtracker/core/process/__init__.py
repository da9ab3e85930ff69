"""Processes and jobs: the launcher, its supervisor, the queue, commands, health."""

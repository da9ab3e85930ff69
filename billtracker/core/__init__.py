"""Shared mechanisms: money, periods, audit, secrets, settings, jobs, imports."""

"""The ground floor: money, periods, audit, secrets, settings, jobs, imports."""

"""Pure rules of bills: schedules and states."""

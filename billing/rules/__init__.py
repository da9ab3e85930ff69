"""Pure rules of the office: permissions, the retainer cycle, payment states."""

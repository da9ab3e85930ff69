"""Access to the database: locks, stand-in connections, bulk writes, keys of repeated writes."""

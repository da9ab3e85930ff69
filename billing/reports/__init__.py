"""Questions over billing's books; nothing here writes."""

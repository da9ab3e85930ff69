"""Questions over bills, due dates and payments, by noun; nothing here writes."""

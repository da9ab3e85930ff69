"""Which bank line settles which bill: pure functions over plain values, without a database."""

"""What the bank says: connections, transactions and matches."""

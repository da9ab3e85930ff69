"""Outgoing messages: delivers, and knows no bill and no client."""

"""BillTracker: money we owe, money owed to us, and the operator's side."""

__version__ = "0.1.0"

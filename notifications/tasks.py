"""What the worker does for notifications."""

from notifications import services


def deliver() -> str:
    """Hand over what waits in the outbox; leaves at once while another process does."""
    return str(services.deliver_waiting())

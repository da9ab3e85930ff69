"""What the worker does for the post office."""

from notifications import services


def deliver() -> str:
    """Hand over what waits in the outbox; leaves at once while another process does."""
    return str(services.deliver_waiting())


def trim_messages() -> str:
    """Remove messages that ended long ago, and texts about accounts that ended at all."""
    return f"Removed {services.trim_messages()} messages."

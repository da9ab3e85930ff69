"""What the worker does for the post office."""


def deliver() -> str:
    return "x"

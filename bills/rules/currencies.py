"""In which currency a due date can be paid: its own, however the payment comes in."""


def why_not_payable(what: object, owed_in: str, paid_in: str) -> str:
    """Return why a payment cannot settle ``what``; empty where the currencies are the same."""
    if owed_in == paid_in:
        return ""
    return f"{what} is owed in {owed_in}; a payment in {paid_in} cannot settle it."

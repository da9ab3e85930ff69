"""What a settlement without money may do by itself, and what needs a reason and who may verify."""

from collections.abc import Iterable
from decimal import Decimal

from billing.models import Settlement
from billtracker.core.money import ZERO, minor_unit

Kind = Settlement.Kind


def largest_rounding(currency: str, step: int) -> Decimal:
    """Return the largest rounding difference: so many smallest amounts of the currency."""
    return step * minor_unit(currency)


def needs_verifier(
    kind: str, amount: Decimal, *, total: Decimal, charges: Iterable[Decimal], share: int
) -> bool:
    """Say whether who may verify has to record it, with a reason.

    A write-off always; bank charges as soon as all of them together, those recorded before included, are
    beyond the share of the statement's total. It is what a settlement clears that counts, not its name.
    """
    if kind == Kind.WRITE_OFF:
        return True
    return kind == Kind.BANK_CHARGE and (sum(charges, ZERO) + amount) * 100 > total * share

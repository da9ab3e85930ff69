"""Every dated act holds on each day from its own day on: sums of dated rows are checked day by day.

What is applied, refunded, settled or voided with a day in the past must fit what came after it too: the
sums are taken at the end of that day and of each later one on which something was taken.
"""

from collections.abc import Iterator

from billing.triggers.money import (
    ALLOCATIONS,
    CREDIT_NOTES,
    OVER_PAYMENT,
    OVER_STATEMENT,
    PAYMENTS,
    REFUNDS,
    SETTLEMENTS,
    STATEMENTS,
    UNFIT,
)
from billtracker.core.data.triggers import Rule, RuleSet, exists, sum_of

EARLY = "Money is applied or refunded once the payment is posted, and the statement issued, by its date."
SAME_DAY = "What settles a statement is applied to it on its own day, and taken back on the day of its void."


def _days_from(day: str, *later: tuple[str, str, str]) -> str:
    """Return the rows of ``days``: that day, and each later one in these (column, table, condition)."""
    parts = [f"SELECT {day} AS day"]
    for column, table, which in later:
        parts.append(f"SELECT {column} FROM {table} WHERE {which} AND {column} > {day}")  # noqa: S608
    return f"({' UNION '.join(parts)}) AS days"


def _sum_settled(statement: str) -> str:
    """Return what is settled of a statement at the end of ``days.day``."""
    return sum_of("amount", ALLOCATIONS, f"statement_id = {statement} AND effective_on <= days.day")


def _sum_spent(payment: str) -> str:
    """Return what of a payment is applied or refunded at the end of ``days.day``."""
    applied = sum_of("amount", ALLOCATIONS, f"payment_id = {payment} AND effective_on <= days.day")
    went_back = "refunded_on <= days.day AND (void_date IS NULL OR void_date > days.day)"
    return f"{applied} + {sum_of('amount', REFUNDS, f'payment_id = {payment} AND {went_back}')}"


def _days_of_statement(statement: str, day: str) -> str:
    return _days_from(day, ("effective_on", ALLOCATIONS, f"statement_id = {statement}"))


def _days_of_payment(payment: str, day: str) -> str:
    mine = f"payment_id = {payment}"
    return _days_from(day, ("effective_on", ALLOCATIONS, mine), ("refunded_on", REFUNDS, mine))


def _limit_rules() -> Iterator[Rule]:
    """Yield what keeps a new allocation or refund within its statement and its payment.

    A reversal gives back what its row took, on that row's day or later: it is never too much.
    """
    days = _days_of_statement("NEW.statement_id", "NEW.effective_on")
    owed = f"(SELECT total FROM {STATEMENTS} WHERE id = NEW.statement_id)"  # noqa: S608
    over = exists(days, f"{_sum_settled('NEW.statement_id')} + NEW.amount > {owed}")
    is_new = "NEW.reverses_id IS NULL"
    yield Rule("statement_not_overpaid", "INSERT", ALLOCATIONS, f"{is_new} AND {over}", OVER_STATEMENT)
    over = f"NEW.payment_id IS NOT NULL AND {_is_overspent('NEW.effective_on')}"
    yield Rule("payment_not_overspent", "INSERT", ALLOCATIONS, f"{is_new} AND {over}", OVER_PAYMENT)
    yield Rule("refund_not_beyond", "INSERT", REFUNDS, _is_overspent("NEW.refunded_on"), OVER_PAYMENT)


def _is_overspent(day: str) -> str:
    """Return the condition that the new row takes more of its payment than is left from that day on."""
    whole = f"(SELECT amount FROM {PAYMENTS} WHERE id = NEW.payment_id)"  # noqa: S608
    days = _days_of_payment("NEW.payment_id", day)
    return exists(days, f"{_sum_spent('NEW.payment_id')} + NEW.amount > {whole}")


def _first_day_rules() -> Iterator[Rule]:
    """Yield what keeps money from being used before it, or what it is used for, is there."""
    issued = exists(STATEMENTS, "id = NEW.statement_id AND issue_date > NEW.effective_on")
    paid = exists(PAYMENTS, "id = NEW.payment_id AND paid_on > NEW.effective_on")
    yield Rule("allocation_not_early", "INSERT", ALLOCATIONS, f"{issued} OR {paid}", EARLY)
    posted = "id = NEW.payment_id AND state IN ('posted', 'verified') AND paid_on <= NEW.refunded_on"
    yield Rule("refund_not_early", "INSERT", REFUNDS, f"NOT {exists(PAYMENTS, posted)}", EARLY)


def _void_rules() -> Iterator[Rule]:
    """Yield what keeps a void from a day on which something of the row is still used."""
    voiding = "NEW.void_date IS NOT NULL AND OLD.void_date IS NULL"
    used = exists(_days_of_payment("NEW.id", "NEW.void_date"), f"{_sum_spent('NEW.id')} <> 0")
    yield Rule("payment_void_is_unapplied", "UPDATE", PAYMENTS, f"{voiding} AND {used}", UNFIT)
    used = exists(_days_of_statement("NEW.id", "NEW.void_date"), f"{_sum_settled('NEW.id')} <> 0")
    yield Rule("statement_void_is_unapplied", "UPDATE", STATEMENTS, f"{voiding} AND {used}", UNFIT)
    back = exists(
        f"{ALLOCATIONS} AS back", "back.reverses_id = applied.id AND back.effective_on = NEW.void_date"
    )
    mine = "applied.settlement_id = NEW.id AND applied.reverses_id IS NULL"
    stands = exists(f"{ALLOCATIONS} AS applied", f"{mine} AND NOT {back}")
    yield Rule("settlement_void_is_unapplied", "UPDATE", SETTLEMENTS, f"{voiding} AND {stands}", SAME_DAY)


def _source_rules() -> Iterator[Rule]:
    """Yield what holds a settlement or credit note and its allocation together: statement, amount, day."""
    for column, table, day in (
        ("settlement_id", SETTLEMENTS, "settled_on"),
        ("credit_note_id", CREDIT_NOTES, "issue_date"),
    ):
        same = exists(
            table,
            f"id = NEW.{column} AND statement_id = NEW.statement_id AND amount = NEW.amount"
            f" AND {day} = NEW.effective_on",
        )
        name = f"{table.removeprefix('billing_')}_applied_as_it_says"
        broken = f"NEW.reverses_id IS NULL AND NEW.{column} IS NOT NULL AND NOT {same}"
        yield Rule(name, "INSERT", ALLOCATIONS, broken, SAME_DAY)


RULES = RuleSet("billing", (*_limit_rules(), *_first_day_rules(), *_void_rules(), *_source_rules()))

"""Nothing is dated into a locked or closed month, but by whom an exception lets through a locked one."""

from collections.abc import Iterator

from billing.triggers.money import (
    ALLOCATIONS,
    CREDIT_NOTES,
    PAYMENTS,
    REFUNDS,
    SETTLEMENTS,
    STATEMENTS,
)
from billtracker.core.data.triggers import Rule, RuleSet, exists

PERIODS, EXCEPTIONS = "billing_period", "billing_periodexception"
MONTH = "The month is locked or closed."


def _is_shut(day: str, user: str, at: str) -> str:
    """Return the condition that the day's month is shut to that user at that instant."""
    leave = exists(
        f"{EXCEPTIONS} AS leave",
        f"leave.period_id = shut.id AND leave.user_id = {user} AND leave.until > {at}"
        " AND leave.ended_at IS NULL",
    )
    return exists(
        f"{PERIODS} AS shut",
        f"{day} < shut.ends_before AND (shut.state = 'closed'"
        f" OR (shut.state = 'locked' AND {day} >= shut.starts_on AND NOT {leave}))",
    )


def _dated_rules() -> Iterator[Rule]:
    """Yield what keeps each dated event out of a shut month."""
    issue = _is_shut("NEW.issue_date", "NEW.issued_by_id", "NEW.issued_at")
    numbered = "OLD.number IS NULL AND NEW.number IS NOT NULL"
    yield _rule("issue", "UPDATE", STATEMENTS, numbered, issue)
    yield _rule("issue_insert", "INSERT", STATEMENTS, "NEW.number IS NOT NULL", issue)
    cycle = _is_shut("NEW.period_start", "NEW.created_by_id", "NEW.created_at")
    # A statement that stands in for a void one bills a past period, under a date of its own.
    is_cycles = "NEW.number IS NULL AND NEW.kind = 'retainer' AND NEW.replaces_id IS NULL"
    yield _rule("cycle", "INSERT", STATEMENTS, is_cycles, cycle)
    voiding = "NEW.void_date IS NOT NULL AND OLD.void_date IS NULL"
    for table in (STATEMENTS, PAYMENTS, REFUNDS, SETTLEMENTS):
        void = _is_shut("NEW.void_date", "NEW.voided_by_id", "NEW.voided_at")
        yield _rule(f"{table.removeprefix('billing_')}_void", "UPDATE", table, voiding, void)
    paid = _is_shut("NEW.paid_on", "NEW.posted_by_id", "NEW.posted_at")
    posting = "NEW.state = 'posted' AND OLD.state = 'draft'"
    yield _rule("payment_post", "UPDATE", PAYMENTS, posting, paid)
    yield _rule("payment_insert", "INSERT", PAYMENTS, "NEW.state <> 'draft'", paid)
    for table, day, who in (
        (ALLOCATIONS, "effective_on", "created"),
        (REFUNDS, "refunded_on", "recorded"),
        (SETTLEMENTS, "settled_on", "recorded"),
        (CREDIT_NOTES, "issue_date", "issued"),
    ):
        shut = _is_shut(f"NEW.{day}", f"NEW.{who}_by_id", f"NEW.{who}_at")
        yield _rule(f"{table.removeprefix('billing_')}_insert", "INSERT", table, "1 = 1", shut)


def _rule(name: str, event: str, table: str, when: str, shut: str) -> Rule:
    return Rule(f"month_{name}", event, table, f"({when}) AND {shut}", MONTH)


RULES = RuleSet("billing", tuple(_dated_rules()))

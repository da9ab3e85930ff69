"""Rules of the money that the database itself holds, for everyone, raw SQL included.

Allocations are only added. A payment is frozen from its posting on, refunds, settlements and credit
notes from the start, but for their voiding. No statement is settled below zero, no payment applied
beyond its amount. Nothing is dated into a locked or closed month. Each rule is one condition that
both engines read; a migration that rebuilds one of these tables on SQLite loses its triggers and has
to create them again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

STATEMENTS, PAYMENTS, ALLOCATIONS = "billing_statement", "billing_payment", "billing_allocation"
REFUNDS, SETTLEMENTS, CREDIT_NOTES = "billing_refund", "billing_settlement", "billing_creditnote"
PERIODS, EXCEPTIONS = "billing_period", "billing_periodexception"

KEPT = "What was recorded is never changed or deleted."
PAYMENT = "A posted payment is frozen."
DELETED = "A posted payment is never deleted."
ALLOCATION = "Allocations are only added; a reversal takes one back."
OVER_STATEMENT = "A statement is not settled below zero."
OVER_PAYMENT = "More than the payment is not applied or refunded."
UNFIT = "Money is applied to an issued statement, from what is posted, in one currency."
REVERSAL = "A reversal takes back one row, whole."
MONTH = "The month is locked or closed."

PAYMENT_FROZEN = (
    "id", "client_id", "paid_on", "amount", "currency", "method", "manual_number", "manual_key", "reference",
    "recorded_by_id", "recorded_at", "posted_by_id", "posted_at",
)  # fmt: skip
PAYMENT_VERIFIED = ("notes", "verified_by_id", "verified_at")
VOIDING = ("voided_by_id", "voided_at", "void_date", "void_reason")
REFUND_FROZEN = (
    "id", "payment_id", "refunded_on", "amount", "method", "reference", "reason", "recorded_by_id",
    "recorded_at",
)  # fmt: skip
SETTLEMENT_FROZEN = (
    "id", "statement_id", "kind", "settled_on", "amount", "reason", "recorded_by_id", "recorded_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuse ``event`` on ``table`` when ``condition`` holds; an empty one always does."""

    name: str
    event: str
    table: str
    condition: str
    sentence: str


def there(rows: str, condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM {rows} WHERE {condition})"  # noqa: S608 (our names)


def total(table: str, condition: str) -> str:
    return f"(SELECT COALESCE(SUM(amount), 0) FROM {table} WHERE {condition})"  # noqa: S608


# What of a payment is applied or refunded, with the new row.
SPENT = (
    f"{total(ALLOCATIONS, 'payment_id = NEW.payment_id')} + NEW.amount"
    f" + {total(REFUNDS, 'payment_id = NEW.payment_id AND void_date IS NULL')}"
)


def differ(columns: tuple[str, ...], sign: str) -> str:
    return "(" + " OR ".join(f"NEW.{column} {sign} OLD.{column}" for column in columns) + ")"


def locked(day: str, user: str, at: str) -> str:
    """Return the condition that the day's month is shut to that user at that instant."""
    leave = there(
        f"{EXCEPTIONS} AS leave",
        f"leave.period_id = shut.id AND leave.user_id = {user} AND leave.until > {at}"
        " AND leave.ended_at IS NULL",
    )
    return there(
        f"{PERIODS} AS shut",
        f"{day} < shut.ends_before AND (shut.state = 'closed'"
        f" OR (shut.state = 'locked' AND {day} >= shut.starts_on AND NOT {leave}))",
    )


def rules(sign: str) -> Iterator[Rule]:
    """Yield every rule; ``sign`` is the engine's comparison that tells NULL from a value."""
    yield from payment_rules(sign)
    yield from allocation_rules()
    yield from other_rules(sign)
    yield from month_rules()


def payment_rules(sign: str) -> Iterator[Rule]:
    steps = (("draft", "posted"), ("posted", "verified"), ("posted", "void"), ("verified", "void"))
    step = " OR ".join(f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, new in steps)
    broken = (
        f"(NEW.state <> OLD.state AND NOT ({step}))"
        f" OR (OLD.state <> 'draft' AND {differ(PAYMENT_FROZEN, sign)})"
        f" OR (OLD.state IN ('verified', 'void') AND {differ(PAYMENT_VERIFIED, sign)})"
        f" OR (OLD.state = 'void' AND {differ((*VOIDING, 'void_cause'), sign)})"
    )
    yield Rule("payment_frozen", "UPDATE", PAYMENTS, broken, PAYMENT)
    yield Rule("payment_kept", "DELETE", PAYMENTS, "OLD.state <> 'draft'", DELETED)
    # INSERT OR REPLACE deletes the row in its way without telling the trigger for deletions.
    same_number = "state <> 'void' AND manual_key <> '' AND manual_key = NEW.manual_key"
    same = there(PAYMENTS, f"state <> 'draft' AND (id = NEW.id OR ({same_number}))")
    yield Rule("payment_not_replaced", "INSERT", PAYMENTS, same, PAYMENT)
    applied = total(ALLOCATIONS, "payment_id = NEW.id")
    yield Rule(
        "payment_void_is_unapplied", "UPDATE", PAYMENTS, f"NEW.state = 'void' AND {applied} <> 0", UNFIT
    )


def allocation_rules() -> Iterator[Rule]:
    for event in ("UPDATE", "DELETE"):
        yield Rule(f"allocation_kept_{event.lower()}", event, ALLOCATIONS, "", ALLOCATION)
    same = there(
        ALLOCATIONS, "id = NEW.id OR (NEW.reverses_id IS NOT NULL AND reverses_id = NEW.reverses_id)"
    )
    yield Rule("allocation_not_replaced", "INSERT", ALLOCATIONS, same, ALLOCATION)
    settled = f"{total(ALLOCATIONS, 'statement_id = NEW.statement_id')} + NEW.amount"
    owed = f"(SELECT total FROM {STATEMENTS} WHERE id = NEW.statement_id)"  # noqa: S608
    over = f"{settled} > {owed} OR {settled} < 0"
    yield Rule("statement_not_overpaid", "INSERT", ALLOCATIONS, over, OVER_STATEMENT)
    over = f"{SPENT} > (SELECT amount FROM {PAYMENTS} WHERE id = NEW.payment_id)"  # noqa: S608
    yield Rule(
        "payment_not_overspent",
        "INSERT",
        ALLOCATIONS,
        f"NEW.payment_id IS NOT NULL AND ({over})",
        OVER_PAYMENT,
    )
    issued = there(STATEMENTS, "id = NEW.statement_id AND state = 'issued'")
    posted = there(
        f"{PAYMENTS} AS paid JOIN {STATEMENTS} AS owed ON owed.currency = paid.currency",
        "paid.id = NEW.payment_id AND owed.id = NEW.statement_id AND paid.state IN ('posted', 'verified')",
    )
    fits = f"{issued} AND (NEW.payment_id IS NULL OR {posted})"
    yield Rule("allocation_fits", "INSERT", ALLOCATIONS, f"NEW.reverses_id IS NULL AND NOT ({fits})", UNFIT)
    whole = there(
        f"{ALLOCATIONS} AS first",
        "first.id = NEW.reverses_id AND first.reverses_id IS NULL AND first.amount = -NEW.amount"
        " AND first.statement_id = NEW.statement_id AND first.effective_on <= NEW.effective_on"
        " AND COALESCE(first.payment_id, 0) = COALESCE(NEW.payment_id, 0)"
        " AND COALESCE(first.settlement_id, 0) = COALESCE(NEW.settlement_id, 0)"
        " AND COALESCE(first.credit_note_id, 0) = COALESCE(NEW.credit_note_id, 0)",
    )
    yield Rule(
        "reversal_is_whole", "INSERT", ALLOCATIONS, f"NEW.reverses_id IS NOT NULL AND NOT {whole}", REVERSAL
    )


def other_rules(sign: str) -> Iterator[Rule]:
    for table, frozen in ((REFUNDS, REFUND_FROZEN), (SETTLEMENTS, SETTLEMENT_FROZEN)):
        noun = table.removeprefix("billing_")
        broken = f"{differ(frozen, sign)} OR (OLD.void_date IS NOT NULL AND {differ(VOIDING, sign)})"
        yield Rule(f"{noun}_frozen", "UPDATE", table, broken, KEPT)
    yield Rule("creditnote_frozen", "UPDATE", CREDIT_NOTES, "", KEPT)
    for table in (REFUNDS, SETTLEMENTS, CREDIT_NOTES):
        noun = table.removeprefix("billing_")
        yield Rule(f"{noun}_kept", "DELETE", table, "", KEPT)
        yield Rule(f"{noun}_not_replaced", "INSERT", table, there(table, "id = NEW.id"), KEPT)
    same_number = there(CREDIT_NOTES, "number = NEW.number")
    yield Rule("creditnote_number_kept", "INSERT", CREDIT_NOTES, same_number, KEPT)
    over = f"{SPENT} > (SELECT amount FROM {PAYMENTS} WHERE id = NEW.payment_id AND state <> 'draft')"  # noqa: S608
    yield Rule("refund_not_beyond", "INSERT", REFUNDS, over, OVER_PAYMENT)
    unapplied = f"NEW.state = 'void' AND {total(ALLOCATIONS, 'statement_id = NEW.id')} <> 0"
    yield Rule("statement_void_is_unapplied", "UPDATE", STATEMENTS, unapplied, UNFIT)


def month_rules() -> Iterator[Rule]:
    """Yield what keeps each dated event out of a shut month."""
    issue = locked("NEW.issue_date", "NEW.issued_by_id", "NEW.issued_at")
    numbered = "OLD.number IS NULL AND NEW.number IS NOT NULL"
    yield month_rule("issue", "UPDATE", STATEMENTS, numbered, issue)
    yield month_rule("issue_insert", "INSERT", STATEMENTS, "NEW.number IS NOT NULL", issue)
    cycle = locked("NEW.period_start", "NEW.created_by_id", "NEW.created_at")
    # A statement that stands in for a void one bills a past period, under a date of its own.
    is_cycles = "NEW.number IS NULL AND NEW.kind = 'retainer' AND NEW.replaces_id IS NULL"
    yield month_rule("cycle", "INSERT", STATEMENTS, is_cycles, cycle)
    voiding = "NEW.void_date IS NOT NULL AND OLD.void_date IS NULL"
    for table in (STATEMENTS, PAYMENTS, REFUNDS, SETTLEMENTS):
        void = locked("NEW.void_date", "NEW.voided_by_id", "NEW.voided_at")
        yield month_rule(f"{table.removeprefix('billing_')}_void", "UPDATE", table, voiding, void)
    paid = locked("NEW.paid_on", "NEW.posted_by_id", "NEW.posted_at")
    posting = "NEW.state = 'posted' AND OLD.state = 'draft'"
    yield month_rule("payment_post", "UPDATE", PAYMENTS, posting, paid)
    yield month_rule("payment_insert", "INSERT", PAYMENTS, "NEW.state <> 'draft'", paid)
    for table, day, who in (
        (ALLOCATIONS, "effective_on", "created"),
        (REFUNDS, "refunded_on", "recorded"),
        (SETTLEMENTS, "settled_on", "recorded"),
        (CREDIT_NOTES, "issue_date", "issued"),
    ):
        shut = locked(f"NEW.{day}", f"NEW.{who}_by_id", f"NEW.{who}_at")
        yield month_rule(f"{table.removeprefix('billing_')}_insert", "INSERT", table, "1 = 1", shut)


def month_rule(name: str, event: str, table: str, when: str, shut: str) -> Rule:
    return Rule(f"month_{name}", event, table, f"({when}) AND {shut}", MONTH)


# --- the engines -------------------------------------------------------------------------------
def sqlite_trigger(rule: Rule) -> str:
    condition = f"WHEN {rule.condition}" if rule.condition else ""
    return (
        f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{rule.sentence}'); END"
    )


def postgres_trigger(rule: Rule) -> str:
    answer = "OLD" if rule.event == "DELETE" else "NEW"
    function = f"billing_rule_{rule.name}"
    return f"""
    CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {rule.condition or "TRUE"} THEN
            RAISE EXCEPTION '{rule.sentence}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN {answer};
    END $$;
    CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} FOR EACH ROW EXECUTE FUNCTION {function}();
    """


LEDGER = (PAYMENTS, ALLOCATIONS, REFUNDS, SETTLEMENTS, CREDIT_NOTES)


def create(connection) -> None:
    """Let the database hold the rules from now on."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for rule in rules("IS NOT"):
                cursor.execute(sqlite_trigger(rule))
            return
        for rule in rules("IS DISTINCT FROM"):
            cursor.execute(postgres_trigger(rule))
        for table in LEDGER:
            cursor.execute(
                f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse()"
            )


def drop(connection) -> None:
    """Let everything be changed again; only for tests and for taking the schema back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for rule in rules("IS NOT"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {rule.name}")
            return
        for rule in rules("IS DISTINCT FROM"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {rule.name} ON {rule.table}")
            cursor.execute(f"DROP FUNCTION IF EXISTS billing_rule_{rule.name}()")
        for table in LEDGER:
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_not_emptied ON {table}")

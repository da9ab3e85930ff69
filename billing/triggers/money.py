"""Money is not changed afterwards.

Allocations are only added. A payment is frozen from its posting on, refunds, settlements and credit
notes from the start, but for their voiding. How much there is on which day: ``dated_money``.
"""

from collections.abc import Iterator

from billtracker.core.data.triggers import (
    Rule,
    RuleSet,
    changes_any,
    exists,
    forbid,
    forbid_replace,
    forbid_truncate,
)

CLIENTS = "billing_client"
STATEMENTS, PAYMENTS, ALLOCATIONS = "billing_statement", "billing_payment", "billing_allocation"
REFUNDS, SETTLEMENTS, CREDIT_NOTES = "billing_refund", "billing_settlement", "billing_creditnote"
LEDGER = (PAYMENTS, ALLOCATIONS, REFUNDS, SETTLEMENTS, CREDIT_NOTES)

KEPT = "What was recorded is never changed or deleted."
PAYMENT = "A posted payment is frozen."
DELETED = "A posted payment is never deleted."
ALLOCATION = "Allocations are only added; a reversal takes one back."
OVER_STATEMENT = "A statement is not settled below zero."
OVER_PAYMENT = "More than the payment is not applied or refunded."
UNFIT = "Money is applied to an issued statement, from what is posted, in one currency."
OTHER_PAYER = "A client pays for itself and for clients of its payer group."
REVERSAL = "A reversal takes back one row, whole."

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


def _payment_rules() -> Iterator[Rule]:
    steps = (("draft", "posted"), ("posted", "verified"), ("posted", "void"), ("verified", "void"))
    step = " OR ".join(f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, new in steps)
    broken = (
        f"(NEW.state <> OLD.state AND NOT ({step}))"
        f" OR (OLD.state <> 'draft' AND {changes_any(PAYMENT_FROZEN)})"
        f" OR (OLD.state IN ('verified', 'void') AND {changes_any(PAYMENT_VERIFIED)})"
        f" OR (OLD.state = 'void' AND {changes_any((*VOIDING, 'void_cause'))})"
    )
    yield Rule("payment_frozen", "UPDATE", PAYMENTS, broken, PAYMENT)
    yield Rule("payment_kept", "DELETE", PAYMENTS, "OLD.state <> 'draft'", DELETED)
    same_number = "state <> 'void' AND manual_key <> '' AND manual_key = NEW.manual_key"
    same = exists(PAYMENTS, f"state <> 'draft' AND (id = NEW.id OR ({same_number}))")
    yield forbid_replace("payment_not_replaced", PAYMENTS, same, PAYMENT)


def _allocation_rules() -> Iterator[Rule]:
    for event in ("UPDATE", "DELETE"):
        yield forbid(event, f"allocation_kept_{event.lower()}", ALLOCATIONS, ALLOCATION)
    same = exists(
        ALLOCATIONS, "id = NEW.id OR (NEW.reverses_id IS NOT NULL AND reverses_id = NEW.reverses_id)"
    )
    yield forbid_replace("allocation_not_replaced", ALLOCATIONS, same, ALLOCATION)


def _fitness_rules() -> Iterator[Rule]:
    """Yield what a new allocation may join, and what a reversal takes back."""
    issued = exists(STATEMENTS, "id = NEW.statement_id AND state = 'issued'")
    posted = exists(
        f"{PAYMENTS} AS paid JOIN {STATEMENTS} AS owed ON owed.currency = paid.currency",
        "paid.id = NEW.payment_id AND owed.id = NEW.statement_id AND paid.state IN ('posted', 'verified')",
    )
    fits = f"{issued} AND (NEW.payment_id IS NULL OR {posted})"
    yield Rule("allocation_fits", "INSERT", ALLOCATIONS, f"NEW.reverses_id IS NULL AND NOT ({fits})", UNFIT)
    whole = exists(
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


def _payer_rules() -> Iterator[Rule]:
    """Yield what keeps the money of one client from the statements of another, but for a payer group.

    Only new rows are asked: who leaves a group takes nothing back that was applied, and a reversal may.
    """
    own = exists(
        f"{PAYMENTS} AS paid JOIN {CLIENTS} AS payer ON payer.id = paid.client_id"
        f" JOIN {STATEMENTS} AS owed ON owed.id = NEW.statement_id"
        f" JOIN {CLIENTS} AS owing ON owing.id = owed.client_id",
        "paid.id = NEW.payment_id AND (payer.id = owing.id OR payer.payer_group_id = owing.payer_group_id)",
    )
    other = f"NEW.reverses_id IS NULL AND NEW.payment_id IS NOT NULL AND NOT {own}"
    yield Rule("allocation_of_one_payer", "INSERT", ALLOCATIONS, other, OTHER_PAYER)


def _correction_rules() -> Iterator[Rule]:
    """Yield the rules of refunds, other settlements, credit notes and voided statements."""
    for table, frozen in ((REFUNDS, REFUND_FROZEN), (SETTLEMENTS, SETTLEMENT_FROZEN)):
        noun = table.removeprefix("billing_")
        broken = f"{changes_any(frozen)} OR (OLD.void_date IS NOT NULL AND {changes_any(VOIDING)})"
        yield Rule(f"{noun}_frozen", "UPDATE", table, broken, KEPT)
    yield forbid("UPDATE", "creditnote_frozen", CREDIT_NOTES, KEPT)
    for table in (REFUNDS, SETTLEMENTS, CREDIT_NOTES):
        noun = table.removeprefix("billing_")
        yield forbid("DELETE", f"{noun}_kept", table, KEPT)
        yield forbid_replace(f"{noun}_not_replaced", table, exists(table, "id = NEW.id"), KEPT)
    same_number = exists(CREDIT_NOTES, "number = NEW.number")
    yield forbid_replace("creditnote_number_kept", CREDIT_NOTES, same_number, KEPT)


RULES = RuleSet(
    "billing",
    (
        *_payment_rules(),
        *_allocation_rules(),
        *_fitness_rules(),
        *_payer_rules(),
        *_correction_rules(),
        *forbid_truncate(LEDGER, "What was issued is never changed."),
    ),
)

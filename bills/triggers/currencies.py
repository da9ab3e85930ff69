"""A live payment settles due dates of its own currency only."""

from billtracker.core.data.triggers import Rule, RuleSet, exists

OCCURRENCES, PAYMENTS, SPLITS = "bills_occurrence", "bills_payment", "bills_paymentsplit"
OTHER_CURRENCY = "A payment settles due dates of its own currency."

_SPLIT = exists(
    f"{PAYMENTS} p, {OCCURRENCES} o",
    "p.id = NEW.payment_id AND o.id = NEW.occurrence_id AND p.currency <> o.currency",
)
_PAYMENT = exists(
    f"{SPLITS} s, {OCCURRENCES} o",
    "s.payment_id = NEW.id AND o.id = s.occurrence_id AND o.currency <> NEW.currency",
)
_OCCURRENCE = exists(
    f"{SPLITS} s, {PAYMENTS} p",
    "s.occurrence_id = NEW.id AND p.id = s.payment_id"
    " AND p.deleted_at IS NULL AND p.currency <> NEW.currency",
)
# Whatever else of a row changes, its currency was looked at before.
_CHANGES = "NEW.currency IS DISTINCT FROM OLD.currency"
_COMES_BACK = "(OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL)"

RULES = RuleSet(
    "bills",
    (
        Rule("bills_split_currency", "INSERT", SPLITS, _SPLIT, OTHER_CURRENCY),
        Rule("bills_split_currency_kept", "UPDATE", SPLITS, _SPLIT, OTHER_CURRENCY),
        Rule(
            "bills_payment_currency",
            "UPDATE",
            PAYMENTS,
            f"NEW.deleted_at IS NULL AND ({_CHANGES} OR {_COMES_BACK}) AND {_PAYMENT}",
            OTHER_CURRENCY,
        ),
        Rule(
            "bills_occurrence_currency",
            "UPDATE",
            OCCURRENCES,
            f"{_CHANGES} AND {_OCCURRENCE}",
            OTHER_CURRENCY,
        ),
    ),
)

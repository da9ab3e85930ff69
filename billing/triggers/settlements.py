"""What settles a statement without money stays within bounds, and a certificate fits its withholding."""

from collections.abc import Iterator

from billing.triggers.money import SETTLEMENTS, STATEMENTS
from billtracker.core.data.triggers import Rule, RuleSet, changes_any, exists, sum_of

OFFICE = "billing_officeprofile"
ONCE = "A statement has one rounding difference."
CHARGE = "A bank charge beyond the share that the office sets needs a reason."
CERTIFICATE = "A certificate is received after the tax was withheld, and not before its own date."
NUMBER = "A certificate number is used once for a client."
DEFAULT_SHARE = 5  # of a books without an office profile, as the profile begins


def _new_rules() -> Iterator[Rule]:
    rounding = "statement_id = NEW.statement_id AND kind = 'rounding' AND void_date IS NULL"
    twice = f"NEW.kind = 'rounding' AND {exists(SETTLEMENTS, rounding)}"
    yield Rule("settlement_rounding_once", "INSERT", SETTLEMENTS, twice, ONCE)
    charges = "statement_id = NEW.statement_id AND kind = 'bank_charge' AND void_date IS NULL"
    total = f"(SELECT total FROM {STATEMENTS} WHERE id = NEW.statement_id)"  # noqa: S608
    share = f"COALESCE((SELECT charge_share FROM {OFFICE} WHERE id = 1), {DEFAULT_SHARE})"  # noqa: S608
    beyond = f"({sum_of('amount', SETTLEMENTS, charges)} + NEW.amount) * 100 > {total} * {share}"
    silent = f"NEW.kind = 'bank_charge' AND NEW.reason = '' AND {beyond}"
    yield Rule("settlement_charge_has_its_reason", "INSERT", SETTLEMENTS, silent, CHARGE)


def _certificate_rules() -> Iterator[Rule]:
    early = (
        "NEW.certificate_received_on IS NOT NULL AND (NEW.certificate_received_on < NEW.settled_on"
        " OR NEW.certificate_date > NEW.certificate_received_on)"
    )
    mine = f"(SELECT client_id FROM {STATEMENTS} WHERE id = NEW.statement_id)"  # noqa: S608
    same = exists(
        f"{SETTLEMENTS} AS other JOIN {STATEMENTS} AS owed ON owed.id = other.statement_id",
        f"other.certificate_number = NEW.certificate_number AND owed.client_id = {mine}"
        " AND other.void_date IS NULL AND other.id <> NEW.id",
    )
    taken = f"NEW.certificate_number <> '' AND {same}"
    # Rows that are older than the rule can still be voided.
    changes = changes_any(("certificate_number", "certificate_date", "certificate_received_on"))
    for event, when in (("INSERT", ""), ("UPDATE", f"{changes} AND ")):
        name = event.lower()
        yield Rule(f"certificate_in_order_{name}", event, SETTLEMENTS, f"{when}({early})", CERTIFICATE)
        yield Rule(f"certificate_once_{name}", event, SETTLEMENTS, f"{when}({taken})", NUMBER)


RULES = RuleSet("billing", (*_new_rules(), *_certificate_rules()))

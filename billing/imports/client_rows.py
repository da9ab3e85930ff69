"""One row of a file as the client and engagement it would become, or the sentence why it cannot be one."""

import re
from dataclasses import dataclass
from decimal import Decimal

from billing.models import Client, Engagement
from billtracker.core.imports.rows import RowCells, RowProblem
from billtracker.core.money import ZERO, to_display
from billtracker.core.text import comparison_key

Kind, Partial, Timing = Engagement.Kind, Engagement.PartialPeriods, Engagement.Timing
LONGEST_KEY = Client._meta.get_field("name_key").max_length or 0
LONGEST_ADDRESS = 600
INTERVALS = {
    "monthly": 1, "every month": 1, "month": 1, "quarterly": 3, "quarter": 3, "half yearly": 6,
    "semiannually": 6, "semi annually": 6, "semiannual": 6, "semi annual": 6, "twice a year": 6, "yearly": 12,
    "annually": 12, "annual": 12, "every year": 12, "year": 12,
}  # fmt: skip
NUMBERS = {"two": 2, "three": 3, "six": 6, "twelve": 12}
NO_INTERVAL = {"", "none", "once", "one time", "n a"}
PARTIAL_PERIODS = {
    "": Partial.FULL, "full": Partial.FULL, "full fee": Partial.FULL, "prorated": Partial.PRORATED,
    "pro rata": Partial.PRORATED, "by days": Partial.PRORATED, "skip": Partial.SKIP, "skipped": Partial.SKIP,
    "not billed": Partial.SKIP,
}  # fmt: skip
TIMINGS = {
    "": Timing.ADVANCE, "advance": Timing.ADVANCE, "in advance": Timing.ADVANCE, "arrears": Timing.ARREARS,
    "in arrears": Timing.ARREARS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a file says about a client beside its name."""

    tax_number: str = ""
    address: str = ""
    terms_days: int | None = None
    group: str = ""

    def filled_from(self, other: "Particulars") -> "Particulars":
        """Return these, with what they leave open taken from ``other``."""
        terms = other.terms_days if self.terms_days is None else self.terms_days
        return Particulars(
            self.tax_number or other.tax_number,
            self.address or other.address,
            terms,
            self.group or other.group,
        )


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row as the client, billing recipient and engagement it would become."""

    client: str
    particulars: Particulars
    contact: str
    email: str
    engagement: dict
    fee: Decimal | None
    currency: str

    @property
    def client_key(self) -> str:
        return comparison_key(self.client)

    @property
    def identity(self) -> tuple:
        """Two engagements with the same identity are taken for the same one."""
        return (self.client_key, comparison_key(self.engagement["title"]), self.engagement["starts_on"])


def plan_row(row: RowCells, currency: str) -> PlannedRow:
    """Return what a row describes, its fee in ``currency``; RowProblem for the first thing that is wrong."""
    name = row.text("client", 160)
    if not name:
        raise RowProblem("The client has no name.", "client")
    if len(comparison_key(name)) > LONGEST_KEY:
        raise RowProblem("This name is too long to be compared with others.", "client")
    particulars = _particulars_of(row)
    contact, email = row.text("contact", 120), row.email("email")
    engagement = _engagement_of(row)
    fee = _fee_of(row, currency)
    if fee is None and engagement["kind"] == Kind.RETAINER:
        raise RowProblem("A retainer has a fee.", "fee")
    return PlannedRow(name, particulars, contact, email, engagement, fee, currency)


def _particulars_of(row: RowCells) -> Particulars:
    return Particulars(
        tax_number=row.text("tax_number", 60),
        address=row.lines("address", LONGEST_ADDRESS),
        terms_days=row.whole_number("terms_days", 0, 365),
        group=row.text("group", 80),
    )


def _fee_of(row: RowCells, currency: str) -> Decimal | None:
    amount = row.amount("fee", currency)
    if amount is None:
        return None
    if amount.currency != currency:
        raise RowProblem(f"The fee is in {amount.currency}; this client is billed in {currency}.", "fee")
    if amount.value < ZERO:
        raise RowProblem("A fee is not negative.", "fee")
    return amount.value


# --- the engagement ----------------------------------------------------------------------------
def _engagement_of(row: RowCells) -> dict:
    """Return the engagement's fields."""
    title = row.text("engagement", 160)
    if not title:
        raise RowProblem("The engagement has no title.", "engagement")
    kind = row.choice("type", {"retainer": Kind.RETAINER, "special": Kind.SPECIAL}, "retainer or special")
    starts_on, ends_on = row.date("start"), row.date("end")
    if starts_on is None:
        raise RowProblem("Say when the engagement starts.", "start")
    if ends_on and ends_on < starts_on:
        raise RowProblem("The engagement ends before it starts.", "end")
    fields = {"title": title, "kind": kind, "starts_on": starts_on, "ends_on": ends_on}
    return fields | (_rhythm_of(row) if kind == Kind.RETAINER else _no_rhythm(row))


def _rhythm_of(row: RowCells) -> dict:
    """Return when a retainer is billed."""
    return {
        "interval_months": _interval_of(row),
        "billing_day": row.whole_number("billing_day", 1, 31) or 1,
        "partial_periods": row.choice("partial_periods", PARTIAL_PERIODS, "full, prorated, skip"),
        "timing": row.choice("timing", TIMINGS, "advance, arrears"),
    }


def _no_rhythm(row: RowCells) -> dict:
    """Refuse an interval on a special engagement: it is billed by hand."""
    if row.word("interval") not in NO_INTERVAL:
        raise RowProblem("A special engagement has no interval.", "interval")
    return {}


def _interval_of(row: RowCells) -> int:
    """Return the months from one bill to the next: ``quarterly``, ``every 2 months``, ``6``."""
    word = row.word("interval")
    if not word:
        raise RowProblem("Say how often the retainer is billed.", "interval")
    match = re.fullmatch(r"(?:every )?(\w+)(?: months?)?", word)
    months = INTERVALS.get(word)
    if months is None and match:
        months = NUMBERS.get(match[1]) or (int(match[1]) if re.fullmatch("[0-9]{1,2}", match[1]) else None)
    if months not in Engagement.Interval:
        raise RowProblem(
            f"{row['interval'][:40]!r} is not one of: monthly, every 2 months, quarterly, every 6 months, "
            "yearly.",
            "interval",
        )
    return int(months or 0)


# --- in words ----------------------------------------------------------------------------------
def describe_row(plan: PlannedRow, particulars: Particulars, is_new: bool) -> dict[str, str]:
    """Return what was understood, for people; also what must still hold when it is applied."""
    fields = plan.engagement
    ends = f" to {fields['ends_on']}" if fields["ends_on"] else ", open"
    terms = "" if particulars.terms_days is None else f"{particulars.terms_days} days"
    facts = (particulars.tax_number, particulars.address.replace("\n", ", "), terms, particulars.group)
    return {
        "Client": plan.client,
        "Of the client": "; ".join(filter(None, facts)) if is_new else "there already",
        "Bills go to": ", ".join(filter(None, (plan.contact, plan.email))),
        "Engagement": f"{fields['title']} ({Kind(fields['kind']).label.lower()})",
        "From": f"{fields['starts_on']}{ends}",
        "Fee": _fee_in_words(plan),
        "Billed": _rhythm_in_words(fields),
    }


def _fee_in_words(plan: PlannedRow) -> str:
    if plan.fee is None:
        return ""
    return f"{to_display(plan.fee, plan.currency, symbol=False)} {plan.currency}"


def _rhythm_in_words(fields: dict) -> str:
    if "interval_months" not in fields:
        return "by hand"
    interval = Engagement.Interval(fields["interval_months"]).label.lower()
    partial = Partial(fields["partial_periods"]).label.lower()
    timing = Timing(fields["timing"]).label.lower()
    return f"{interval}, day {fields['billing_day']}, {timing}, partial periods: {partial}"

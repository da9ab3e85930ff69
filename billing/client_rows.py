"""One row of a file as the client and engagement it would become, or the sentence why it cannot be one."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from billing.models import Client, Engagement
from billing.models.clients import name_key
from billtracker.core.imports.amounts import AmountReader
from billtracker.core.imports.cells import normalised, one_line
from billtracker.core.imports.dates import DateError
from billtracker.core.imports.handlers import Answers, Row, RowProblem
from billtracker.core.money import ZERO, MoneyError, to_display

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
        return name_key(self.client)

    @property
    def identity(self) -> tuple:
        """Two engagements with the same identity are taken for the same one."""
        return (self.client_key, normalised(self.engagement["title"]), self.engagement["starts_on"])


def planned(row: Row, answers: Answers, currency: str) -> PlannedRow:
    """Return what a row describes, its fee in ``currency``; RowProblem for the first thing that is wrong."""
    name = text_of(row, "client", 160)
    if not name:
        raise RowProblem("The client has no name.", "client")
    if len(name_key(name)) > LONGEST_KEY:
        raise RowProblem("This name is too long to be compared with others.", "client")
    particulars = particulars_of(row)
    contact, email = text_of(row, "contact", 120), email_of(row)
    engagement = engagement_of(row, answers)
    fee = fee_of(row, answers, currency)
    if fee is None and engagement["kind"] == Kind.RETAINER:
        raise RowProblem("A retainer has a fee.", "fee")
    return PlannedRow(name, particulars, contact, email, engagement, fee, currency)


def particulars_of(row: Row) -> Particulars:
    return Particulars(
        tax_number=text_of(row, "tax_number", 60),
        address=address_of(row),
        terms_days=number_of(row, "terms_days", 0, 365),
        group=text_of(row, "group", 80),
    )


# --- cells -------------------------------------------------------------------------------------
def text_of(row: Row, name: str, limit: int) -> str:
    text = one_line(row[name])
    if len(text) > limit:
        raise RowProblem(f"This is longer than {limit} characters.", name)
    return text


def address_of(row: Row) -> str:
    text = "\n".join(filter(None, map(one_line, row["address"].splitlines())))
    if len(text) > LONGEST_ADDRESS:
        raise RowProblem(f"This is longer than {LONGEST_ADDRESS} characters.", "address")
    return text


def email_of(row: Row) -> str:
    email = text_of(row, "email", 254)
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise RowProblem(f"{email[:60]!r} is not an e-mail address.", "email") from None
    return email


def number_of(row: Row, name: str, lowest: int, highest: int) -> int | None:
    """Return the whole number in a cell, None for an empty one; ``30 days`` is 30."""
    text = normalised(row[name]).removesuffix("days").strip()
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", text) or not lowest <= int(text) <= highest:
        raise RowProblem(f"Give a whole number from {lowest} to {highest}.", name)
    return int(text)


def date_of(row: Row, name: str, answers: Answers) -> dt.date | None:
    """Return the date in a cell, None for an empty one."""
    if not row[name]:
        return None
    try:
        day = answers.dates.read(row[name])
    except DateError as error:
        raise RowProblem(str(error), name) from None
    if not 1970 <= day.year <= 2100:
        raise RowProblem(f"The year {day.year} is out of reach.", name)
    return day


def fee_of(row: Row, answers: Answers, currency: str) -> Decimal | None:
    if not row["fee"]:
        return None
    try:
        amount = AmountReader(answers.amounts.mark, currency).read(row["fee"])
    except MoneyError as error:
        raise RowProblem(str(error), "fee") from None
    if amount.currency != currency:
        raise RowProblem(f"The fee is in {amount.currency}; this client is billed in {currency}.", "fee")
    if amount.value < ZERO:
        raise RowProblem("A fee is not negative.", "fee")
    return amount.value


# --- the engagement ----------------------------------------------------------------------------
def engagement_of(row: Row, answers: Answers) -> dict:
    """Return the engagement's fields."""
    title = text_of(row, "engagement", 160)
    if not title:
        raise RowProblem("The engagement has no title.", "engagement")
    kind = one_of(row, "type", {"retainer": Kind.RETAINER, "special": Kind.SPECIAL}, "retainer or special")
    starts_on, ends_on = date_of(row, "start", answers), date_of(row, "end", answers)
    if starts_on is None:
        raise RowProblem("Say when the engagement starts.", "start")
    if ends_on and ends_on < starts_on:
        raise RowProblem("The engagement ends before it starts.", "end")
    fields = {"title": title, "kind": kind, "starts_on": starts_on, "ends_on": ends_on}
    return fields | (rhythm_of(row) if kind == Kind.RETAINER else no_rhythm(row))


def one_of(row: Row, name: str, words: dict, known: str):
    """Return what the cell's word stands for."""
    word = plain(row[name])
    if word not in words:
        raise RowProblem(f"{row[name][:40]!r} is not one of: {known}.", name)
    return words[word]


def plain(text: str) -> str:
    """Return words without case, signs and double blanks: ``Pro-rata`` is ``pro rata``."""
    return " ".join(re.sub(r"[^\w]+|_", " ", normalised(text)).split())


def rhythm_of(row: Row) -> dict:
    """Return when a retainer is billed."""
    return {
        "interval_months": interval_of(row),
        "billing_day": number_of(row, "billing_day", 1, 31) or 1,
        "partial_periods": one_of(row, "partial_periods", PARTIAL_PERIODS, "full, prorated, skip"),
        "timing": one_of(row, "timing", TIMINGS, "advance, arrears"),
    }


def no_rhythm(row: Row) -> dict:
    """Refuse an interval on a special engagement: it is billed by hand."""
    if plain(row["interval"]) not in NO_INTERVAL:
        raise RowProblem("A special engagement has no interval.", "interval")
    return {}


def interval_of(row: Row) -> int:
    """Return the months from one bill to the next: ``quarterly``, ``every 2 months``, ``6``."""
    word = plain(row["interval"])
    if not word:
        raise RowProblem("Say how often the retainer is billed.", "interval")
    match = re.fullmatch(r"(?:every )?(\w+)(?: months?)?", word)
    months = INTERVALS.get(word)
    if months is None and match:
        months = NUMBERS.get(match[1]) or (int(match[1]) if re.fullmatch("[0-9]{1,2}", match[1]) else None)
    if months not in Engagement.Interval:
        raise RowProblem(
            f"{row['interval'][:40]!r} is not one of: monthly, every 2 months, quarterly, every 6 months, "
            "yearly.", "interval",
        )  # fmt: skip
    return int(months or 0)


# --- in words ----------------------------------------------------------------------------------
def described(plan: PlannedRow, particulars: Particulars, is_new: bool) -> dict[str, str]:
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
        "Fee": fee_in_words(plan),
        "Billed": rhythm_in_words(fields),
    }


def fee_in_words(plan: PlannedRow) -> str:
    if plan.fee is None:
        return ""
    return f"{to_display(plan.fee, plan.currency, symbol=False)} {plan.currency}"


def rhythm_in_words(fields: dict) -> str:
    if "interval_months" not in fields:
        return "by hand"
    interval = Engagement.Interval(fields["interval_months"]).label.lower()
    partial = Partial(fields["partial_periods"]).label.lower()
    timing = Timing(fields["timing"]).label.lower()
    return f"{interval}, day {fields['billing_day']}, {timing}, partial periods: {partial}"

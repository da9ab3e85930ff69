"""What a client's account says for a span: the same for the page, the CSV and the PDF."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.documents import snapshots
from billing.models import Client, OfficeProfile, Settlement, Statement
from billing.reports.aging import BUCKETS, AgingRow, aging
from billing.reports.ledger import Ledger, Movement, ledger
from billing.rules import dates_in_words
from billtracker.core.money import ZERO, to_display, to_number, to_text
from billtracker.core.web.exports import Row

COLUMNS = ("day", "what", "charged", "settled", "balance", "currency")


@dataclass(frozen=True, slots=True)
class Account:
    """A client's account in one currency from one day to another, both included."""

    client: Client
    currency: str
    first_day: dt.date
    last_day: dt.date
    ledger: Ledger
    aging: AgingRow


def account_of(client: Client, currency: str, first: dt.date, last: dt.date) -> Account:
    """Return the account; its aging and credit are those of the end of the last day. Nine queries."""
    rows = [row for row in aging(last, client_id=client.pk) if row.currency == currency]
    empty = AgingRow(client.pk, client.name, currency)
    book = ledger(client, currency, first, last)
    return Account(client, currency, first, last, book, rows[0] if rows else empty)


def words_of(movement: Movement) -> str:
    """Say what a movement is, such as ``Statement SOA-2026-0417``."""
    kind, is_void = movement.kind.removesuffix("_void"), movement.kind.endswith("_void")
    text = movement.words
    if kind == "settlement":
        text = Settlement.Kind(text).label
    sentences = {
        "statement": _("Statement %s"), "payment": _("Payment, invoice %s"), "refund": _("Refund %s"),
        "settlement": "%s", "credit_note": _("Credit note %s"), "transfer": _("Paid within the group, %s"),
    }  # fmt: skip
    words = (sentences[kind] % text).strip()
    return _("Void: %(words)s") % {"words": words} if is_void else words


def csv_rows(account: Account) -> Iterator[Row]:
    """Yield the rows of COLUMNS: the opening balance, each movement, the closing balance."""

    code = account.currency

    def row(day: dt.date, what: str, amount: Decimal, balance: Decimal) -> Row:
        return {
            "day": day,
            "what": what,
            "charged": to_number(amount, code) if amount > 0 else "",
            "settled": to_number(-amount, code) if amount < 0 else "",
            "balance": to_number(balance, code),
            "currency": code,
        }

    yield row(account.first_day, _("Opening balance"), ZERO, account.ledger.opening)
    for entry in account.ledger.entries:
        yield row(entry.movement.day, words_of(entry.movement), entry.movement.amount, entry.balance)
    yield row(account.last_day, _("Closing balance"), ZERO, account.ledger.closing)


def snapshot_of(account: Account, office: OfficeProfile) -> dict:
    """Return what the PDF is made of: words and exact amounts, nothing else."""
    code = account.currency

    def display(amount: Decimal) -> str:
        return to_display(amount, code, symbol=False)

    return {
        "language": dates_in_words.LANGUAGE,
        "office": snapshots.of_office(office),
        "client": snapshots.of_client(account.client),
        "currency": code,
        "first_day": dates_in_words.day_words(account.first_day),
        "last_day": dates_in_words.day_words(account.last_day),
        "opening": display(account.ledger.opening),
        "closing": to_display(account.ledger.closing, code),
        "closing_text": to_text(account.ledger.closing, code),
        "lines": [_line_of(entry, display) for entry in account.ledger.entries],
        "aging": [[name, display(much)] for name, much in zip(BUCKETS, account.aging.buckets, strict=True)],
        "credit": display(account.aging.credit),
    }


def _line_of(entry, display) -> dict:
    amount = entry.movement.amount
    return {
        "day": entry.movement.day.isoformat(),
        "what": words_of(entry.movement),
        "charged": display(amount) if amount > 0 else "",
        "settled": display(-amount) if amount < 0 else "",
        "balance": display(entry.balance),
    }


# --- the balance before a statement ----------------------------------------------------------
def prior_balance(statement: Statement) -> dict | None:
    """Return the account at the end of the issue date without this statement, in words and exact amounts.

    For a statement that has its dates and is not issued yet. None without any balance before it.
    """
    day, currency = statement.issue_date, statement.currency
    if day is None:
        raise ValueError("The balance before a statement is as of its issue date.")
    account = account_of(statement.client, currency, day, day)
    balance = account.ledger.closing
    if not balance and not account.aging.owed:
        return None

    def display(amount: Decimal) -> str:
        return to_display(amount, currency, symbol=False)

    buckets = zip(BUCKETS, account.aging.buckets, strict=True)
    return {
        "balance": to_text(balance, currency),
        "balance_shown": display(balance),
        "with_this_shown": display(balance + statement.total),
        "late": [{"days": days, "shown": display(amount)} for days, amount in buckets],
        "credit_shown": display(account.aging.credit) if account.aging.credit != ZERO else "",
    }

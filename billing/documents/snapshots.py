"""What an issued statement says for ever: everything its document needs, as words and exact amounts."""

from decimal import Decimal

from billing.models import Client, CreditNote, OfficeProfile, Statement
from billing.rules.dates_in_words import LANGUAGE, day_words, period_words
from billtracker.core.money import to_display, to_text

VERSION = 1
CREDIT_NOTE = "credit_note"


def take_snapshot(statement: Statement, office: OfficeProfile, account: dict | None = None) -> dict:
    """Return the snapshot of a statement with its dates and number, as JSON. Reads, writes nothing.

    ``account`` is what the client owed before it, where the office prints that.
    """
    return {
        "version": VERSION,
        "language": LANGUAGE,
        "office": of_office(office),
        "client": of_client(statement.client),
        "statement": _of_statement(statement),
        "lines": [of_line(line, statement.currency) for line in statement.lines.order_by("position")],
        "account": account,
    }


def of_credit_note(note: CreditNote, office: OfficeProfile) -> dict:
    """Return the snapshot of a credit note with its number, in the form of a statement's: one line."""
    amount, shown = to_text(note.amount, note.currency), to_display(note.amount, note.currency, symbol=False)
    line = {
        "description": note.reason, "quantity": "1", "unit": "", "unit_price": amount,
        "unit_price_shown": shown, "amount": amount, "amount_shown": shown,
    }  # fmt: skip
    head = {
        "number": note.number,
        "kind": CREDIT_NOTE,
        "corrects": note.statement.number,
        "issue_date": note.issue_date.isoformat(),
        "issued_on": day_words(note.issue_date),
        "currency": note.currency,
        "total": amount,
        "total_shown": to_display(note.amount, note.currency),
    }
    return {
        "version": VERSION,
        "language": LANGUAGE,
        "office": of_office(office),
        "client": of_client(note.statement.client),
        "statement": head,
        "lines": [line],
    }


def of_office(office: OfficeProfile) -> dict:
    return {
        "name": office.name,
        "address": lines_of(office.address),
        "tax_number": office.tax_number,
        "bank_lines": lines_of(office.bank_lines),
        "signatories": [person.partition(",")[::2] for person in lines_of(office.signatories)],
        "terms": lines_of(office.terms),
        "footer": office.footer,
        "logo": office.logo.name or "",
        "time_zone": office.time_zone,
    }


def of_client(client: Client) -> dict:
    contacts = client.contacts.billing_recipients()
    return {
        "name": client.name,
        "address": lines_of(client.address),
        "tax_number": client.tax_number,
        "header_note": client.header_note,
        "logo": client.logo.name or "",
        "contacts": [{"name": contact.name, "email": contact.email} for contact in contacts],
    }


def _of_statement(statement: Statement) -> dict:
    if not (statement.issue_date and statement.due_date):
        raise ValueError("A snapshot is taken of a statement with its dates.")
    return {
        "number": statement.number,
        "kind": statement.kind,
        "period": period_words(statement.period_start, statement.period_end),
        "issue_date": statement.issue_date.isoformat(),
        "issued_on": day_words(statement.issue_date),
        "due_date": statement.due_date.isoformat(),
        "due_on": day_words(statement.due_date),
        "currency": statement.currency,
        "total": to_text(statement.total, statement.currency),
        "total_shown": to_display(statement.total, statement.currency),
        "notes": lines_of(statement.notes),
        "replaces": statement.replaces.number if statement.replaces else "",
    }


def of_line(line, currency: str) -> dict:
    return {
        "description": line.description,
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "unit_price": to_text(line.unit_price, currency),
        "unit_price_shown": to_display(line.unit_price, currency, symbol=False),
        "amount": to_text(line.amount, currency),
        "amount_shown": to_display(line.amount, currency, symbol=False),
    }


def plain(quantity: Decimal) -> str:
    """Return a quantity without trailing zeros: ``1``, ``2.5``."""
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]

"""A server's answer in either version of the protocol, checked as a whole before anybody acts on it.

Every number of the JSON is read as text, so that no amount is ever a float. What is odd in one row is
left out and counted; what makes no sense as a whole is refused.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from banksync.simplefin.failures import BankFailure, RequestFailed
from banksync.simplefin.texts import (
    amount_of,
    balance_text,
    currency_of,
    error_line,
    id_of,
    line_of,
    moment_of,
)

MOST_ERRORS = 20
SHORTEST_NAME = 4  # of a bank: a shorter one stands in a text by chance
_QUOTA = re.compile(
    r"rate.?limit|quota|too many requests|requests?\b.{0,20}\b(?:per|a|in|every)\b.{0,5}\bday", re.I
)
_CAPPED = re.compile(r"\bcapped\b|\brange\b.{0,40}\b(?:exceeds?|limit|too (?:long|large))", re.I)


@dataclass(frozen=True, slots=True)
class ServerError:
    """What the server says went wrong, and with which bank or account; empty where it says of none."""

    code: str
    text: str
    institution_id: str = ""
    account_id: str = ""

    @property
    def is_about_quota(self) -> bool:
        """The provider warns that it is asked too often."""
        return bool(_QUOTA.search(self.text))

    @property
    def is_about_range(self) -> bool:
        """The provider gave fewer days than were asked for."""
        return bool(_CAPPED.search(self.text)) and not self.is_about_quota

    @property
    def is_about_sign_in(self) -> bool:
        return self.code.endswith(".auth")


@dataclass(frozen=True, slots=True)
class SentTransaction:
    """One line of an account as it was sent. Money in is positive; a day is that of UTC."""

    id: str
    amount: Decimal
    posted_on: dt.date | None
    transacted_on: dt.date | None
    description: str
    payee: str
    memo: str
    category_code: str
    is_pending: bool


@dataclass(frozen=True, slots=True)
class SentAccount:
    """One account as it was sent; ``currency`` is empty for one that is none of ISO 4217."""

    institution_id: str
    institution: str
    id: str
    name: str
    currency: str
    custom_currency: str
    balance: str
    available_balance: str
    balance_at: dt.datetime | None
    transactions: tuple[SentTransaction, ...]
    odd_row_count: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything of one answer that can be used, what was odd, and what the server complains about."""

    accounts: tuple[SentAccount, ...]
    errors: tuple[ServerError, ...]
    odd_account_count: int = 0

    @property
    def odd_row_count(self) -> int:
        return sum(account.odd_row_count for account in self.accounts)

    @property
    def is_range_cut(self) -> bool:
        return any(error.is_about_range for error in self.errors)

    @property
    def is_quota_warned(self) -> bool:
        return any(error.is_about_quota for error in self.errors)

    def errors_of(self, account: SentAccount) -> list[ServerError]:
        """Return the errors that are about this account, its bank, or nobody in particular."""
        return [
            error
            for error in self.errors
            if error.account_id in ("", account.id)
            if error.institution_id in ("", account.institution_id)
        ]

    def is_complete_for(self, account: SentAccount) -> bool:
        """Say whether what is missing from the account is gone, and not merely unsaid."""
        return not (account.odd_row_count or self.odd_account_count or self.errors_of(account))


def read_answer(body: bytes) -> Answer:
    """Return what the body of an answer says. Raises RequestFailed when it is no whole answer."""
    whole = _load(body)
    errors = [*_list_of(whole, "errlist"), *_list_of(whole, "errors")]
    if "accounts" not in whole and not errors:
        raise RequestFailed(BankFailure.UNREADABLE)
    banks = _names_of_banks(_list_of(whole, "connections"))
    accounts: dict[tuple[str, str], SentAccount] = {}
    sent = _list_of(whole, "accounts")
    for row in sent:
        if (account := _read_account(row, banks)) and (
            key := (account.institution_id, account.id)
        ) not in accounts:
            accounts[key] = account
    known = tuple(accounts.values())
    return Answer(known, tuple(_read_errors(errors, known)), len(sent) - len(known))


def _load(body: bytes) -> Mapping:
    try:
        whole = json.loads(
            body.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):  # of bytes that are no text, too
        whole = None
    if not isinstance(whole, dict):
        raise RequestFailed(BankFailure.UNREADABLE)
    return whole


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON.")


def _list_of(whole: Mapping, name: str) -> list:
    """Return a list of the answer, empty where it is missing; RequestFailed for anything else."""
    value = whole.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RequestFailed(BankFailure.UNREADABLE)
    return value


# --- accounts ----------------------------------------------------------------------------------
def _names_of_banks(rows: Iterable) -> dict[str, str]:
    banks = {}
    for row in rows:
        if isinstance(row, dict) and (key := id_of(row.get("conn_id"))):
            banks[key] = line_of(row.get("name") or row.get("org_name"), 100)
    return banks


def _read_account(row: object, banks: Mapping[str, str]) -> SentAccount | None:
    """Return one account, None for one without an id, which nothing could be known by again."""
    if not isinstance(row, dict) or not (key := id_of(row.get("id"))):
        return None
    institution_id, institution = _bank_of(row, banks)
    currency = currency_of(row.get("currency"))
    rows = row.get("transactions")
    transactions = rows if isinstance(rows, list) else []
    known = _read_transactions(transactions, currency)
    return SentAccount(
        institution_id=institution_id,
        institution=institution,
        id=key,
        name=line_of(row.get("name"), 100) or "Account",
        currency=currency,
        custom_currency="" if currency else line_of(row.get("currency"), 200),
        balance=balance_text(row.get("balance")),
        available_balance=balance_text(row.get("available-balance")),
        balance_at=_moment_or_none(row.get("balance-date")),
        transactions=tuple(known),
        odd_row_count=len(transactions) - len(known) + (rows is not None and not isinstance(rows, list)),
    )


def _bank_of(row: Mapping, banks: Mapping[str, str]) -> tuple[str, str]:
    """Return id and name of the bank: ``conn_id`` of version 2, ``org`` of version 1."""
    if key := id_of(row.get("conn_id")):
        return key, banks.get(key, "")
    org = row.get("org")
    if not isinstance(org, dict):
        return "", ""
    names = ("id", "domain", "sfin-url", "name")
    key = next((key for name in names if (key := id_of(org.get(name)))), "")
    return key, line_of(org.get("name") or org.get("domain"), 100)


def _moment_or_none(value: object) -> dt.datetime | None:
    try:
        return moment_of(value)
    except ValueError:
        return None


# --- transactions ------------------------------------------------------------------------------
def _read_transactions(rows: Iterable, currency: str) -> list[SentTransaction]:
    """Return the rows that can be used; of two with one id the first counts."""
    known: dict[str, SentTransaction] = {}
    for row in rows:
        if (transaction := _read_transaction(row, currency)) and transaction.id not in known:
            known[transaction.id] = transaction
    return list(known.values())


def _read_transaction(row: object, currency: str) -> SentTransaction | None:
    if not isinstance(row, dict):
        return None
    key, amount = id_of(row.get("id")), amount_of(row.get("amount"), currency)
    try:
        posted, transacted = moment_of(row.get("posted")), moment_of(row.get("transacted_at"))
    except ValueError:
        return None
    if not key or amount is None:
        return None
    is_pending = row.get("pending") in (True, "true", "1")
    return SentTransaction(
        id=key,
        amount=amount,
        posted_on=posted.date() if posted else None,
        transacted_on=transacted.date() if transacted else None,
        description=line_of(row.get("description"), 500),
        payee=line_of(row.get("payee"), 200),
        memo=line_of(row.get("memo"), 500),
        category_code=line_of(row.get("mcc"), 10),
        is_pending=is_pending,
    )


# --- errors ------------------------------------------------------------------------------------
def _read_errors(rows: Iterable, accounts: Iterable[SentAccount]) -> Iterable[ServerError]:
    """Return what is said of errors, once each; the protocol's versions may both say it in one answer."""
    known: dict[str, ServerError] = {}
    named = {a.institution: a.institution_id for a in accounts if len(a.institution) >= SHORTEST_NAME}
    for row in rows:
        error = _read_error(row, named)
        if error.text and error.text not in known and len(known) < MOST_ERRORS:
            known[error.text] = error
    return known.values()


def _read_error(row: object, named: Mapping[str, str]) -> ServerError:
    if isinstance(row, dict):
        code = line_of(row.get("code"), 40)
        text = error_line(row.get("msg")) or code or "An error without a message."
        return ServerError(code, text, id_of(row.get("conn_id")), id_of(row.get("account_id")))
    text = error_line(row) or "An error without a message."
    # Version 1 has words alone; they name the bank.
    banks = [key for name, key in named.items() if name.casefold() in text.casefold()]
    return ServerError("", text, banks[0] if len(banks) == 1 else "")

"""The two questions that a SimpleFIN server is asked: an access URL for a token, and accounts."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from banksync.simplefin.answers import Answer, read_answer
from banksync.simplefin.failures import BankFailure, RequestFailed
from banksync.simplefin.tokens import LONGEST, AccessUrl, ClaimUrl, read_access_url
from banksync.simplefin.transport import TOTAL_PATIENCE, get_accounts, post_claim
from billtracker.core.exceptions import InvalidInput

_ONCE = "Get a new setup token from your provider before you try again; nothing was saved."
_CLAIM_SENTENCES = {
    BankFailure.ACCESS_REVOKED: (
        "This setup token is unknown or was used before. If you didn't use it yourself, somebody else may "
        "have: disable it at your provider. Then get a new one; nothing was saved."
    ),
    BankFailure.REDIRECT: f"The provider sent a redirect, which is not followed. {_ONCE}",
    BankFailure.TIMED_OUT: f"The provider didn't answer in time. The token may be used up. {_ONCE}",
    BankFailure.BROKEN: f"The provider's answer broke off. The token may be used up. {_ONCE}",
    BankFailure.UNREACHABLE: "The provider can't be reached. Nothing was saved; try again later.",
    BankFailure.CERTIFICATE: "The provider's certificate isn't trusted. Nothing was sent or saved.",
}


@dataclass(frozen=True, slots=True)
class Window:
    """The days of transactions that are asked for; ``end`` is exclusive, and None means up to now."""

    start: dt.date
    end: dt.date | None = None

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


def claim_access(claim: ClaimUrl) -> AccessUrl:
    """Exchange a setup token for an access URL, in one request. Raises RequestFailed, which says why not."""
    try:
        body = post_claim(claim)
    except RequestFailed as failure:
        raise RequestFailed(failure.failure, status=failure.status, detail=_claim_sentence(failure)) from None
    try:
        return read_access_url(body.decode("ascii") if len(body) <= LONGEST else "")
    except (InvalidInput, UnicodeDecodeError):
        raise RequestFailed(
            BankFailure.UNREADABLE, detail=f"The provider's answer holds no access URL. {_ONCE}"
        ) from None


def _claim_sentence(failure: RequestFailed) -> str:
    if failure.failure is not BankFailure.STATUS and failure.failure is not BankFailure.PAYMENT_REQUIRED:
        return _CLAIM_SENTENCES.get(failure.failure, f"{failure.failure.value} Nothing was saved.")
    status = failure.status or 0
    if status >= 500:
        return f"The provider has a problem of its own (status {status}). {_ONCE}"
    return f"The provider refused this setup token (status {status}). {_ONCE}"


def fetch_answer(
    access: AccessUrl,
    window: Window,
    *,
    with_pending: bool,
    before_each: Callable[[], None],
    patience: float = TOTAL_PATIENCE,
) -> Answer:
    """Return all accounts with their transactions of the window. Raises RequestFailed."""
    parameters = [("version", "2"), ("start-date", str(_epoch(window.start)))]
    if window.end is not None:
        parameters.append(("end-date", str(_epoch(window.end))))
    if with_pending:
        # Left out otherwise: the Bridge takes pending=0 for 1.
        parameters.append(("pending", "1"))
    return read_answer(get_accounts(access, parameters, before_each=before_each, patience=patience))


def _epoch(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())

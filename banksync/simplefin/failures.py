"""What can go wrong on the way to a SimpleFIN server: a kind for the code and a sentence for the person.

No sentence holds an address, a token or a password.
"""

from enum import Enum

from billtracker.core.exceptions import DomainError


class BankFailure(Enum):
    """Why a request brought nothing; the value is the sentence for people."""

    UNREACHABLE = "The bank server can't be reached."
    CERTIFICATE = "The bank server's certificate isn't trusted."
    TIMED_OUT = "The bank server didn't answer in time."
    FORBIDDEN_ADDRESS = (
        "The bank server's address belongs to a private network, which this server doesn't allow."
    )
    REDIRECT = "The bank server sent a redirect, which is not followed."
    TOO_LARGE = "The bank server's answer is larger than 32 MB."
    BROKEN = "The bank server's answer broke off."
    ACCESS_REVOKED = "The bank server no longer accepts this connection."
    PAYMENT_REQUIRED = "The SimpleFIN subscription has lapsed."
    STATUS = "The bank server answered with an error."
    UNREADABLE = "The bank server's answer can't be read."


class RequestFailed(DomainError):
    """A request to a SimpleFIN server brought no answer that can be used; nothing was changed."""

    code = "bank_unavailable"

    def __init__(self, failure: BankFailure, *, status: int | None = None, detail: str = ""):
        is_vague = failure is BankFailure.STATUS and status
        told = f"The bank server answered with status {status}." if is_vague else failure.value
        super().__init__(detail or told)
        self.failure, self.status = failure, status

"""What went wrong on the way to the other side, in words for people."""

from enum import StrEnum


class FailureKind(StrEnum):
    """Who or what is at fault, which decides when it is worth trying again."""

    MESSAGE = "message"  # this one message, for now
    REFUSED = "refused"  # this one message, for good
    SERVER = "server"  # the mail server as a whole
    SIGN_IN = "sign_in"  # the settings, which a person has to mend


class NotSent(Exception):
    """The other side did not accept a message; ``reason`` names no address and no secret of ours."""

    def __init__(self, reason: str, fault: FailureKind):
        super().__init__(reason)
        self.reason = reason
        self.fault = fault

    @property
    def is_server_failure(self) -> bool:
        return self.fault in (FailureKind.SERVER, FailureKind.SIGN_IN)

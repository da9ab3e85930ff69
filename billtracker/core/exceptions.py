"""Errors that carry a sentence for the person; entry points show it as a message or as a 4xx answer."""


class DomainError(Exception):
    """A rule of the trade said no; ``sentence`` tells the person what and what is unharmed.

    ``code`` is stable for machines, ``field`` names the form field at fault, if there is one.
    """

    code = "refused"

    def __init__(self, sentence: str, *, code: str | None = None, field: str | None = None):
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.code
        self.field = field


class InvalidInput(DomainError):
    """What was sent is not well formed, whatever the state of things: 400 in the API."""

    code = "invalid"


class NotAllowed(DomainError):
    """The person may see the thing but may not do this to it."""

    code = "not_allowed"


class LimitReached(DomainError):
    """The person has done this too often of late; ``seconds`` says when it is worth asking again."""

    code = "too_many_requests"

    def __init__(self, sentence: str, *, seconds: int):
        super().__init__(sentence)
        self.seconds = seconds


# Said word for word by the page and by the API; the manual and the runbook look for it.
CSRF_MESSAGE = "CSRF token validation failed"

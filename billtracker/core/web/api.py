"""What every JSON endpoint shares: errors, pages of a list, amounts, writes that may be repeated."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import AfterValidator, BeforeValidator, ConfigDict, StringConstraints, field_validator

from billtracker.core.data import idempotency
from billtracker.core.exceptions import DomainError, InvalidInput, NotAllowed
from billtracker.core.periods import FIRST_YEAR, LAST_YEAR, is_within_reach
from billtracker.core.text import clean, has_surrogates

T = TypeVar("T")
MAX_PAGE_SIZE = 200
Id = Annotated[int, Field(ge=1, lt=2**63)]
AmountText = Annotated[str, StringConstraints(pattern=r"^-?\d{1,14}(\.\d{1,4})?$")]
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def without_nul(text: str) -> str:
    """Return the text; refuse NUL, which no database keeps."""
    if "\0" in text:
        raise ValueError("A text cannot contain the character NUL.")
    return text


def _as_written(value: Any) -> Any:
    """Return the text of a date; refuse any other, which would be read as seconds since 1970."""
    if isinstance(value, dt.date) or (isinstance(value, str) and ISO_DATE.fullmatch(value)):
        return value
    raise ValueError("A date is a text such as 2026-11-30.")


def _within_reach(day: dt.date) -> dt.date:
    """Return the day; refuse one that is no day of anybody's books."""
    if not is_within_reach(day):
        raise ValueError(f"A day lies between the years {FIRST_YEAR} and {LAST_YEAR}.")
    return day


Word = Annotated[str, StringConstraints(max_length=160), AfterValidator(without_nul)]
Day = Annotated[dt.date, BeforeValidator(_as_written), AfterValidator(_within_reach)]


class BadInput(Exception):
    """The request is not well formed: 400 with the field at fault."""

    def __init__(self, message: str, field: str | None = None):
        super().__init__(message)
        self.field = field


class InSchema(Schema):
    """Base of what comes in: unknown fields and NUL are refused, texts are cleaned before all else."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def clean_text(cls, value):
        # Half a character is refused later, where its type is looked at.
        return clean(without_nul(value)) if isinstance(value, str) and not has_surrogates(value) else value


class ErrorBody(Schema):
    """What went wrong, for machines (``code``) and for people (``message``)."""

    code: str
    message: str
    field: str | None = None


class ErrorOut(Schema):
    error: ErrorBody


FAILURES = {400: ErrorOut, 401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: ErrorOut}


def give(schema: Any, status: int = 200) -> dict:
    """Return the answers an endpoint may give: its own, and the failures all share."""
    return {status: schema, **FAILURES}


class PageIn(Schema):
    """Which part of a list to give."""

    page: int = Field(1, ge=1, le=1_000_000)
    page_size: int = Field(50, ge=1, le=MAX_PAGE_SIZE)


class PageOut(Schema, Generic[T]):
    """A part of a list, and how many there are in all."""

    items: list[T]
    count: int


def page_of(rows, page: PageIn, show: Callable[[Any], Any]) -> dict:
    """Return the page of a QuerySet or list, each row turned into its schema by ``show``."""
    start = (page.page - 1) * page.page_size
    count = len(rows) if isinstance(rows, list) else rows.count()
    return {"items": [show(row) for row in rows[start : start + page.page_size]], "count": count}


def once(request: HttpRequest, make: Callable[[], Any]) -> int:
    """Run ``make`` once per ``Idempotency-Key`` and person; return the id of what it made.

    The same key with another body or address raises DomainError. Without a key it always runs.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return make().pk
    if len(key) > 200 or not key.isprintable():
        raise BadInput(
            "An Idempotency-Key has at most 200 characters, all of them visible.", "Idempotency-Key"
        )
    asked = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return idempotency.once(request.user, key, asked, make) or 0


def error(status: int, code: str, message: str, field: str | None = None) -> HttpResponse:
    """Return the one form every error has."""
    body = ErrorOut(error=ErrorBody(code=code, message=message, field=field))
    return HttpResponse(body.model_dump_json(), status=status, content_type="application/json")


CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    429: "too_many_requests",
}
# Where pydantic found the fault, without the names that only our code knows.
OUR_NAMES = frozenset({"body", "payload", "query", "path", "page"})


def _answer_refusal(request: HttpRequest, exc: DomainError) -> HttpResponse:
    status = 403 if isinstance(exc, NotAllowed) else 400 if isinstance(exc, InvalidInput) else 409
    return error(status, exc.code, exc.sentence, exc.field)


def _answer_malformed(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    first = exc.errors[0]
    *outer, last = map(str, first["loc"])
    path = ".".join([*(part for part in outer if part not in OUR_NAMES), last])
    # A field that nobody knows may have any name, a lone surrogate too, which no answer can hold.
    return error(400, "invalid", first["msg"], path.encode("utf-8", "replace").decode()[:200] or None)


def _wrong(request: HttpRequest, exc: BadInput) -> HttpResponse:
    return error(400, "invalid", str(exc), exc.field)


def _unknown(request: HttpRequest, exc: AuthenticationError) -> HttpResponse:
    response = error(401, CODES[401], "Sign in, or send a valid token: Authorization: Bearer TOKEN.")
    response["WWW-Authenticate"] = "Bearer"
    return response


def _absent(request: HttpRequest, exc: Http404) -> HttpResponse:
    return error(404, CODES[404], "There is nothing here, or it is not yours to see.")


def forbidden(request: HttpRequest, exc: PermissionDenied) -> HttpResponse:
    return error(403, CODES[403], str(exc) or "Your role does not allow this.")


def other(request: HttpRequest, exc: HttpError) -> HttpResponse:
    return error(exc.status_code, CODES.get(exc.status_code, "refused"), str(exc))


ANSWERS = {
    DomainError: _answer_refusal,
    ValidationError: _answer_malformed,
    BadInput: _wrong,
    AuthenticationError: _unknown,
    Http404: _absent,
    PermissionDenied: forbidden,
    HttpError: other,
}


def add_error_handlers(api: NinjaAPI) -> None:
    """Give every kind of failure its status and the common form."""
    for exception, answer in ANSWERS.items():
        api.add_exception_handler(exception, cast(Any, answer))

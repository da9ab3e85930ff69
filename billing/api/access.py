"""What the office's JSON API shares: who gets in, and rows filled from what was sent."""

from typing import TypeVar, cast

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import Query

from billing import services
from billing.access import OfficeRequest, require_permission
from billing.documents.kinds import Source
from billing.models import Document
from billing.rules.policy import Permission
from billtracker.accounts.access.api_auth import SessionAuth, TokenAuth
from billtracker.core.exceptions import DomainError
from billtracker.core.web.api import BadInput

Row = TypeVar("Row", bound=Model)
Page = Query(...)
PDF = {
    "responses": {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}
}


class OfficeToken(TokenAuth):
    """A token of somebody who may do the act; asked before anything else is read."""

    def __init__(self, act: Permission):
        super().__init__()
        self.act = act

    def authenticate(self, request: HttpRequest, token: str):
        found = super().authenticate(request, token)
        if found is not None:
            require_permission(cast(OfficeRequest, request), self.act)
        return found


class OfficeSession(SessionAuth):
    """A session of somebody who may do the act."""

    def __init__(self, act: Permission):
        super().__init__()
        self.act = act

    def __call__(self, request: HttpRequest):
        user = super().__call__(request)
        if user is not None:
            require_permission(cast(OfficeRequest, request), self.act)
        return user


def may(act: Permission) -> list:
    """Let in those who may do that: 404 without any office role, 403 with another one."""
    return [OfficeToken(act), OfficeSession(act)]


READERS = may(Permission.READ)


def fill_row(row: Row, fields: dict) -> Row:
    """Set the row's fields and check them as a form does; BadInput names the field."""
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise BadInput(messages[0], None if field == "__all__" else field) from None
    return row


def pdf_answer(source: Source, kind: str = Document.Kind.ORIGINAL) -> HttpResponse:
    """Give the stored bytes; DomainError while there are none, or when they are not what was stored."""
    document = source.documents.filter(kind=kind).first()
    if document is None:
        raise DomainError(f"The PDF of {source} is not made yet; try again soon.", code="no_document_yet")
    response = HttpResponse(services.read_document(document), content_type="application/pdf")
    mark = "-VOID" if kind == Document.Kind.VOID else ""
    name = f"{source}{mark}.pdf".replace("/", "-")
    response.headers["Content-Disposition"] = content_disposition_header(False, name) or "attachment"
    response.headers["X-Content-SHA256"] = document.sha256
    return response

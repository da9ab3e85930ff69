"""The money block of a statement's page: figures, rows, and the forms that may change them."""

from decimal import Decimal

from billing import services
from billing.access import OfficeRequest
from billing.documents.kinds import CREDIT_NOTE
from billing.forms.payments import CertificateForm, CreditNoteForm, SettleForm, VoidRecordForm
from billing.models import Sequence, Statement
from billing.reports.balances import version_of
from billing.reports.office import office_today
from billing.reports.statement_money import money_of
from billing.rules.policy import Permission
from billtracker.core.money import ZERO


def money_context(request: OfficeRequest, statement: Statement) -> dict:
    """Return what the block shows; nothing of it for a draft."""
    if statement.is_open:
        return {}
    money = money_of(statement, office_today())
    is_owing = statement.state == Statement.State.ISSUED and money.left > ZERO
    return {
        "money": money,
        "settlements": [_settlement_forms(row) for row in money.settlements],
        "money_version": version_of(statement),
        "may_settle": is_owing and Permission.RECORD_PAYMENTS in request.permissions,
        "may_credit": is_owing and Permission.REVIEW in request.permissions,
        "may_receive": Permission.RECORD_PAYMENTS in request.permissions,
        "may_void_settlement": Permission.VERIFY_PAYMENTS in request.permissions,
        "settle_form": settle_form(request, statement),
        "credit_form": credit_form(statement, money.left),
        "expected": services.expected_number(Sequence.objects.get(code=CREDIT_NOTE.sequence), office_today()),
    }


def settle_form(request: OfficeRequest, statement: Statement, data=None) -> SettleForm:
    may_write_off = Permission.VERIFY_PAYMENTS in request.permissions
    return SettleForm(data, currency=statement.currency, may_write_off=may_write_off, prefix="settle")


def credit_form(statement: Statement, most: Decimal, data=None) -> CreditNoteForm:
    return CreditNoteForm(data, currency=statement.currency, most=most, prefix="credit")


def _settlement_forms(row) -> tuple:
    """Return a settlement with the forms for its certificate and its voiding."""
    certificate = CertificateForm(prefix=f"certificate-{row.pk}", initial={"number": row.certificate_number})
    return row, certificate, VoidRecordForm(prefix=f"void-settlement-{row.pk}")


def with_refused(context: dict, refused: dict) -> dict:
    """Put a settlement's refused form, ``{(key, "certificate" or "void"): form}``, into its row."""
    rows = [
        (row, refused.get((row.pk, "certificate"), certificate), refused.get((row.pk, "void"), void))
        for row, certificate, void in context.get("settlements", [])
    ]
    return context | {"settlements": rows}

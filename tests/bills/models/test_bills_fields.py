"""Form, API and files hold the same fields of a bill as the model."""

from bills.api.schemas.bills import BillIn, BillOut, BillPatch
from bills.forms.bills import BillForm
from bills.imports.bills import FIELDS
from bills.models import Bill

FIELDS_OF_A_BILL = {field.name for field in Bill.own_fields()}
# Which fields of a bill each field of a file sets.
SETS = {
    "name": ["name"], "category": ["category"], "amount": ["expected_amount"],
    "due_day": ["due_day", "second_due_day"], "cycle": ["unit", "interval"], "first_due": ["start_date"],
    "end_date": ["end_date"], "autopay": ["is_autopay"], "notes": ["notes"], "currency": ["currency"],
}  # fmt: skip
# What a file cannot say takes the model's default; START_MONTH says where tracking starts.
LEFT_OUT_OF_FILES = {
    "instalments", "weekend_shift", "tracked_from", "is_active", "is_variable", "is_subscription", "website",
    "account_reference", "user_name_hint", "debt_balance", "debt_apr", "debt_minimum_payment",
    "reminder_lead_days",
}  # fmt: skip


def test_the_form_has_every_field():
    """Unit and interval are one choice there; pausing has a button of its own."""
    ours = set(BillForm.base_fields) - {"cycle", "every", "past", "seen"} | {"unit", "interval", "is_active"}
    assert ours == FIELDS_OF_A_BILL


def test_the_api_takes_and_gives_every_field():
    named = {"amount" if name == "expected_amount" else name for name in FIELDS_OF_A_BILL}
    assert set(BillIn.model_fields) == set(BillPatch.model_fields) == named
    assert set(BillOut.model_fields) == named | {"id", "household"}


def test_a_file_sets_every_field_or_leaves_it_out_on_purpose():
    assert set(SETS) == {field.name for field in FIELDS}
    assert {name for names in SETS.values() for name in names} == FIELDS_OF_A_BILL - LEFT_OUT_OF_FILES

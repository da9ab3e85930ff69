"""Addresses of the bills app."""

from django.urls import include, path, register_converter

from bills.views import bills, categories, occurrences, payments, tracker
from billtracker.core.web.converters import IsoDateConverter

register_converter(IsoDateConverter, "date")
ON = "bills/<int:pk>/<date:day>/"

app_name = "bills"
urlpatterns = [
    path("tracker/", tracker.tracker, name="tracker"),
    path("tracker/pay-due/", tracker.pay_due, name="pay_due"),
    path("tracker/<int:year>/<int:month>/", tracker.tracker_month, name="tracker_month"),
    path("tracker/<int:year>/<int:month>/csv/", tracker.tracker_csv, name="tracker_csv"),
    path("bills/", bills.bill_list, name="bill_list"),
    path("bills/new/", bills.bill_create, name="bill_create"),
    path("bills/<int:pk>/", bills.bill, name="bill"),
    path("bills/<int:pk>/edit/", bills.bill_edit, name="bill_edit"),
    path("bills/<int:pk>/pause/", bills.bill_pause, name="bill_pause"),
    path("bills/<int:pk>/resume/", bills.bill_resume, name="bill_resume"),
    path("bills/<int:pk>/delete/", bills.bill_delete, name="bill_delete"),
    path("bills/<int:pk>/restore/", bills.bill_restore, name="bill_restore"),
    path(ON, occurrences.occurrence, name="occurrence"),
    path(f"{ON}pay/", occurrences.pay, name="occurrence_pay"),
    path(f"{ON}pay-full/", occurrences.pay_full, name="occurrence_pay_full"),
    path(f"{ON}confirm/", occurrences.confirm, name="occurrence_confirm"),
    path(f"{ON}autopay-failed/", occurrences.autopay_failed, name="occurrence_autopay_failed"),
    path(f"{ON}skip/", occurrences.skip, name="occurrence_skip"),
    path(f"{ON}unskip/", occurrences.unskip, name="occurrence_unskip"),
    path(f"{ON}snooze/", occurrences.snooze, name="occurrence_snooze"),
    path(f"{ON}note/", occurrences.note, name="occurrence_note"),
    path(f"{ON}amount/", occurrences.other_amount, name="occurrence_amount"),
    path("bills/payments/split/", payments.split_payment, name="split_payment"),
    path("bills/payments/undo/", payments.undo, name="payments_undo"),
    path("bills/payments/restore/", payments.restore, name="payments_restore"),
    path("bills/payments/<int:pk>/", payments.payment, name="payment"),
    path("categories/", categories.category_list, name="category_list"),
    path("categories/<int:pk>/", categories.category_edit, name="category_edit"),
    path("categories/<int:pk>/delete/", categories.category_delete, name="category_delete"),
    path("categories/<int:pk>/restore/", categories.category_restore, name="category_restore"),
    path("bin/", bills.bin_page, name="bin"),
    path("data/", include("bills.urls.data")),
]

"""What can be done with bills, occurrences and payments."""

from bills.services.bills import (
    activate_bill,
    deactivate_bill,
    delete_bill,
    delete_category,
    restore_bill,
    restore_category,
    save_bill,
    save_category,
)
from bills.services.bin import purge_bin
from bills.services.occurrences import (
    change_occurrence,
    make_all_occurrences,
    make_due_occurrences,
    report_autopay_failure,
    set_note,
    set_other_amount,
    skip_occurrence,
    snooze_occurrence,
    unskip_occurrence,
)
from bills.services.payments import (
    confirm_autopay,
    delete_payments,
    pay_in_full,
    record_payment,
    restore_payments,
)
from bills.services.reminders import (
    plan_household_reminders,
    remind_everyone,
)

__all__ = [
    "activate_bill",
    "change_occurrence",
    "confirm_autopay",
    "deactivate_bill",
    "delete_bill",
    "delete_category",
    "delete_payments",
    "make_all_occurrences",
    "make_due_occurrences",
    "pay_in_full",
    "plan_household_reminders",
    "purge_bin",
    "record_payment",
    "remind_everyone",
    "report_autopay_failure",
    "restore_bill",
    "restore_category",
    "restore_payments",
    "save_bill",
    "save_category",
    "set_note",
    "set_other_amount",
    "skip_occurrence",
    "snooze_occurrence",
    "unskip_occurrence",
]

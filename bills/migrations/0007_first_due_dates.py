"""The first date of a bill is its first due date: one on another day is moved to the date that came of it."""

import calendar
import datetime as dt

from django.db import migrations


def clamp(year, month, day):
    return day if day <= 28 else min(day, calendar.monthrange(year, month)[1])


def first_due_date(bill):
    """Return the first date on or after the start on which the bill was due."""
    start, days = bill.start_date, sorted({day for day in (bill.due_day, bill.second_due_day) if day})
    step = bill.interval * {"year": 12}.get(bill.unit, 1) if bill.unit != "twice_a_month" else 1
    months = 12 * start.year + start.month - 1
    while True:
        year, month = months // 12, months % 12 + 1
        dates = [dt.date(year, month, clamp(year, month, day)) for day in days]
        if found := [date for date in dates if date >= start]:
            return min(found)
        months += step


def start_on_due_dates(apps, schema_editor):
    bills = apps.get_model("bills", "Bill").objects
    named = bills.filter(unit__in=["month", "year", "twice_a_month"]).exclude(due_day=None)
    for bill in named.only("unit", "interval", "start_date", "due_day", "second_due_day").iterator():
        first = first_due_date(bill)
        # A date beyond the last year never came; such a bill stays for its owner to correct.
        if first != bill.start_date and first.year < 2200:
            bills.filter(pk=bill.pk).update(start_date=first)


class Migration(migrations.Migration):
    dependencies = [("bills", "0006_currencies")]

    operations = [migrations.RunPython(start_on_due_dates, migrations.RunPython.noop)]

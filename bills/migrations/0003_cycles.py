"""Each due date gets the cycle that it stands for; a second one in the same cycle stands for its day alone."""

import datetime as dt

from django.db import migrations, models


def cycle_of(bill, day):
    """Return the first day of the cycle and the day after it, as the schedule was read on that day."""
    if bill.unit == "once":
        return dt.date.min, dt.date.max
    if bill.unit == "week":
        monday = day - dt.timedelta(days=day.weekday())
        return monday, monday + dt.timedelta(weeks=bill.interval)
    first = day.replace(day=1)
    if bill.unit == "twice_a_month":
        middle = day.replace(day=16)
        days = sorted((bill.due_day, bill.second_due_day))
        is_late = abs(day.day - min(days[1], 31)) < abs(day.day - days[0])
        return (middle, after(first, 1)) if is_late else (first, middle)
    return first, after(first, bill.interval * (12 if bill.unit == "year" else 1))


def after(first, months):
    years, month = divmod(first.month - 1 + months, 12)
    return dt.date(first.year + years, month + 1, 1)


def fill(apps, schema_editor):
    Bill, Occurrence = apps.get_model("bills", "Bill"), apps.get_model("bills", "Occurrence")
    fields = ("unit", "interval", "due_day", "second_due_day")
    for bill in Bill.objects.only(*fields).order_by("pk").iterator():
        rows, taken = list(Occurrence.objects.filter(bill=bill).order_by("scheduled_date")), set()
        for row in rows:
            row.cycle_start, row.cycle_end = cycle_of(bill, row.scheduled_date)
            if row.cycle_start in taken:
                row.cycle_start = row.scheduled_date
                row.cycle_end = row.scheduled_date + dt.timedelta(days=1)
            taken.add(row.cycle_start)
        # Where the schedule was a shorter one once, a cycle ends where the next one begins.
        for row, following in zip(rows, rows[1:]):
            if row.cycle_start < following.cycle_start < row.cycle_end < dt.date.max:
                row.cycle_end = following.cycle_start
        Occurrence.objects.bulk_update(rows, ["cycle_start", "cycle_end"], batch_size=300)


class Migration(migrations.Migration):
    dependencies = [("bills", "0002_reminder_lead_days")]

    operations = [
        migrations.AddField("occurrence", "cycle_start", models.DateField(editable=False, null=True)),
        migrations.AddField("occurrence", "cycle_end", models.DateField(editable=False, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

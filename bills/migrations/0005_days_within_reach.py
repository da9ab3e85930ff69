"""Days of bills, due dates and payments lie in one range of years; slips of the pen beyond it are moved to its edge."""

import datetime as dt

from django.db import migrations, models
from django.db.models import Q

FIRST, LAST = dt.date(1970, 1, 1), dt.date(2199, 12, 31)


def within_reach(name):
    return Q(**{name: None}) | Q(**{f"{name}__range": (FIRST, LAST)})


def move_to_the_edge(apps, schema_editor):
    Occurrence = apps.get_model("bills", "Occurrence")
    outside = Occurrence.objects.exclude(within_reach("scheduled_date") & within_reach("due_date"))
    # What nobody touched was only made because of the slip.
    outside.filter(splits=None, note="", skipped_at=None, override_amount=None).delete()
    for number, row in enumerate(outside.order_by("scheduled_date")):
        row.scheduled_date = row.due_date = FIRST + dt.timedelta(days=number)
        row.save(update_fields=["scheduled_date", "due_date"])
    for model, name in (
        ("Bill", "start_date"), ("Bill", "end_date"), ("Bill", "tracked_from"),
        ("Occurrence", "snoozed_until"), ("Payment", "paid_on"),
    ):  # fmt: skip
        rows = apps.get_model("bills", model).objects
        rows.filter(**{f"{name}__lt": FIRST}).update(**{name: FIRST})
        rows.filter(**{f"{name}__gt": LAST}).update(**{name: LAST})


def check(model, name, *fields):
    condition = Q()
    for field in fields:
        condition &= within_reach(field)
    return migrations.AddConstraint(model, models.CheckConstraint(condition=condition, name=name))


class Migration(migrations.Migration):
    dependencies = [("bills", "0004_cycle_once")]

    operations = [
        migrations.RunPython(move_to_the_edge, migrations.RunPython.noop),
        check("bill", "bill_days_within_reach", "start_date", "end_date", "tracked_from"),
        check("occurrence", "occurrence_days_within_reach", "scheduled_date", "due_date", "snoozed_until"),
        check("payment", "payment_day_within_reach", "paid_on"),
    ]

"""Lead days of reminders are checked from now on; longer lists and days beyond 60 are cut."""

from django.db import migrations, models

import billtracker.core.settings.lead_days


def cut(apps, schema_editor):
    Bill = apps.get_model("bills", "Bill")
    for bill in Bill.objects.exclude(reminder_lead_days="").only("reminder_lead_days").iterator():
        parts = [part.strip() for part in bill.reminder_lead_days.split(",")]
        days = sorted({int(part) for part in parts if part.isdigit() and 1 <= int(part) <= 60}, reverse=True)
        Bill.objects.filter(pk=bill.pk).update(reminder_lead_days=", ".join(map(str, days[:5])) or "none")


class Migration(migrations.Migration):
    dependencies = [("bills", "0001_initial")]

    operations = [
        migrations.RunPython(cut, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="bill",
            name="reminder_lead_days",
            field=models.CharField(
                blank=True,
                help_text="Days before the due date, such as 7, 1, none, or off; empty: the household's.",
                max_length=40,
                validators=[billtracker.core.settings.lead_days.validate_lead_days],
            ),
        ),
    ]

"""The database holds that a payment settles due dates of its own currency."""

from django.db import migrations

from billtracker.core.data.frozen_sql import frozen_sql


class Migration(migrations.Migration):
    dependencies = [("bills", "0005_days_within_reach")]

    operations = [
        migrations.RunPython(
            frozen_sql(__file__, "0006_currencies.create"), frozen_sql(__file__, "0006_currencies.drop")
        ),
    ]

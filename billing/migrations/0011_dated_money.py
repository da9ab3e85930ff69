"""What is applied, refunded, settled or voided holds on each day from its own on, for the database too."""

from django.db import migrations

from billtracker.core.data.frozen_sql import frozen_sql


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_requires_second_person")]

    operations = [
        migrations.RunPython(
            frozen_sql(__file__, "0011_dated_money.create"), frozen_sql(__file__, "0011_dated_money.drop")
        ),
    ]

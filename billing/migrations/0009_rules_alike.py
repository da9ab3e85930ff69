"""The rules of issued documents are the same list on both engines from here on, one trigger for each.

On Postgres those that guard against SQLite's INSERT OR REPLACE go: unique constraints refuse the row there.
"""

from django.db import migrations

from billtracker.core.data.frozen_sql import frozen_sql


class Migration(migrations.Migration):
    dependencies = [("billing", "0008_prior_balance")]

    operations = [
        migrations.RunPython(
            frozen_sql(__file__, "0009_rules_alike.create"), frozen_sql(__file__, "0009_rules_alike.drop")
        ),
    ]

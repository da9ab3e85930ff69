"""The rules of the audit log are the same list on both engines from here on, with other names on Postgres."""

from django.db import migrations

from billtracker.core.data.frozen_sql import frozen_sql


class Migration(migrations.Migration):
    dependencies = [("core", "0005_restoration")]

    operations = [
        migrations.RunPython(
            frozen_sql(__file__, "0006_audit_rules.create"), frozen_sql(__file__, "0006_audit_rules.drop")
        ),
    ]

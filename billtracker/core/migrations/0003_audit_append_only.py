"""The database itself refuses to change or delete audit entries."""

from django.db import migrations

from billtracker.core.data.frozen_sql import frozen_sql


class Migration(migrations.Migration):
    dependencies = [("core", "0002_imports_and_settings")]

    operations = [
        migrations.RunPython(
            frozen_sql(__file__, "0003_audit_append_only.create"),
            frozen_sql(__file__, "0003_audit_append_only.drop"),
        ),
    ]

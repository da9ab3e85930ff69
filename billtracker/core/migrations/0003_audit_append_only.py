"""The database itself refuses to change or delete audit entries."""

from django.db import migrations

from billtracker.core import audit_triggers


class Migration(migrations.Migration):
    dependencies = [("core", "0002_imports_and_settings")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: audit_triggers.create(editor.connection),
            lambda apps, editor: audit_triggers.drop(editor.connection),
        ),
    ]

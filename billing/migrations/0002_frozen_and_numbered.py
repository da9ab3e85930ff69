"""What is issued is frozen by the database itself; the sequence of statements is there from the start."""

from django.db import migrations

from billtracker.core.data.frozen_sql import frozen_sql


def make_sequences(apps, schema_editor):
    apps.get_model("billing", "Sequence").objects.get_or_create(code="SOA", defaults={"prefix": "SOA"})


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_books")]

    operations = [
        migrations.RunPython(make_sequences, migrations.RunPython.noop),
        migrations.RunPython(
            frozen_sql(__file__, "0002_frozen_documents.create"),
            frozen_sql(__file__, "0002_frozen_documents.drop"),
        ),
    ]

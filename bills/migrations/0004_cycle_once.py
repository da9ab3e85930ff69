"""No cycle of a bill stands twice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bills", "0003_cycles")]

    operations = [
        migrations.AlterField("occurrence", "cycle_start", models.DateField(editable=False)),
        migrations.AlterField("occurrence", "cycle_end", models.DateField(editable=False)),
        migrations.AddConstraint(
            "occurrence",
            models.UniqueConstraint(fields=["bill", "cycle_start"], name="occurrence_cycle_once"),
        ),
    ]

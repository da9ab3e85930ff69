"""What the daily check found about balances, beside chain and numbers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0011_dated_money")]

    operations = [
        migrations.AddField("bookscheck", "balance_faults", models.JSONField(default=list)),
    ]

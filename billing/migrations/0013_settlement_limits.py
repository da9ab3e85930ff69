"""The office's limits for settlements without money, and what the database holds about them."""

import django.core.validators
from django.db import migrations, models

from billtracker.core.data.frozen_sql import frozen_sql


class Migration(migrations.Migration):
    dependencies = [("billing", "0012_balance_faults")]

    operations = [
        migrations.AddField(
            "officeprofile",
            "rounding_step",
            models.PositiveSmallIntegerField(
                default=1,
                help_text="The largest rounding difference of a statement, in the currency's smallest amounts.",
                validators=[django.core.validators.MaxValueValidator(1000)],
            ),
        ),
        migrations.AddField(
            "officeprofile",
            "charge_share",
            models.PositiveSmallIntegerField(
                default=5,
                help_text="Bank charges beyond so many percent of a statement need a reason and who may verify.",
                validators=[django.core.validators.MaxValueValidator(100)],
            ),
        ),
        migrations.AddConstraint(
            "officeprofile",
            models.CheckConstraint(
                condition=models.Q(rounding_step__lte=1000, charge_share__lte=100),
                name="office_settlement_limits",
            ),
        ),
        migrations.RunPython(
            frozen_sql(__file__, "0013_settlement_limits.create"),
            frozen_sql(__file__, "0013_settlement_limits.drop"),
        ),
    ]

"""The two-person rule of the office under the name that the trade has for it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("billing", "0009_rules_alike")]

    operations = [
        migrations.RenameField("officeprofile", "has_four_eyes", "requires_second_person"),
    ]

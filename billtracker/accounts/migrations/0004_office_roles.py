"""The four office roles, so that an administrator finds them to give."""

from django.db import migrations

OFFICE_ROLES = ("Admin", "Biller", "Reviewer", "Viewer")


def make_office_roles(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects
    for name in OFFICE_ROLES:
        groups.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_household_is_demo"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_office_roles, migrations.RunPython.noop)]

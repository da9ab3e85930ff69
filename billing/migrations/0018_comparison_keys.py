"""Names and booklet numbers of before are compared in the form of now: without width, kinds of dashes and
what cannot be seen.
"""

from contextlib import contextmanager

from django.db import migrations

from billtracker.core.text import comparison_key

FROZEN = "payment_frozen"


@contextmanager
def _rule_lifted(connection):
    """Lift the rule that freezes posted payments: the key is not what was written, only how it is compared."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Postgres alters no table while checks of its rows are put off.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE billing_payment DISABLE TRIGGER {FROZEN}")
            yield
            cursor.execute(f"ALTER TABLE billing_payment ENABLE TRIGGER {FROZEN}")
        else:
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = %s", [FROZEN])
            [sql] = cursor.fetchone()
            cursor.execute(f"DROP TRIGGER {FROZEN}")
            yield
            cursor.execute(sql)


def compare_alike(apps, editor):
    """Write each key anew; one that another row has by now stays as it is, and both rows stay."""
    Client, Payment = (apps.get_model("billing", name) for name in ("Client", "Payment"))
    for client in Client.objects.order_by("pk"):
        key = comparison_key(client.name)
        if key and key != client.name_key and not Client.objects.filter(name_key=key).exists():
            Client.objects.filter(pk=client.pk).update(name_key=key)
    with _rule_lifted(editor.connection):
        live = Payment.objects.exclude(state="void").exclude(manual_key="")
        for payment in live.order_by("pk"):
            key = comparison_key(payment.manual_number).replace(" ", "")
            if key and key != payment.manual_key and not live.filter(manual_key=key).exists():
                Payment.objects.filter(pk=payment.pk).update(manual_key=key)


class Migration(migrations.Migration):
    dependencies = [("billing", "0017_payers_by_group")]
    operations = [migrations.RunPython(compare_alike, migrations.RunPython.noop)]

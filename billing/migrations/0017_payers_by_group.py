"""Clients that pay for each other become payer groups, and the database holds who pays for whom.

Until now any two clients with the same label could. Where money of one is applied to another's statement,
exactly those clients become a group, so that what is there could be applied today as well.
"""

from django.db import migrations
from django.db.models import F

from billtracker.core.data.frozen_sql import frozen_sql
from billtracker.core.text import comparison_key

LONGEST = 80


def make_payer_groups(apps, editor):
    Client, PayerGroup = apps.get_model("billing", "Client"), apps.get_model("billing", "PayerGroup")
    pairs = sorted(_applied_across(apps.get_model("billing", "Allocation")))
    ids = {pk for pair in pairs for pk in pair}
    clients = {client.pk: client for client in Client.objects.filter(pk__in=ids)}
    taken = set(PayerGroup.objects.values_list("name_key", flat=True))
    for members in _joined(pairs, {pk: comparison_key(client.group) for pk, client in clients.items()}):
        labels = [clients[pk].group for pk in members if comparison_key(clients[pk].group)]
        name = _free_name((labels or [clients[members[0]].name])[0], taken)
        group = PayerGroup.objects.create(name=name, name_key=comparison_key(name))
        Client.objects.filter(pk__in=members, payer_group=None).update(payer_group=group)


def _applied_across(allocations):
    """Return (payer, owing) of what is applied to another client's statement and not taken off again."""
    rows = allocations.objects.filter(payment__isnull=False, reverses=None, reversed_by=None)
    across = rows.exclude(payment__client=F("statement__client")).order_by()
    return set(across.values_list("payment__client", "statement__client"))


def _joined(pairs, labels):
    """Return the clients of each group in order: those of one label, and those that a payment joins."""
    groups = []
    for payer, owing in pairs:
        same = labels[payer] if labels[payer] == labels[owing] else ""
        touched = [one for one in groups if {payer, owing} & one[0] or (same and same in one[1])]
        groups = [one for one in groups if one not in touched]
        members = {payer, owing}.union(*(one[0] for one in touched))
        groups.append((members, ({same} - {""}).union(*(one[1] for one in touched))))
    return sorted(sorted(members) for members, _labels in groups)


def _free_name(name, taken):
    """Return the name, with a number where another group has it."""
    name = " ".join(name.split())[:LONGEST]
    number, free = 2, name
    while comparison_key(free) in taken:
        number, free = number + 1, f"{name[: LONGEST - 6]} {number}"
    taken.add(comparison_key(free))
    return free


class Migration(migrations.Migration):
    dependencies = [("billing", "0016_payer_groups")]

    operations = [
        migrations.RunPython(make_payer_groups, migrations.RunPython.noop),
        migrations.RunPython(
            frozen_sql(__file__, "0017_payers_by_group.create"), frozen_sql(__file__, "0017_payers_by_group.drop")
        ),
    ]

"""A process that issues statements, takes some of them back, and may be killed at any moment."""

import random
import sys
from contextlib import suppress

import django


def main(statement_ids: list[int], actor_id: int, seed: int) -> None:
    """Issue each statement; three of ten attempts are rolled back first and tried again."""
    django.setup()
    from django.db import transaction

    from billing import services
    from billing.models import Statement
    from billtracker.accounts.models import User
    from billtracker.core.exceptions import DomainError

    chance, actor = random.Random(seed), User.objects.get(pk=actor_id)
    for pk in statement_ids:
        statement = Statement.objects.get(pk=pk)
        # A DomainError says that another process was first; then nothing was taken.
        with suppress(DomainError):
            while chance.random() < 0.3:
                with transaction.atomic():
                    services.issue_statement(actor=actor, statement=statement)
                    transaction.set_rollback(True)
            services.issue_statement(actor=actor, statement=statement)
        sys.stdout.write(f"{pk}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    ids, actor, number = sys.argv[1:]
    main([int(part) for part in ids.split(",")], int(actor), int(number))

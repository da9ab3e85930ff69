"""A process that does what each line of its input asks for with money, and says what came of it."""

import json
import sys
from decimal import Decimal

import django


def main(actor_id: int) -> None:
    """Read ``verb payment statement amount`` lines; write "done", or the code of the refusal."""
    django.setup()
    from billing.models import Payment, Statement
    from billtracker.accounts.models import User
    from billtracker.core.exceptions import DomainError

    actor = User.objects.get(pk=actor_id)
    say("ready")
    for line in sys.stdin:
        verb, payment, statement, amount = json.loads(line)
        rows = Payment.objects.get(pk=payment), Statement.objects.get(pk=statement)
        try:
            act(actor, verb, *rows, Decimal(amount))
        except DomainError as error:
            say(error.code)
        else:
            say("done")


def act(actor, verb: str, payment, statement, amount: Decimal) -> None:
    from billing import services

    why = "A reason that is long enough"
    match verb:
        case "allocate":
            services.allocate_payment(actor=actor, payment=payment, statement=statement, amount=amount)
        case "refund":
            services.refund_credit(actor=actor, payment=payment, amount=amount, reason=why)
        case "void":
            services.void_payment(actor=actor, payment=payment, cause="error", reason=why)
        case "credit":
            services.issue_credit_note(actor=actor, statement=statement, amount=amount, reason=why)


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""A process that runs the cycle in chunks of ten, and waits to be killed within one of them."""

import sys
import time

import django


def main(chunks: int) -> None:
    """Do that many chunks, then stay inside the transaction of the one after."""
    django.setup()
    from billing.reports import retainer_cycle as reports
    from billing.services import retainer_cycle
    from billtracker.accounts.models import User
    from billtracker.core.periods import Month

    reports.CHUNK, done, write = 10, [], retainer_cycle.write

    def write_and_wait(*given):
        write(*given)
        if len(done) == chunks:
            sys.stdout.write(f"{chunks}\n")
            sys.stdout.flush()
            time.sleep(600)
        done.append(1)

    retainer_cycle.write = write_and_wait
    retainer_cycle.run_cycle(actor=User.objects.get(username="ben"), month=Month(2025, 9))


if __name__ == "__main__":
    main(int(sys.argv[1]))

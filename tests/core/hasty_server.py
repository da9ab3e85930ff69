"""``serve`` with a launcher that takes a worker for hung after seconds instead of minutes."""

import datetime as dt
import os
import sys

import django


def main(seconds: float, *options: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billtracker.settings")
    django.setup()
    from django.core.management import call_command

    from billtracker.core import launcher, processes

    launcher.HUNG_AFTER = dt.timedelta(seconds=seconds)
    processes.Watch.every = 0.5
    call_command("serve", *options)


if __name__ == "__main__":
    main(float(sys.argv[1]), *sys.argv[2:])

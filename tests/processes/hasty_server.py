"""``serve`` that does within seconds what otherwise takes minutes.

Run as ``python -m tests.processes.hasty_server SECONDS [OPTION ...]``: a worker that is silent for so many
seconds is taken for hung, and the schedule is looked at as soon as a worker starts, not after half a minute.
"""

import datetime as dt
import os
import sys

import django


def main(seconds: float, *options: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billtracker.settings")
    django.setup()
    from django.core.management import call_command

    from billtracker.core.process import launcher, supervisor

    launcher.HUNG_AFTER = dt.timedelta(seconds=seconds)
    launcher.COMMANDS["worker"] = [sys.executable, "-m", "tests.processes.hasty_worker"]
    supervisor.HangCheck.every = 0.5
    supervisor.PATIENCE = 2.0
    call_command("serve", *options)


if __name__ == "__main__":
    main(float(sys.argv[1]), *sys.argv[2:])

"""``serve`` with a launcher that takes a worker for hung after seconds instead of minutes."""

import datetime as dt
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billtracker.settings")

import django
from django.core.management import call_command

from billtracker.core import launcher, processes

if __name__ == "__main__":
    launcher.HUNG_AFTER = dt.timedelta(seconds=float(sys.argv[1]))
    processes.Watch.every = 0.5
    django.setup()
    call_command("serve", *sys.argv[2:])

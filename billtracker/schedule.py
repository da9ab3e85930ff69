"""What runs when. Jobs catch up by themselves: a missed run needs no second one."""

import datetime as dt

from billtracker.core.jobs import Job

HOURLY = dt.timedelta(hours=1)

SCHEDULE = [
    # Hourly, because it is past midnight somewhere: each household has a day of its own.
    Job("bills.tasks.make_occurrences", every=HOURLY),
    Job("billtracker.core.imports.tasks.forget_old_files", every=HOURLY),
]

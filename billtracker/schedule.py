"""What runs when. Jobs catch up by themselves: a missed run needs no second one."""

import datetime as dt

from billtracker.core.process.jobs import Job

MINUTELY, FIVE_MINUTES = dt.timedelta(minutes=1), dt.timedelta(minutes=5)
HOURLY, DAILY = dt.timedelta(hours=1), dt.timedelta(days=1)

SCHEDULE = [
    # Hourly, because it is past midnight somewhere: each household has a day of its own.
    Job("bills.tasks.make_occurrences", every=HOURLY),
    # Often, because each recipient has an hour of their own in a time zone of their own.
    Job("bills.tasks.send_reminders", every=FIVE_MINUTES),
    Job("billing.tasks.make_missing_documents", every=HOURLY),
    Job("billing.tasks.check_books", every=DAILY),
    # Often, because each connection has a minute of its own.
    Job("banksync.tasks.sync_due", every=FIVE_MINUTES),
    Job("backups.tasks.make_scheduled_backup", every=FIVE_MINUTES),
    Job("backups.tasks.prove_newest_backup", every=HOURLY),
    # A message wakes the worker when it is posted; this finds what is to be tried again.
    Job("notifications.tasks.deliver", every=MINUTELY),
    # By hand it would show a queue that moves although it may stand still.
    Job("opsstatus.tasks.beat", every=MINUTELY, by_hand=False),
    Job("opsstatus.tasks.measure", every=HOURLY),
    Job("opsstatus.tasks.check_database", every=DAILY),
    Job("opsstatus.tasks.clean_up", every=DAILY),
    Job("opsstatus.tasks.check_for_update", every=DAILY),
]

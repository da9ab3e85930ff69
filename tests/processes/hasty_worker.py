"""A worker whose first look at the schedule comes at once; django-q2's comes after half a minute."""

from django_q import cluster, scheduler

from billtracker import worker


def guard(sentinel) -> None:
    scheduler.scheduler(broker=sentinel.broker)
    guard_as_before(sentinel)


guard_as_before = cluster.Sentinel.guard
cluster.Sentinel.guard = guard

if __name__ == "__main__":
    worker.main()

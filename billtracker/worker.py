"""The worker's entry point: bring the schedule up to date, then work off the queue."""

import os
import sys

import django


def main() -> int:
    """Run django-q2's cluster until a signal ends it; returns the exit code, 1 when its sentinel died."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billtracker.settings")
    django.setup()
    # All of this needs the apps loaded.
    from django.db import connections
    from django_q.cluster import Cluster
    from django_q.signals import post_execute_in_worker, pre_execute

    from billtracker.core.process import jobs, queue
    from billtracker.core.process.supervisor import end_with_parent
    from billtracker.schedule import SCHEDULE
    from opsstatus.services import remember_start

    lock = queue.start()
    jobs.sync_schedule(SCHEDULE)
    remember_start()
    lock.release()
    connections.close_all()
    pre_execute.connect(jobs.name_the_source)
    post_execute_in_worker.connect(queue.finish_after_timeout)
    # Connected last: what others note at a job's end belongs to the job.
    post_execute_in_worker.connect(queue.release_after_job)
    # The cluster's own children would go on working after a kill -9 of this process.
    os.register_at_fork(after_in_child=end_with_parent)
    cluster = Cluster()
    cluster.start()
    cluster.sentinel.join()
    # The sentinel ends by itself only when a signal asked for it.
    return 0 if cluster.sentinel.exitcode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())

"""Jobs that take too long in processes of django-q2, each ended at once as its guard may."""

import queue as queues
import sys
from multiprocessing import Value, get_context

import django


def main(count: int) -> None:
    """Write how many of ``count`` results arrived."""
    django.setup()
    # All of this needs the apps loaded.
    from django_q.queues import Queue
    from django_q.signals import post_execute_in_worker, pre_execute
    from django_q.worker import worker

    from billtracker.core.process import queue

    # No database here: the job history is not what is looked at.
    pre_execute.receivers.clear()
    post_execute_in_worker.receivers.clear()
    post_execute_in_worker.connect(queue.finish_after_timeout)
    jobs = []
    for number in range(count):
        tasks, results, timer = Queue(), Queue(), Value("f", -1)
        job = {"id": str(number), "name": "sleep", "func": "time.sleep", "args": (60,), "kwargs": {}}
        tasks.put({**job, "timeout": 1})
        process = get_context("fork").Process(target=worker, args=(tasks, results, timer, 1))
        process.start()
        jobs.append((process, results, timer))
    sys.stdout.write(str(sum(was_reported(*job) for job in jobs)))


def was_reported(process, results, timer) -> bool:
    """End a process as soon as it says that its job timed out; say whether the result came through."""
    while timer.value != 0:
        pass
    with timer.get_lock():
        process.terminate()
    try:
        return results.get(timeout=5)["success"] is False
    except queues.Empty:
        return False
    finally:
        process.join()


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""How gunicorn runs: the settings it is started with by ``manage.py serve``."""

import gc
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billtracker.settings")

from django.conf import settings

bind = f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"
workers = settings.WEB_WORKERS
# A request gets one of the threads when it has arrived; without keep-alive the connections spread evenly over
# the processes.
worker_class = "billtracker.core.process.web_worker.BufferingWorker"
threads = 4
# Fewer than the descriptors that a process usually may have, which are 1,024.
worker_connections = 512
keepalive = 0
timeout = 60
graceful_timeout = 5
control_socket_disable = True
proc_name = "billtracker"
# One import for all workers; frozen, its memory stays shared after the fork.
preload_app = True
logconfig_dict = {
    **settings.LOGGING,
    "loggers": {
        **settings.LOGGERS,
        "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "WARNING", "handlers": [], "propagate": False},
        # Django answers HEAD as GET and leaves it to the server to drop the body: no news.
        "gunicorn.http.wsgi": {"level": "ERROR", "handlers": [], "propagate": True},
    },
}


def when_ready(server):
    """Freeze what was imported, and say where to look: now it answers."""
    gc.collect()
    gc.freeze()
    # It reads the settings, which the configuration file must not need.
    from billtracker.core.web.addresses import own_address

    sys.stdout.write(f"BillTracker is at {own_address()}/\n")
    sys.stdout.flush()

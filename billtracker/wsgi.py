"""The entry point for gunicorn."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billtracker.settings")
application = get_wsgi_application()
# The code of all pages is loaded before the workers are forked: they share it, and no first visitor waits.
import_module(settings.ROOT_URLCONF)

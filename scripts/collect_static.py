"""Collect the static files at build time, marked so that ``serve`` finds them done."""

import os
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billtracker.settings")
django.setup()

from billtracker.core.process.launcher import prepare_static_files  # noqa: E402

prepare_static_files()

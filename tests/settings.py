"""The settings tests run with: those of the product, in a data directory of their own."""

import atexit
import os
import shutil
import sys
import tempfile

# Never the folder of a real installation. Processes that pytest-xdist starts find the first one's.
folder = os.environ.get("BILLTRACKER_TEST_DATA_DIR")
if not folder:
    folder = os.environ["BILLTRACKER_TEST_DATA_DIR"] = tempfile.mkdtemp(prefix="billtracker-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
os.environ["BILLTRACKER_DATA_DIR"] = folder

if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    # Tests start hundreds of processes, and two thirds of a start are compiling. What is compiled lives as
    # long as the tests and lies beside nobody's sources.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = os.path.join(folder, "bytecode")

if os.environ.get("DATABASE_URL") and not os.environ.get("POSTGRES_BIN_DIR"):
    # The client that belongs to the server of the tests.
    from importlib import import_module

    os.environ["POSTGRES_BIN_DIR"] = str(import_module("scripts.with_postgres").find_binaries())

from billtracker.settings import *  # noqa: F403
from billtracker.settings import DATA_DIR, DATABASE_URL, DATABASES

if not DATABASE_URL:
    # A file, not :memory:, so that threads and processes meet each other as they do in service.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "db" / "test.db"}
    # Nobody needs the rows after a power cut.
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"

# Product hashes are slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files come from their sources; nothing is collected.
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LOGGING = {"version": 1, "disable_existing_loggers": False}

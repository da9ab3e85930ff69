"""The settings tests run with: those of the product, in a data directory of their own."""

import os
import tempfile

os.environ.setdefault("BILLTRACKER_DATA_DIR", tempfile.mkdtemp(prefix="billtracker-tests-"))

from billtracker.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

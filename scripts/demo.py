"""Serve with demo data: the first time an administrator "demo" is made and the sign-in printed once."""

import os
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billtracker.settings")
sys.argv = ["manage.py", "serve"]

import manage  # noqa: E402

NAME = "demo"


def prepare() -> None:
    """Make the account with nothing but demo data, or refresh the demo data of the one there is."""
    from billtracker import demo
    from billtracker.accounts.models import User
    from billtracker.core.launcher import prepare_database

    prepare_database()
    user = User.objects.filter(username=NAME).first()
    if user is None:
        password = secrets.token_urlsafe(12)
        demo.make_visitor(username=NAME, password=password)
        print(f"Sign in as {NAME} with the password {password} (shown this once).")
    else:
        demo.load(actor=user)
        print(
            f"Sign in as {NAME} with the password shown the first time, "
            f"or set one: .venv/bin/python manage.py changepassword {NAME}"
        )
    sys.stdout.flush()


if __name__ == "__main__":
    manage.main(prepare)

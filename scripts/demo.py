"""Serve with demo data, in a data directory of its own; the first time the sign-in is printed once."""

import os
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
# Issued statements cannot be taken out again: they must not stand among somebody's own.
os.environ.setdefault("BILLTRACKER_DATA_DIR", str(ROOT / "data" / "demo"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billtracker.settings")
sys.argv = ["manage.py", "serve"]

import manage  # noqa: E402

NAME = "demo"


def prepare() -> None:
    """Make the account with nothing but demo data, or refresh the demo data of the one there is."""
    from billtracker import demo
    from billtracker.accounts.models import User
    from billtracker.core.process.launcher import prepare_database
    from billtracker.demo import office

    prepare_database()
    user = User.objects.filter(username=NAME).first()
    if user is None:
        password = secrets.token_urlsafe(12)
        is_fresh = not User.objects.exists() and not office.has_books()
        visitor = demo.make_visitor(username=NAME, password=password)
        if is_fresh:
            office.load_office(actor=visitor)
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

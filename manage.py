#!/usr/bin/env python
"""The command line of BillTracker."""

import os
import sys


def main(prepare=None):
    """Run the command; ``prepare`` is called before it, with Django set up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billtracker.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, connection

    try:
        if prepare:
            django.setup()
            prepare()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except OperationalError as error:
        if connection.connection is not None:
            raise
        reason = " ".join(str(error).split())
        print(f"DATABASE_URL: the database cannot be reached ({reason}).", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

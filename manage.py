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
    from django.db import DatabaseError

    try:
        if prepare:
            django.setup()
            prepare()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except (DatabaseError, OSError) as error:
        print(_sentence_about(error), file=sys.stderr)
        sys.exit(2)


def _sentence_about(error) -> str:
    """Return what is wrong with the database; a fault of the program goes on as its traceback."""
    from django.conf import settings
    from django.db import OperationalError, connection

    from billtracker.core.data.database_errors import fault_of

    if settings.DATABASE_URL and isinstance(error, OperationalError) and connection.connection is None:
        return f"DATABASE_URL: the database cannot be reached ({' '.join(str(error).split())})."
    if (fault := fault_of(error)) is None:
        raise error
    return fault.sentence


if __name__ == "__main__":
    main()

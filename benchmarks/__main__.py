"""``python -m benchmarks [NAME ...]``: measure all entries or those named, in a database of their own."""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.test.runner import DiscoverRunner

from benchmarks.entries import ENTRIES
from benchmarks.runner import Pair, Result, keep, measure, undone


def main(names: list[str]) -> int:
    """Print one line for each pair of each entry; exit code 2 for a name that is none."""
    if unknown := set(names) - set(ENTRIES):
        print(
            f"No such benchmark: {', '.join(sorted(unknown))}. There are {', '.join(ENTRIES)}.",
            file=sys.stderr,
        )
        return 2
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        for name in names or ENTRIES:
            with undone():
                made = ENTRIES[name]()
                for pair in [made] if isinstance(made, Pair) else made:
                    tell(pair, measure(pair))
    finally:
        runner.teardown_databases(databases)
    return 0


def tell(pair: Pair, result: Result) -> None:
    """Keep the result, and print it as one line."""
    keep(result)
    times = f"floor {result.floor_ms:9.2f} {pair.unit}   own {result.own_ms:9.2f} {pair.unit}"
    print(f"{pair.name:22} {times}   {result.ratio:6.2f} times")


sys.exit(main(sys.argv[1:]))

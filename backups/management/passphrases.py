"""How a command is given a passphrase: on standard input, never as an argument."""

import getpass
import sys


def add_passphrase(parser) -> None:
    parser.add_argument(
        "--passphrase-stdin",
        action="store_true",
        help="Read the passphrase of an encrypted backup; without it the one of the settings counts.",
    )


def given_passphrase(options: dict) -> str | None:
    """Return the first line of standard input, where it was asked for; a person types it unseen."""
    if not options["passphrase_stdin"]:
        return None
    if sys.stdin.isatty():
        return getpass.getpass("Passphrase: ")
    return sys.stdin.readline().rstrip("\n")

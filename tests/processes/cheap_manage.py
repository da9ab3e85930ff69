"""``manage.py`` with passphrases that cost nothing, for the commands that make a backup."""

import pyrage

from manage import main
from tests.backups import passphrases

if __name__ == "__main__":
    pyrage.passphrase.encrypt = passphrases.encrypt
    main()

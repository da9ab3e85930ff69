"""Boot settings, read from the environment and from nowhere else.

Every variable may also be given as ``NAME_FILE`` (a path whose content is the value). A wrong
value stops the start with one sentence that names the variable.
"""

import base64
import os
import re
import secrets
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from billtracker import __version__

BASE_DIR = Path(__file__).resolve().parent.parent


def _env(name: str, default: str = "") -> str:
    """Return the variable's text, or the content of the file that ``NAME_FILE`` points to."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, default)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE: the file cannot be read ({error}).") from error


def _env_bool(name: str, default: bool) -> bool:
    """Return a yes/no variable; anything but true/false, yes/no, on/off, 1/0 is refused."""
    text = _env(name).strip().lower()
    if not text:
        return default
    if text in {"true", "yes", "on", "1"}:
        return True
    if text in {"false", "no", "off", "0"}:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {text!r}.")


def _env_int(name: str, default: int, low: int, high: int) -> int:
    """Return a whole-number variable within ``low``..``high``."""
    text = _env(name).strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ImproperlyConfigured(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return int(text)


def _env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return a variable that is one of ``choices``."""
    text = _env(name).strip() or default
    if text not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
    return text


def _env_list(name: str) -> list[str]:
    """Return a comma-separated variable as a list without empty parts."""
    return [part.strip() for part in _env(name).split(",") if part.strip()]


# --- where things are kept ---------------------------------------------------------------------
# What this process writes is its owner's alone, whatever the shell says.
os.umask(0o077)
DATA_DIR = Path(_env("BILLTRACKER_DATA_DIR") or BASE_DIR / "data").resolve()
try:
    for folder in ("", "db", "backups", "media", "exports"):
        (DATA_DIR / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
except OSError as error:
    raise ImproperlyConfigured(f"BILLTRACKER_DATA_DIR: the folder cannot be made ({error}).") from error
for place in (DATA_DIR, DATA_DIR / "db"):
    if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        raise ImproperlyConfigured(
            f"BILLTRACKER_DATA_DIR: {place} cannot be written to. It must belong to the account that runs "
            "BillTracker, on a disk that takes changes."
        )


def _kept_secret(name: str, filename: str, make) -> str:
    """Return the variable, or a value generated once and kept (0600) in the data directory."""
    if value := _env(name):
        return value
    path = DATA_DIR / filename
    if not path.exists():
        # Written aside and linked into place: of several processes that start together one wins,
        # and nobody reads half a secret.
        try:
            handle, draft = tempfile.mkstemp(dir=DATA_DIR)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(make())
                with suppress(FileExistsError):
                    os.link(draft, path)
            finally:
                os.unlink(draft)
        except OSError as error:
            raise ImproperlyConfigured(f"{name}: {filename} cannot be made ({error.strerror}).") from error
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}: {path} cannot be read ({error}).") from error
    if not value:
        raise ImproperlyConfigured(
            f"{name}: {path} is empty. Put the key that was in it back; without one remove the file, and a "
            "new key is made at the next start."
        )
    return value


def _make_fernet_key() -> str:
    # Slow to load, and wanted at the very first start alone.
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _is_fernet_key(text: str) -> bool:
    """Say whether the text is 32 bytes in URL-safe base64."""
    try:
        return len(base64.urlsafe_b64decode(text)) == 32
    except ValueError:
        return False


SECRET_KEY = _kept_secret("SECRET_KEY", "secret.key", lambda: secrets.token_urlsafe(50))
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        "SECRET_KEY must have at least 32 characters that nobody can guess; unset it to have one made."
    )
ENCRYPTION_KEYS = [
    key.strip()
    for key in _kept_secret("ENCRYPTION_KEYS", "encryption.key", _make_fernet_key).split(",")
    if key.strip()
]
if not ENCRYPTION_KEYS or not all(map(_is_fernet_key, ENCRYPTION_KEYS)):
    raise ImproperlyConfigured("ENCRYPTION_KEYS must be Fernet keys, 44 characters each, comma-separated.")

# --- the server --------------------------------------------------------------------------------
DEBUG = _env_bool("DEBUG", False)
HOST = _env("HOST", "127.0.0.1")
PORT = _env_int("PORT", 3030, 1, 65535)
WEB_WORKERS = _env_int("WEB_WORKERS", 2, 1, 64)
# What `serve` asks before it accepts connections: the path of a set-up page, or None. A dotted name,
# because core imports nothing from above.
FIRST_ADMINISTRATOR = "billtracker.accounts.services.prepare_first_administrator"
# What `serve` asks to find a worker that lives and does nothing.
WORKER_SIGN_OF_LIFE = "opsstatus.reports.last_sign_of_life"
# What a backup says about itself in a line: totals and the last number.
BACKUP_HEADLINE = "billtracker.figures.headline"


def _host_of_public_url(url: str) -> str:
    """Return the host; ImproperlyConfigured for anything but scheme, host and port."""
    try:
        parts = urlsplit(url)
        host = _in_brackets(parts.hostname or "")
        is_bare = f"{parts.scheme}://{parts.netloc}" == url and "@" not in url and parts.port != 0
        if is_bare and parts.scheme in ("http", "https") and HOST_NAME.fullmatch(host):
            return host
    except ValueError:  # of brackets that do not close, and of ports that are none
        pass
    raise ImproperlyConfigured(
        f"PUBLIC_URL must be an address without a path, such as https://bills.example.org, not {url!r}."
    )


def _in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host else host


HOST_NAME = re.compile(r"\*|\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")
PUBLIC_URL = _env("PUBLIC_URL").strip().rstrip("/")
ALLOWED_HOSTS = _env_list("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
for host in ALLOWED_HOSTS:
    if not HOST_NAME.fullmatch(host):
        raise ImproperlyConfigured(
            f"ALLOWED_HOSTS must be names such as bills.example.org, without scheme and port, not {host!r}."
        )
if PUBLIC_URL:
    ALLOWED_HOSTS.append(_host_of_public_url(PUBLIC_URL))
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TRUST_PROXY = _env_bool("TRUST_PROXY", False)
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

# --- applications ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "django_q",
    "django_htmx",
    "heroicons",
    "csp",
    # Ours come last: they take what they replace out of the admin that the others filled.
    "billtracker",
    "billtracker.core",
    "billtracker.accounts",
    "notifications",
    "bills",
    "billing",
    "backups",
    "banksync",
    "opsstatus",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "billtracker.core.web.middleware.security_headers",
    "billtracker.core.web.middleware.named_request",
    "csp.middleware.CSPMiddleware",
    # Before everything that asks the database, sessions first.
    "billtracker.core.web.middleware.hold_data",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "billtracker.accounts.access.middleware.current_household",
]

ROOT_URLCONF = "billtracker.urls"
WSGI_APPLICATION = "billtracker.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "billtracker.menu.navigation",
            ],
        },
    },
]

# --- database, cache, queue --------------------------------------------------------------------
DATABASE_URL = _env("DATABASE_URL")
SQLITE_OPTIONS = {
    # A transaction takes the write lock at its start and waits for it: no
    # "database is locked" in the middle of one.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
if DATABASE_URL:
    try:
        DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
    except Exception as error:
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgres://user:password@host:port/name."
        ) from error
    if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must be a postgres:// address; leave it unset for SQLite.")
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA_DIR / "db" / "bills.db"),
            "OPTIONS": SQLITE_OPTIONS,
            "CONN_MAX_AGE": 60,
        }
    }
# Where pg_dump and pg_restore are; empty for the newest that is installed.
POSTGRES_BIN_DIR = _env("POSTGRES_BIN_DIR")
if POSTGRES_BIN_DIR and not Path(POSTGRES_BIN_DIR, "pg_dump").is_file():
    raise ImproperlyConfigured("POSTGRES_BIN_DIR must be a folder with pg_dump and pg_restore in it.")
# The RuleSets that triggers of the database hold, in the order of their creation. They are dropped
# while rows of another database come in.
DATABASE_RULES = [
    "billtracker.core.audit.triggers.RULES",
    "bills.triggers.currencies.RULES",
    "billing.triggers.frozen_documents.RULES",
    "billing.triggers.money.RULES",
    "billing.triggers.dated_money.RULES",
    "billing.triggers.settlements.RULES",
    "billing.triggers.shut_months.RULES",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in limits count in the cache: all processes share it, and nothing is dropped before its time.
CACHES = {"default": {"BACKEND": "billtracker.core.data.shared_cache.SharedCache"}}

Q_CLUSTER = {
    "name": "billtracker",
    "orm": "default",
    # The queue in the database, untouched by workers that were started before a restore.
    "broker_class": "billtracker.core.process.queue.LockedBroker",
    "workers": 2,
    "timeout": 120,
    # Below the run time, a task that is still running would be started again.
    "retry": 300,
    "max_attempts": 3,
    # True would replay every missed run after downtime; our jobs catch up by themselves.
    "catch_up": False,
    "poll": 1,
    "recycle": 50,
    # Results of jobs that came through are kept by opsstatus; django-q2 keeps failures, to count attempts.
    "save_limit": -1,
}
if QUEUE_URL := _env("QUEUE_URL"):
    if not QUEUE_URL.startswith(("redis://", "rediss://")):
        raise ImproperlyConfigured("QUEUE_URL must look like redis://host:port/number.")
    del Q_CLUSTER["orm"], Q_CLUSTER["broker_class"]
    Q_CLUSTER["redis"] = QUEUE_URL

# --- people and sign-in ------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["billtracker.accounts.sign_in.backend.SignInBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "billtracker.accounts.sign_in.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "billtracker.accounts.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
# Nobody can sign up, so a stranger's address gets no mail.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/15m/ip,10/15m/key",
    "change_password": "5/15m/user",
    "reset_password": "5/15m/ip,5/15m/key",
}

SESSION_ENGINE = "billtracker.accounts.sign_in.session_store"
SESSION_COOKIE_NAME = "bt_session"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "bt_csrf_token"
CSRF_HEADER_NAME = "HTTP_X_CSRF_TOKEN"
CSRF_COOKIE_HTTPONLY = _env_bool("CSRF_HTTP_ONLY", True)
CSRF_FAILURE_VIEW = "billtracker.errors.csrf_failure"
# auto: the cookie is marked Secure on each answer that went out over https.
COOKIE_SECURE = _env_choice("COOKIE_SECURE", "auto", ("auto", "true", "false"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = COOKIE_SECURE == "true"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
# The environment wins only when the database is empty: see accounts.services.
ADMIN_USERNAME = _env("ADMIN_USERNAME")
ADMIN_PASSWORD = _env("ADMIN_PASSWORD")

# --- bank sync ---------------------------------------------------------------------------------
# For tests with a bank of their own on this machine.
SIMPLEFIN_ALLOW_HTTP_LOOPBACK = _env_bool("SIMPLEFIN_ALLOW_HTTP_LOOPBACK", False)
# For those who run a SimpleFIN server in their own network.
SIMPLEFIN_ALLOW_PRIVATE_ADDRESSES = _env_bool("SIMPLEFIN_ALLOW_PRIVATE_ADDRESSES", False)

# --- headers -----------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000
# Plain http on a home network is a supported way to run: cookies become Secure and HSTS is sent as
# soon as the answer goes out over https, redirects and subdomains are the proxy's business.
SILENCED_SYSTEM_CHECKS = [f"security.W{number}" for number in ("005", "008", "012", "016", "021")]

# --- language, time, files ---------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = _env("TIME_ZONE", "UTC")
from billtracker.core.periods import is_time_zone  # noqa: E402

if not is_time_zone(TIME_ZONE):
    raise ImproperlyConfigured(f"TIME_ZONE must be a name such as Europe/Berlin, not {TIME_ZONE!r}.")

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Ninja is no app: as one it would be loaded by every command and by the worker, which takes a third of their
# start. Of its files the API's page needs the viewer, without going elsewhere for it.
NINJA_FOLDER = Path(getattr(find_spec("ninja"), "origin", "")).parent
STATICFILES_DIRS = [BASE_DIR / "static", ("ninja", NINJA_FOLDER / "static" / "ninja")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
# Source maps are for nobody's speed, and their compression takes half a minute at the first start.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("gz", "br", "map", "png", "jpg", "webp", "woff2")
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
MEDIA_ROOT = DATA_DIR / "media"
EXPORTS_DIR = DATA_DIR / "exports"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# --- mail, log ---------------------------------------------------------------------------------
EMAIL_BACKEND = "notifications.mail_backend.OutboxBackend"
LOG_LEVEL = _env_choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_FORMAT = _env_choice("LOG_FORMAT", "text", ("text", "json"))
# A terminal shows what a person needs: our own lines, and of libraries only what is wrong.
LOG_LEVEL_OF_LIBRARIES = "WARNING" if (LOG_LEVEL, LOG_FORMAT) == ("INFO", "text") else LOG_LEVEL
OWN = ("billtracker", "bills", "billing", "banksync", "notifications", "backups", "opsstatus")
LOGGERS = {name: {"level": LOG_LEVEL} for name in OWN}
# At DEBUG it writes down the path of each request, which for a SimpleFIN setup token is the secret.
LOGGERS["urllib3"] = {"level": "INFO" if LOG_LEVEL == "DEBUG" else LOG_LEVEL_OF_LIBRARIES}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "billtracker.core.process.logs.TextFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        },
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
        "recent_errors": {"class": "opsstatus.recorders.error_recorder.ErrorRecorder", "level": "ERROR"},
    },
    "loggers": LOGGERS,
    "root": {"handlers": ["console", "recent_errors"], "level": LOG_LEVEL_OF_LIBRARIES},
}
VERSION = __version__

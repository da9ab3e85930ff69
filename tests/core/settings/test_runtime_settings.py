"""Settings while the server runs: presence decides."""

import pytest
from django.db import connection

from billtracker.core import crypto
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry, Setting
from billtracker.core.settings import runtime_settings
from billtracker.core.settings.kinds import Spec
from billtracker.core.settings.specs import SPECS
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NAME = "imports_per_15_minutes"


@pytest.fixture
def more_specs(monkeypatch):
    """One setting of each kind, as apps will add them."""
    for spec in (
        Spec("updates_checked", "yes_no", True, "UPDATES_CHECKED", "Look for updates."),
        Spec("greeting", "text", "Hello", "GREETING", "First line of a mail."),
        Spec("channel", "choice", "mail", "CHANNEL", "How.", choices={"mail": "Mail", "none": "None"}),
        Spec("mail_password", "secret", "", "MAIL_PASSWORD", "Password."),
    ):
        monkeypatch.setitem(SPECS, spec.name, spec)


def where(name):
    return runtime_settings.get(name), runtime_settings.source(name)


def test_a_row_wins_over_the_environment_and_that_over_the_default(monkeypatch):
    assert where(NAME) == (20, "default")
    monkeypatch.setenv("IMPORTS_PER_15_MINUTES", "7")
    assert where(NAME) == (7, "environment")
    runtime_settings.save(None, NAME, 3)
    assert where(NAME) == (3, "saved")
    assert runtime_settings.clear(None, NAME)
    assert where(NAME) == (7, "environment")
    assert not runtime_settings.clear(None, NAME)


@pytest.mark.parametrize(
    ("name", "value", "environment"),
    [(NAME, 0, "5"), ("updates_checked", False, "true"), ("greeting", "", "Hi"), ("mail_password", "", "x")],
)
def test_a_saved_nothing_wins_too(more_specs, monkeypatch, name, value, environment):
    monkeypatch.setenv(SPECS[name].env, environment)
    runtime_settings.save(None, name, value)
    assert where(name) == (value, "saved")


def test_an_empty_variable_is_present(more_specs, monkeypatch):
    monkeypatch.setenv("GREETING", "")
    assert where("greeting") == ("", "environment")


def test_another_process_sees_a_change_at_once():
    runtime_settings.save(None, NAME, 3)
    assert runtime_settings.get(NAME) == 3
    Setting.objects.update(value=4)
    assert runtime_settings.get(NAME) == 4


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (NAME, "many", "Files in 15 minutes must be a whole number from 0 to 1000."),
        (NAME, 1_001, "Files in 15 minutes must be a whole number from 0 to 1000."),
        (NAME, True, "Files in 15 minutes must be a whole number from 0 to 1000."),
        ("updates_checked", "maybe", "updates_checked must be yes or no."),
        ("channel", "pigeon", "channel must be one of mail, none."),
        ("greeting", "a\x00b", "greeting must be one line of at most 500 characters."),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_is_saved(more_specs, name, value, sentence):
    with pytest.raises(DomainError) as refusal:
        runtime_settings.save(None, name, value)
    assert (refusal.value.sentence, refusal.value.field) == (sentence, name)
    assert Setting.objects.count() == 0


def test_a_wrong_variable_stops_the_start_and_is_named(monkeypatch):
    monkeypatch.setenv("IMPORTS_PER_15_MINUTES", "-1")
    with pytest.raises(DomainError, match="IMPORTS_PER_15_MINUTES must be a whole number"):
        runtime_settings.check_environment()


def test_an_unknown_setting_does_not_exist():
    with pytest.raises(KeyError):
        runtime_settings.get("nonsense")


def test_a_secret_is_encrypted_and_never_in_the_audit_log(more_specs):
    runtime_settings.save(make_user(), "mail_password", "hunter2")
    assert runtime_settings.get("mail_password") == "hunter2"
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, value FROM core_setting")
        assert "hunter2" not in str(cursor.fetchone())
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.changes) == ("setting.saved", {"mail_password": ["empty", "set"]})


def test_a_secret_whose_key_is_gone_is_lost(more_specs, settings):
    runtime_settings.save(None, "mail_password", "hunter2")
    settings.ENCRYPTION_KEYS = [crypto.Fernet.generate_key().decode()]
    assert crypto.is_lost(runtime_settings.get("mail_password"))


def test_changes_are_in_the_audit_log():
    runtime_settings.save(None, NAME, 3)
    runtime_settings.clear(None, NAME)
    entries = AuditEntry.objects.order_by("position").values_list("action", "changes")
    assert list(entries) == [("setting.saved", {NAME: [20, 3]}), ("setting.cleared", {NAME: [3, 20]})]


# --- the environment ---------------------------------------------------------------------------
def test_a_file_named_by_the_environment_wins_over_the_variable_and_is_read_at_use(monkeypatch, tmp_path):
    path = tmp_path / "hour"
    path.write_text(" 7\n")
    monkeypatch.setenv("REMINDER_HOUR", "9")
    monkeypatch.setenv("REMINDER_HOUR_FILE", str(path))
    assert where("reminder_hour") == (7, "environment")
    assert runtime_settings.resolve_setting("reminder_hour").variable == "REMINDER_HOUR_FILE"
    path.write_text("8")
    assert where("reminder_hour") == (8, "environment")


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "password").write_text("hunter2\n")
    monkeypatch.setenv("SMTP_PASSWORD_FILE", str(tmp_path / "password"))
    assert runtime_settings.get("smtp_password") == "hunter2"


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file or directory"), (b"\xff\xfe", "it is no text")]
)
def test_a_file_that_cannot_be_read_stops_the_start_and_later_falls_back(
    monkeypatch, tmp_path, content, reason
):
    if content:
        (tmp_path / "password").write_bytes(content)
    monkeypatch.setenv("SMTP_PASSWORD_FILE", str(tmp_path / "password"))
    with pytest.raises(DomainError) as refusal:
        runtime_settings.check_environment()
    assert refusal.value.sentence == f"SMTP_PASSWORD_FILE: the file cannot be read ({reason})."
    found = runtime_settings.resolve_setting("smtp_password")
    assert (found.value, found.source, found.fault) == ("", "default", refusal.value.sentence)


@pytest.mark.parametrize("name", ["smtp_port", "smtp_security", "notifications_enabled"])
def test_an_empty_variable_of_anything_but_text_counts_as_unset(monkeypatch, name):
    monkeypatch.setenv(SPECS[name].env, "")
    monkeypatch.setenv(f"{SPECS[name].env}_FILE", "")
    runtime_settings.check_environment()
    assert where(name) == (SPECS[name].default, "default")


# --- what cannot be used -----------------------------------------------------------------------
@pytest.mark.parametrize("value", [None, [], {"a": 1}, "many", -1, 1.5, "x" * 10_000])
def test_a_row_that_was_edited_by_hand_falls_back_and_is_told(monkeypatch, value):
    Setting.objects.create(name=NAME, value=value)
    assert where(NAME) == (20, "default")
    monkeypatch.setenv("IMPORTS_PER_15_MINUTES", "7")
    found = runtime_settings.resolve_setting(NAME)
    assert (found.value, found.source, found.is_saved) == (7, "environment", True)
    assert found.fault == (
        "The saved value cannot be used: Files in 15 minutes must be a whole number from 0 to 1000."
    )


def test_a_wrong_row_is_fixed_by_saving_or_clearing():
    Setting.objects.create(name=NAME, value="many")
    runtime_settings.save(None, NAME, 3)
    assert (where(NAME), runtime_settings.resolve_setting(NAME).fault) == ((3, "saved"), "")
    Setting.objects.update(value="many")
    assert runtime_settings.clear(None, NAME)
    assert where(NAME) == (20, "default")


def test_all_settings_are_read_in_one_question(django_assert_num_queries):
    runtime_settings.save(None, NAME, 3)
    with django_assert_num_queries(1):
        found = runtime_settings.found_all()
    assert set(found) == set(SPECS)
    assert (found[NAME].value, found["smtp_port"].value) == (3, 587)

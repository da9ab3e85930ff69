"""Each signal is driven through its levels; the page, the JSON and the command say the same."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from billtracker.core import crypto
from billtracker.core.models import Setting
from billtracker.core.process.health import Item, Level
from billtracker.core.settings import runtime_settings
from opsstatus import panel_results, services, status
from opsstatus.models import StoredFact
from opsstatus.monitoring import server
from opsstatus.monitoring.troubleshooting import ADVICE, advice_url
from opsstatus.panels import PANELS, Panel
from opsstatus.reports import known_facts
from tests.factories import make_job_run, make_recent_error

pytestmark = pytest.mark.django_db
PLAIN_DISK = server.disk  # before a healthy server's is put in its place
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


def level_of(name: str) -> str:
    return str(item_named(name).level)


def item_named(name: str) -> Item:
    return next(item for item in panel_results.gather().items if item.name == name)


# --- the headline ------------------------------------------------------------------------------
def test_on_a_healthy_server_all_is_well(healthy):
    picture = panel_results.gather()
    assert [item for item in picture.items if item.level != "ok"] == []
    assert (picture.headline, picture.is_healthy) == ("All is well", True)


def test_the_headline_counts_what_needs_you_and_errors_come_first(healthy):
    make_recent_error()
    services.store_fact("integrity", {"faults": 3})
    picture = panel_results.gather()
    assert picture.headline == "2 things need you"
    assert [item.name for _, item in picture.problems] == ["Integrity", "ValueError"]
    assert not picture.is_healthy


def test_a_new_server_says_what_it_does_not_know_yet(healthy):
    StoredFact.objects.filter(name__in=["people", "bills"]).delete()
    assert panel_results.gather().headline == "All is well so far; 5 signals are not known yet"


def test_a_panel_that_raises_becomes_one_red_row(healthy):
    def breaks(facts):
        raise ZeroDivisionError("1850.00 for Rent of anna")

    picture = panel_results.gather((Panel("Broken", (breaks,)), *PANELS))
    assert len(picture.panels) == len(PANELS) + 1
    assert [item.value for item in picture.panels[0].items] == [
        "This panel failed (ZeroDivisionError). The rest of the page is not affected."
    ]
    assert picture.headline == "1 thing needs you"


# --- application, runtime, database ------------------------------------------------------------
def test_development_is_a_warning(healthy, settings):
    settings.DEBUG = True
    assert level_of("Environment") == "warning"


def test_a_missing_migration_is_an_error(healthy, monkeypatch):
    monkeypatch.setattr(server, "is_ready", lambda: False)
    assert level_of("Migrations") == "error"


def test_uptime_counts_from_the_start_of_the_worker(healthy):
    healthy.shift(3 * 60 * MINUTE)
    assert item_named("Uptime").value == "Running for 3 hours"
    StoredFact.objects.filter(name="start").delete()
    assert level_of("Uptime") == "unknown"


@pytest.mark.parametrize(("free", "whole", "level"), [
    (50_000, 100_000, "ok"),
    (5_000, 100_000, "ok"),  # 5 %, but plenty
    (1_500, 100_000, "warning"),
    (100, 100_000, "error"),
    (100, 1_000, "ok"),  # a small disk that is a tenth free
    (90, 1_000, "warning"),
    (10, 1_000, "error"),
])  # fmt: skip
def test_free_disk_in_megabytes(free, whole, level, monkeypatch):
    sizes = type("Usage", (), {"free": free * server.MEGABYTE, "total": whole * server.MEGABYTE})
    monkeypatch.setattr(server.shutil, "disk_usage", lambda path: sizes)
    assert server.disk().level == level


def test_a_disk_that_cannot_be_read_is_an_error(settings):
    settings.DATA_DIR = settings.DATA_DIR / "gone"
    assert server.disk().level == "error"


@pytest.mark.parametrize(("available", "level"), [(900_000, "ok"), (90_000, "warning"), (20_000, "error")])
def test_memory(available, level, monkeypatch):
    text = f"MemTotal: 1000000 kB\nMemAvailable: {available} kB\nHugePages_Total: 0\n"
    monkeypatch.setattr(server.Path, "read_text", lambda *args, **kwargs: text)
    assert server.memory().level == level


def test_memory_is_not_known_without_proc(monkeypatch):
    monkeypatch.setattr(server.Path, "read_text", lambda *args, **kwargs: "nothing")
    assert server.memory().level == "unknown"


def test_integrity_is_unknown_then_fine_then_old_then_broken(healthy):
    StoredFact.objects.filter(name="integrity").delete()
    assert level_of("Integrity") == "unknown"
    services.check_database()
    assert level_of("Integrity") == "ok"
    healthy.shift(2 * DAY + MINUTE)
    assert level_of("Integrity") == "warning"
    services.store_fact("integrity", {"faults": 2})
    assert level_of("Integrity") == "error"


@pytest.mark.engines("sqlite")
def test_a_connection_that_may_not_write_is_an_error(healthy):
    assert level_of("Changes") == "ok"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        assert level_of("Changes") == "error"
        cursor.execute("PRAGMA query_only = OFF")
    assert level_of("Changes") == "ok"


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("refused", ["file", "folder"])
def test_a_file_or_folder_without_the_right_to_write_is_an_error(healthy, monkeypatch, refused):
    path = Path(connection.settings_dict["NAME"])
    without_right = {"file": path, "folder": path.parent}[refused]
    monkeypatch.setattr(server.os, "access", lambda asked, how: asked != without_right)
    assert level_of("Changes") == "error"
    assert item_named("Changes").url == "/admin/status/help/#read-only"


@pytest.mark.engines("postgresql")
def test_a_server_that_refuses_changes_is_an_error(healthy):
    assert level_of("Changes") == "ok"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
        assert level_of("Changes") == "error"
        transaction.set_rollback(True)
    assert level_of("Changes") == "ok"


# --- the worker --------------------------------------------------------------------------------
def test_a_worker_is_green_then_red_within_three_minutes_then_green_again(healthy):
    assert level_of("Running") == "ok"
    healthy.shift(2 * MINUTE)
    assert level_of("Running") == "ok"
    healthy.shift(MINUTE)
    assert level_of("Running") == "error"
    assert "no sign of life for 3 minutes" in item_named("Running").value
    services.store_fact("heartbeat", {})
    assert level_of("Running") == "ok"


def test_a_worker_that_starts_is_not_known_and_one_never_seen_is_red(healthy):
    StoredFact.objects.filter(name="heartbeat").delete()
    assert level_of("Running") == "unknown"
    StoredFact.objects.filter(name="start").delete()
    make_job_run().__class__.objects.all().delete()
    assert level_of("Running") == "error"


def test_a_job_that_starts_is_a_sign_of_life(healthy):
    healthy.shift(4 * MINUTE)
    make_job_run(state="running", ended_at=None)
    assert level_of("Running") == "ok"


def test_a_next_run_that_is_late_is_a_warning(healthy):
    assert item_named("Next run").value.endswith("in 30 minutes")
    healthy.shift(36 * MINUTE)
    assert level_of("Next run") == "warning"
    Schedule.objects.all().delete()
    assert level_of("Next run") == "unknown"


def test_a_failed_job_is_a_warning_until_it_comes_through(healthy):
    make_job_run(state="failed", error="KeyError.")
    assert level_of("Last error") == "warning"
    assert item_named("Last error").url == "/admin/jobs/?state=failed"
    healthy.shift(DAY + MINUTE)
    assert level_of("Last error") == "ok"
    make_job_run()
    assert item_named("Last error").value.startswith("None")


def test_the_last_run_is_unknown_before_the_first(healthy):
    assert level_of("Last run") == "ok"
    make_job_run().__class__.objects.all().delete()
    assert level_of("Last run") == "unknown"


def test_a_job_that_waits_for_long_is_a_warning(healthy):
    OrmQ.objects.create(key="billtracker", payload="", lock=timezone.now())
    assert item_named("Queue").value == "1 job waits"
    healthy.shift(11 * MINUTE)
    assert item_named("Queue").value == "1 job waits, the oldest for 11 minutes"
    assert level_of("Queue") == "warning"


def test_a_job_that_is_being_done_does_not_wait(healthy):
    OrmQ.objects.create(key="billtracker", payload="", lock=timezone.now() + 5 * MINUTE)
    assert item_named("Queue").value == "0 jobs wait"


# --- counts ------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["Users", "Sessions", "Active bills", "Payments", "This month"])
def test_counts_say_how_old_they_are(healthy, name):
    healthy.shift(40 * MINUTE)
    assert "40 minutes ago" in item_named(name).value
    healthy.shift(181 * MINUTE)
    assert level_of(name) == "warning"
    StoredFact.objects.filter(name__in=["people", "bills"]).delete()
    assert level_of(name) == "unknown"


# --- secrets -----------------------------------------------------------------------------------
def test_a_changed_secret_key_is_red_until_the_worker_has_it_then_a_warning_for_a_week(healthy, settings):
    settings.SECRET_KEY = "another key"
    assert level_of("SECRET_KEY") == "error"
    services.remember_start()
    assert level_of("SECRET_KEY") == "warning"
    assert "jobs queued before were dropped" in item_named("SECRET_KEY").value
    services.remember_start()
    assert level_of("SECRET_KEY") == "warning"
    healthy.shift(7 * DAY)
    assert level_of("SECRET_KEY") == "ok"


def test_a_key_that_is_added_is_fine_and_one_taken_away_is_a_warning(healthy, settings):
    first = settings.ENCRYPTION_KEYS[0]
    settings.ENCRYPTION_KEYS = ["another", first]
    services.remember_start()
    assert level_of("ENCRYPTION_KEYS") == "ok"
    settings.ENCRYPTION_KEYS = [first]
    services.remember_start()
    assert level_of("ENCRYPTION_KEYS") == "warning"


def test_keys_are_unknown_before_the_first_start(healthy):
    StoredFact.objects.filter(name="keys").delete()
    assert {level_of("SECRET_KEY"), level_of("ENCRYPTION_KEYS")} == {"unknown"}


def test_a_secret_that_no_key_opens_is_an_error(healthy):
    Setting.objects.create(name="smtp_password", secret="hush")
    assert level_of("Stored secrets") == "ok"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_setting SET secret = 'gAAAAnonsense'")
    assert level_of("Stored secrets") == "error"


def test_stored_secrets_that_are_lost_lead_to_the_page_that_mends_them(healthy, settings):
    runtime_settings.save(None, "smtp_password", "hush")
    settings.ENCRYPTION_KEYS = [crypto.Fernet.generate_key().decode()]
    item = item_named("Stored secrets")
    assert (str(item.level), item.url) == ("error", "/admin/settings/")
    assert item.value == "1 cannot be opened with today's keys: enter it again."


def test_a_setting_that_cannot_be_used_is_an_error_at_its_section(healthy):
    assert level_of("Settings") == "ok"
    Setting.objects.create(name="smtp_port", value="hand made")
    item = item_named("Settings")
    assert (str(item.level), item.url) == ("error", "/admin/settings/#mail")
    assert item.value == "Port: the value that is set cannot be used, another one counts instead."


def test_a_file_of_a_setting_that_is_gone_is_an_error_without_its_path(healthy, monkeypatch):
    monkeypatch.setenv("REMINDER_HOUR_FILE", "/run/secrets/reminder_hour")
    assert level_of("Settings") == "error"
    assert "/run/secrets" not in str(panel_results.as_json(panel_results.gather()))


# --- what mends it -----------------------------------------------------------------------------
def test_whatever_is_not_well_leads_to_a_page_that_mends_it(
    healthy, settings, monkeypatch, client, administrator
):
    """Everything at once goes wrong, or is not known."""
    monkeypatch.setattr(server, "is_ready", lambda: False)
    monkeypatch.setattr(server.os, "access", lambda path, how: False)
    monkeypatch.setattr(server, "disk", lambda: PLAIN_DISK())
    home, settings.DATA_DIR = settings.DATA_DIR, settings.DATA_DIR / "gone"
    settings.DEBUG = True
    Setting.objects.create(name="update_check_url", value="https://example.org/")
    Setting.objects.create(name="smtp_port", value="hand made")
    make_job_run(state="failed", error="KeyError.")
    make_recent_error()
    seen = set()
    for change in (lambda: StoredFact.objects.all().delete(), lambda: healthy.shift(10 * DAY)):
        change()
        wrong = [item for item in panel_results.gather().items if item.level is not Level.OK]
        assert [item.name for item in wrong if not item.url] == []
        seen |= {item.url for item in wrong}
        services.store_fact("people", {"users": 1, "sessions": 1})
    assert len(seen) >= 9
    settings.DATA_DIR = home  # without one nobody is let in
    client.force_login(administrator)
    for url in seen:
        path, _, anchor = url.partition("#")
        page = client.get(path)
        assert page.status_code == 200, url
        assert not anchor or f'id="{anchor}"' in page.content.decode(), url


def test_an_advice_that_is_not_there_is_a_programmers_error():
    assert [advice_url(advice.anchor) for advice in ADVICE]
    with pytest.raises(KeyError):
        advice_url("nonsense")


# --- errors ------------------------------------------------------------------------------------
def test_errors_are_a_warning_for_a_day_and_ten_are_shown(healthy):
    errors = [make_recent_error(count=number) for number in range(1, 13)]
    shown = status.recent_errors(known_facts())
    assert len(shown) == 10
    assert shown[0].level is Level.WARNING
    assert "12 times" in shown[0].value
    assert shown[0].url == f"/admin/errors/#error-{errors[-1].pk}"
    healthy.shift(DAY + MINUTE)
    assert status.recent_errors(known_facts())[0].level is Level.OK


# --- the doors agree ---------------------------------------------------------------------------
def test_page_json_and_command_agree(healthy, client, administrator, capsys):
    make_recent_error()
    client.force_login(administrator)
    picture = panel_results.as_json(panel_results.gather())
    assert client.get("/api/status").json() == picture
    call_command("check_status", json=True)
    assert json.loads(capsys.readouterr().out) == picture
    call_command("check_status")
    report = capsys.readouterr().out
    page = client.get("/admin/status/").content.decode()
    for panel in picture["panels"]:
        for item in panel["items"]:
            assert item["value"] in report
            assert item["value"].replace("“", "“") in page
    assert picture["headline"] == "1 thing needs you"
    assert picture["headline"] in page


def test_the_command_ends_with_1_when_something_is_red(healthy, capsys):
    call_command("check_status")
    services.store_fact("integrity", {"faults": 1})
    with pytest.raises(SystemExit) as ended:
        call_command("check_status")
    assert ended.value.code == 1
    assert "1 faults found" in capsys.readouterr().out


def test_status_costs_the_same_with_much_on_it(healthy, client, administrator):
    client.force_login(administrator)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/status/")
        return len(queries)

    client.get("/admin/status/")
    little = count()
    for _ in range(30):
        make_recent_error()
        make_job_run(state="failed", error="KeyError.")
        OrmQ.objects.create(key="billtracker", payload="", lock=timezone.now())
    assert count() == little
    assert little <= 37


# --- nothing private ---------------------------------------------------------------------------
def test_nothing_private_slips_through(healthy, client, administrator, settings, capsys):
    planted = {
        "path": str(settings.DATA_DIR / "db" / "bills.db"), "secret": settings.SECRET_KEY,
        "key": settings.ENCRYPTION_KEYS[0], "mail": "anna.smith@example.org",
        "database": "postgres://anna:hunter2@db/bills", "token": "bt_" + "a1B2" * 12,
    }  # fmt: skip

    def tells(facts):
        return [Item(name, f"see {text} now", Level.WARNING) for name, text in planted.items()]

    panels = (Panel("Talkative", (tells,)), *PANELS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panel_results, "PANELS", panels)
        patch.setattr(panel_results.gather, "__defaults__", (panels,))
        client.force_login(administrator)
        told = [client.get("/admin/status/").content.decode(), client.get("/api/status").content.decode()]
        call_command("check_status")
    told.append(capsys.readouterr().out)
    for text in told:
        assert "Talkative" in text
        assert [name for name, secret in planted.items() if secret in text] == []
        assert "hunter2" not in text

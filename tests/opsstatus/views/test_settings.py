"""The settings page: what is changed is saved, what is wrong is told, and a secret never comes back."""

import html
import logging
import re

import pytest
from django.db import connection
from django_q.models import OrmQ

from billtracker.core import crypto
from billtracker.core.models import AuditEntry, Setting
from billtracker.core.settings import runtime_settings, specs

pytestmark = pytest.mark.django_db
URL = "/admin/settings/"
SECRET = "correct-horse-battery-staple"


@pytest.fixture
def shown(client, administrator):
    client.force_login(administrator)
    return Page(client)


class Page:
    """The page as a browser without scripts uses it: it sends every field of a section as it stands."""

    def __init__(self, client):
        self.client = client

    def text(self) -> str:
        return html.unescape(self.client.get(URL).content.decode())

    def section(self, group: str) -> dict[str, str]:
        form = next(form for form in self.client.get(URL).context["forms"] if form.group == group)
        return {"section": group} | fields_in("".join(map(str, form)))

    def save(self, group: str, **changes):
        """Change fields of a section and press its button; None takes a tick away."""
        data = self.section(group) | changes
        return self.client.post(URL, {name: value for name, value in data.items() if value is not None})


def fields_in(markup: str) -> dict[str, str]:
    """Return what a browser would send for the markup of a form."""
    sent = {}
    for tag in re.findall(r"<input[^>]*>", markup):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes["type"] != "checkbox":
            sent[attributes["name"]] = html.unescape(attributes.get("value", ""))
        elif re.search(r"\bchecked\b", tag):
            sent[attributes["name"]] = "on"
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', markup, re.DOTALL):
        sent[name] = re.search(r'value="([^"]+)" selected', options)[1]
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', markup, re.DOTALL):
        sent[name] = html.unescape(text)
    return sent


def saved() -> dict:
    return {row.name: row.secret or row.value for row in Setting.objects.all()}


# --- showing -----------------------------------------------------------------------------------
def test_each_value_says_where_it_comes_from(shown, monkeypatch, tmp_path):
    (tmp_path / "name").write_text("Office")
    monkeypatch.setenv("SMTP_HOST", "smtp.example.org")
    monkeypatch.setenv("SMTP_FROM_NAME_FILE", str(tmp_path / "name"))
    runtime_settings.save(None, "smtp_port", 2525)
    rows = {row.name: row for form in shown.client.get(URL).context["forms"] for row in form.rows()}
    assert len(rows) == len(specs.SPECS)
    assert rows["smtp_host"].source == "From the environment (SMTP_HOST)"
    assert rows["mail_from_name"].source == "From the environment (SMTP_FROM_NAME_FILE)"
    assert (rows["smtp_port"].source, rows["smtp_port"].back) == ("Saved here", "Go back to the default")
    assert (rows["reminder_hour"].source, rows["reminder_hour"].back) == ("Default", "")
    assert 'value="2525"' in shown.text()


@pytest.mark.parametrize(
    ("name", "variable", "value", "sent"),
    [
        ("notifications_enabled", "yes", False, {"notifications_enabled": None}),
        ("imports_per_15_minutes", "5", 0, {"imports_per_15_minutes": "0"}),
        ("smtp_host", "smtp.example.org", "", {"smtp_host": ""}),
    ],
)
def test_a_saved_nothing_wins_and_is_shown_as_what_it_is(shown, monkeypatch, name, variable, value, sent):
    monkeypatch.setenv(specs.SPECS[name].env, variable)
    group = specs.SPECS[name].group
    shown.save(group, **sent)
    assert saved() == {name: value}
    assert runtime_settings.get(name) == value
    again = shown.section(group)
    assert again.get(name, None) == (None if value is False else str(value))
    assert "Go back to the environment" in shown.text()


# --- saving ------------------------------------------------------------------------------------
def test_only_what_changed_is_saved_each_with_an_entry_in_the_audit_log(shown, administrator):
    answer = shown.save("mail", smtp_host="mail.example.org", smtp_port="465", smtp_security="ssl")
    assert (answer.status_code, answer.url) == (302, "/admin/settings/#mail")
    assert saved() == {"smtp_host": "mail.example.org", "smtp_port": 465, "smtp_security": "ssl"}
    entries = AuditEntry.objects.filter(action="setting.saved").order_by("position")
    assert [entry.changes for entry in entries] == [
        {"smtp_host": ["", "mail.example.org"]}, {"smtp_port": [587, 465]},
        {"smtp_security": ["starttls", "ssl"]},
    ]  # fmt: skip
    assert {entry.actor_id for entry in entries} == {administrator.pk}
    assert "3 settings are saved and count from now on." in shown.text()


def test_a_section_that_was_not_changed_saves_nothing(shown, monkeypatch):
    monkeypatch.setenv("SMTP_HOST", "smtp.example.org")
    shown.save("mail")
    assert saved() == {}
    assert "Nothing was changed." in shown.text()


def test_what_somebody_else_saved_meanwhile_stays(shown):
    as_shown = shown.section("mail")
    runtime_settings.save(None, "smtp_host", "new.example.org")
    shown.client.post(URL, as_shown | {"smtp_port": "25"})
    assert saved() == {"smtp_host": "new.example.org", "smtp_port": 25}


def test_a_wrong_value_is_told_at_its_field_and_nothing_is_lost(shown):
    answer = shown.save("mail", smtp_host="mail example", smtp_port="0", smtp_user="anna")
    text = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "This must be a host name or an IP address, without a port, or empty." in text
    assert "This must be a whole number from 1 to 65535." in text
    assert 'value="mail example"' in text
    assert 'value="anna"' in text
    assert saved() == {}


@pytest.mark.parametrize("changes", [
    {"smtp_security": "pigeon"}, {"mail_from_address": "a@example.org\r\nBcc: b@example.org"},
    {"mail_from_name": "a\x00b"}, {"smtp_ca_certificate": "nonsense"}, {"smtp_port": ""},
    {"smtp_port": "9" * 5_000}, {"smtp_user": "x" * 501},
])  # fmt: skip
def test_hostile_values_are_refused(shown, changes):
    assert shown.save("mail", **changes).status_code == 422
    assert saved() == {}


def test_a_section_that_does_not_exist_is_not_found(shown):
    assert shown.client.post(URL, {"section": "nonsense"}).status_code == 404
    assert shown.client.post(URL, {"section": "mail\x00"}).status_code == 404
    assert shown.client.post("/admin/settings/nonsense/clear/", {"sent": "1"}).status_code == 404
    assert shown.client.get("/admin/settings/smtp_host/clear/").status_code == 405


def test_a_saved_value_goes_back_to_the_environment(shown, monkeypatch):
    monkeypatch.setenv("SMTP_HOST", "smtp.example.org")
    shown.save("mail", smtp_host="mail.example.org")
    answer = shown.client.post("/admin/settings/smtp_host/clear/", {"sent": "1"})
    assert answer.url == "/admin/settings/#mail"
    assert saved() == {}
    assert runtime_settings.get("smtp_host") == "smtp.example.org"
    assert "Mail server: the saved value is gone." in shown.text()
    assert AuditEntry.objects.filter(action="setting.cleared").count() == 1


def test_a_row_that_cannot_be_used_is_told_at_its_field_and_fixed_by_saving(shown):
    Setting.objects.create(name="imports_per_15_minutes", value={"by": "hand"})
    text = shown.text()
    assert "The saved value cannot be used: Files in 15 minutes must be a whole number" in text
    assert "Go back to the default" in text
    shown.save("imports")
    assert saved() == {"imports_per_15_minutes": 20}


def test_a_new_address_for_updates_is_asked_at_once(shown):
    shown.save("updates", update_check_url="https://example.org/version.json")
    assert OrmQ.objects.get().func() == "opsstatus.tasks.check_for_update"
    shown.save("updates", update_check_url="")
    assert OrmQ.objects.count() == 1


# --- secrets -----------------------------------------------------------------------------------
def test_an_empty_password_field_leaves_the_password_as_it_is(shown):
    runtime_settings.save(None, "smtp_password", SECRET)
    shown.save("mail", smtp_host="mail.example.org")
    assert runtime_settings.get("smtp_password") == SECRET
    assert "Set; type a new one to replace it" in shown.text()


def test_the_checkbox_removes_the_password_and_that_wins_over_the_environment(shown, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", SECRET)
    shown.save("mail", remove_smtp_password="on")
    assert (runtime_settings.get("smtp_password"), runtime_settings.source("smtp_password")) == ("", "saved")
    assert "Not set" in shown.text()


def test_typing_a_password_and_removing_it_is_asked_back(shown):
    runtime_settings.save(None, "smtp_password", SECRET)
    answer = shown.save("mail", smtp_password="another", remove_smtp_password="on")
    assert "Either type a new one or remove it." in answer.content.decode()
    assert runtime_settings.get("smtp_password") == SECRET


def test_spaces_of_a_password_are_kept(shown):
    shown.save("mail", smtp_password="  two spaces  ")
    assert runtime_settings.get("smtp_password") == "  two spaces  "


def test_a_lost_password_is_a_clear_state_and_can_be_removed(shown, settings):
    runtime_settings.save(None, "smtp_password", SECRET)
    settings.ENCRYPTION_KEYS = [crypto.Fernet.generate_key().decode()]
    text = shown.text()
    assert "The key that encrypted it is gone: enter it again." in text
    shown.save("mail", remove_smtp_password="on")
    assert "is gone: enter it again" not in shown.text()


def test_a_secret_is_nowhere_but_in_the_field_that_encrypts_it(shown, monkeypatch, caplog, healthy):
    """Typed, saved, from the environment, in a form that comes back, and in one the database refuses."""
    monkeypatch.setenv("SMTP_PASSWORD", SECRET)
    with caplog.at_level(logging.DEBUG):
        told = [shown.text()]
        told.append(shown.save("mail", smtp_password=SECRET, smtp_port="wrong").content.decode())
        told.append(shown.save("mail", smtp_password=SECRET + "\n", smtp_port="587").content.decode())
        answer = shown.save("mail", smtp_password=SECRET)
        told += [str(answer.headers), str(shown.client.cookies), shown.text()]
        told += [shown.client.get(path).content.decode() for path in ("/api/status", "/admin/status/")]
        monkeypatch.setattr(
            "billtracker.core.settings.runtime_settings.audit.record", lambda *args, **more: 1 / 0
        )
        shown.client.raise_request_exception = False
        failed = shown.save("mail", smtp_password=SECRET)
        told.append(failed.content.decode())
    assert failed.status_code == 500
    assert runtime_settings.get("smtp_password") == SECRET
    told += [caplog.text, str([entry.changes for entry in AuditEntry.objects.all()])]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, value, secret FROM core_setting")
        told.append(str(cursor.fetchall()))
    assert [text for text in told if SECRET in text] == []

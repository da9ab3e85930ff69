"""Another key: every secret is moved under it, whatever happens meanwhile, and what is lost is named."""

import json
import subprocess
import sys
import threading

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from billtracker.core import crypto
from billtracker.core.models import Setting
from billtracker.core.settings import runtime_settings
from notifications.models import Channel, Message
from tests.factories import make_user

ROOT = settings.BASE_DIR
A, B, C = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture(autouse=True)
def under_a(settings):
    settings.ENCRYPTION_KEYS = [A]


def rotate(capsys, **options) -> tuple[int, str]:
    try:
        call_command("rotate_secrets", **options)
    except SystemExit as ended:
        return ended.code, capsys.readouterr().out
    return 0, capsys.readouterr().out


def tokens() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM core_setting ORDER BY name")
        return [row[0] for row in cursor.fetchall()]


def keep_many(count: int) -> None:
    for number in range(count):
        Setting.objects.create(name=f"secret_{number:03}", secret=f"value {number}")


def values() -> list:
    return list(Setting.objects.order_by("name").values_list("secret", flat=True))


@pytest.mark.django_db
def test_from_a_to_b_every_secret_stays_readable_at_each_step(settings, capsys):
    user = make_user()
    runtime_settings.save(user, "smtp_password", "hunter2")
    Channel.objects.create(user=user, name="Phone", service="ntfy", address="ntfys://topic")

    def opened() -> list[str]:
        return [runtime_settings.get("smtp_password"), Channel.objects.get().address]

    settings.ENCRYPTION_KEYS = [B, A]
    assert opened() == ["hunter2", "ntfys://topic"]
    code, said = rotate(capsys)
    assert code == 0
    assert "core.Setting: 1 encrypted anew, 0 were so already, 0 lost" in said
    assert "notifications.Channel: 1 encrypted anew" in said
    assert opened() == ["hunter2", "ntfys://topic"]
    settings.ENCRYPTION_KEYS = [B]
    assert opened() == ["hunter2", "ntfys://topic"]
    assert "hunter2" not in said


@pytest.mark.django_db
def test_a_second_run_writes_nothing(settings, capsys):
    keep_many(3)
    settings.ENCRYPTION_KEYS = [B, A]
    rotate(capsys)
    before = tokens()
    code, said = rotate(capsys, json=True)
    counts = json.loads(said)
    assert (code, counts["rotated"], counts["current"], counts["lost"]) == (0, 0, 3, 0)
    assert tokens() == before


@pytest.mark.django_db
def test_what_is_lost_is_named_by_table_and_number_and_left_as_it_is(settings, capsys):
    keep_many(2)
    before = tokens()
    settings.ENCRYPTION_KEYS = [B]
    Setting.objects.create(name="zz", secret="new")
    code, said = rotate(capsys)
    assert code == 1
    assert "core.Setting: 0 encrypted anew, 1 were so already, 2 lost" in said
    assert "No key opens 2 in core.Setting." in said
    assert tokens()[:2] == before
    settings.ENCRYPTION_KEYS = [B, A]
    assert rotate(capsys)[0] == 0
    assert values() == ["value 0", "value 1", "new"]


@pytest.mark.django_db
def test_every_encrypted_field_of_every_app_is_found():
    found = crypto.models_with_secrets()
    assert {Setting, Channel, Message} <= set(found)
    assert crypto.encrypted_fields(Message) == ["text", "html"]


@pytest.mark.django_db
def test_rows_are_rewritten_a_few_at_a_time_and_none_is_left_out(settings):
    keep_many(23)
    settings.ENCRYPTION_KEYS = [B, A]
    assert crypto.reencrypt(Setting, chunk=5).rotated == 23
    settings.ENCRYPTION_KEYS = [B]
    assert values() == [f"value {number}" for number in range(23)]


@pytest.mark.django_db
def test_killed_in_the_middle_everything_is_readable_and_a_second_run_ends_it(settings, monkeypatch):
    keep_many(20)
    settings.ENCRYPTION_KEYS = [B, A]
    moved, plain = [], crypto.rotate_token

    def killed_at_the_thirteenth(token):
        moved.append(token)
        if len(moved) == 13:
            raise KeyboardInterrupt
        return plain(token)

    monkeypatch.setattr(crypto, "rotate_token", killed_at_the_thirteenth)
    with pytest.raises(KeyboardInterrupt):
        crypto.reencrypt(Setting, chunk=5)
    monkeypatch.setattr(crypto, "rotate_token", plain)
    everything = [f"value {number}" for number in range(20)]
    assert values() == everything
    # Two whole chunks stayed, the one that was under way was rolled back.
    rest = crypto.reencrypt(Setting, chunk=5)
    assert (rest.rotated, rest.current) == (10, 10)
    settings.ENCRYPTION_KEYS = [B]
    assert values() == everything


CHUNK_BY_CHUNK = """
from billtracker.core import crypto, models
plain = crypto.reencrypt_chunk
def told(*args, **options):
    result = plain(*args, **options)
    print("chunk", flush=True)
    return result
crypto.reencrypt_chunk = told
crypto.reencrypt(models.Setting, chunk=5)
"""
KEEP = """
from billtracker.core.models import Setting
for n in range(200):
    Setting.objects.create(name=f"secret_{n:03}", secret=f"value {n}")
"""
COUNT = """
from billtracker.core.models import Setting
print(sum(row.secret == f"value {int(row.name[-3:])}" for row in Setting.objects.all()))
"""


@pytest.mark.engines("sqlite", "postgresql")
def test_a_process_that_is_killed_loses_nothing(server):
    """Kill -9 after the third of forty transactions, with a real process and a database of its own."""
    server.environment["ENCRYPTION_KEYS"] = A
    server.ask(KEEP)
    server.environment["ENCRYPTION_KEYS"] = f"{B},{A}"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", CHUNK_BY_CHUNK],
        cwd=ROOT,
        env=server.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    for _ in range(3):
        assert process.stdout.readline() == "chunk\n"
    process.kill()
    process.communicate()
    assert server.ask(COUNT) == "200"
    rotate = [sys.executable, "manage.py", "rotate_secrets", "--json"]
    done = subprocess.run(
        rotate, cwd=ROOT, env=server.environment, capture_output=True, text=True, check=True
    )
    counts = json.loads(done.stdout)
    assert counts["current"] >= 15
    assert counts["rotated"] > 0
    assert counts["rotated"] + counts["current"] == 200
    server.environment["ENCRYPTION_KEYS"] = B
    assert server.ask(COUNT) == "200"


@pytest.mark.django_db(transaction=True)
def test_what_is_entered_meanwhile_is_not_put_back(settings):
    keep_many(60)
    settings.ENCRYPTION_KEYS = [B, A]
    failures: list[Exception] = []

    def enter_new_ones() -> None:
        try:
            for number in range(59, -1, -1):
                Setting.objects.filter(name=f"secret_{number:03}").update(secret=f"new {number}")
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    writer = threading.Thread(target=enter_new_ones)
    writer.start()
    crypto.reencrypt(Setting, chunk=3)
    writer.join()
    assert failures == []
    settings.ENCRYPTION_KEYS = [B]
    assert values() == [f"new {number}" for number in range(60)]


@pytest.mark.django_db
def test_a_lost_key_says_enter_again_on_the_settings_page(settings, client):
    administrator = make_user(is_superuser=True, is_staff=True)
    runtime_settings.save(administrator, "smtp_password", "hunter2")
    settings.ENCRYPTION_KEYS = [C]
    client.force_login(administrator)
    answer = client.get("/admin/settings/")
    assert answer.status_code == 200
    assert "The key that encrypted it is gone: enter it again." in answer.content.decode()
    client.post("/admin/settings/", {"section": "mail", "smtp_password": "new", "smtp_port": "587",
                                     "smtp_security": "starttls"})  # fmt: skip
    assert runtime_settings.get("smtp_password") == "new"
    assert "is gone" not in client.get("/admin/settings/").content.decode()

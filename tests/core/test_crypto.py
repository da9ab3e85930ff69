"""Secrets in the database."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection

from billtracker.core import crypto
from billtracker.core.models import Setting

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def one_key(settings, db):
    settings.ENCRYPTION_KEYS = [OLD]


def kept(secret):
    return Setting.objects.create(name="smtp_password", secret=secret)


def counts(rotation):
    return rotation.rotated, rotation.current, rotation.lost


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM core_setting")
        return cursor.fetchone()[0]


def test_a_secret_is_ciphertext_in_the_database_and_text_in_python():
    kept("correct horse – ключ")
    assert "horse" not in stored()
    assert Setting.objects.get().secret == "correct horse – ключ"


def test_the_same_secret_gives_another_ciphertext_each_time():
    assert crypto.encrypt("x") != crypto.encrypt("x")


def test_empty_text_stays_empty():
    kept("")
    assert stored() == ""
    assert Setting.objects.get().secret == ""


def test_a_lost_key_gives_a_clear_state_and_no_error(settings):
    kept("x")
    settings.ENCRYPTION_KEYS = [NEW]
    secret = Setting.objects.get().secret
    assert crypto.is_lost(secret)
    assert (bool(secret), str(secret), repr(secret)) == (False, "", "<Lost: enter again>")
    assert not crypto.is_lost("x")


def test_saving_a_row_with_a_lost_secret_does_not_destroy_it(settings):
    kept("x")
    settings.ENCRYPTION_KEYS = [NEW]
    Setting.objects.get().save()
    settings.ENCRYPTION_KEYS = [OLD]
    assert Setting.objects.get().secret == "x"


def test_a_damaged_ciphertext_is_lost_and_no_error():
    kept("x")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_setting SET secret = 'gAAAA no token é'")
    assert crypto.is_lost(Setting.objects.get().secret)


def test_keys_are_rotated_without_losing_a_secret(settings):
    kept("x")
    before = stored()
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert Setting.objects.get().secret == "x"
    assert counts(crypto.reencrypt(Setting)) == (1, 0, 0)
    assert counts(crypto.reencrypt(Setting)) == (0, 1, 0)
    assert stored() != before
    settings.ENCRYPTION_KEYS = [NEW]
    assert Setting.objects.get().secret == "x"


def test_rotation_leaves_what_is_lost_as_it_is(settings):
    kept("x")
    before = stored()
    settings.ENCRYPTION_KEYS = [NEW]
    assert counts(crypto.reencrypt(Setting)) == (0, 0, 1)
    assert stored() == before


def test_a_secret_cannot_be_searched_for():
    with pytest.raises(FieldError, match="cannot be searched"):
        list(Setting.objects.filter(secret="x"))
    with pytest.raises(FieldError, match="cannot be searched"):
        list(Setting.objects.filter(secret__contains="x"))
    assert Setting.objects.filter(secret="").count() == 0


def test_a_wrong_key_is_named(settings):
    settings.ENCRYPTION_KEYS = ["short"]
    with pytest.raises(ImproperlyConfigured, match="ENCRYPTION_KEYS must be"):
        crypto.encrypt("x")

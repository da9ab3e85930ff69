"""What each kind of setting takes and refuses."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from billtracker.core.settings import kinds
from billtracker.core.settings.kinds import READERS, Spec
from billtracker.core.settings.specs import GROUPS, SPECS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
)


def make_pem() -> str:
    """A certificate that signed itself."""
    key, day = ec.generate_private_key(ec.SECP256R1()), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, day, day + dt.timedelta(days=9))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def spec(kind: str, **more) -> Spec:
    return Spec("thing", kind, "", "THING", "A thing.", **more)


def read(kind: str, value, **more):
    return kinds.read(spec(kind, **more), value)


@pytest.mark.parametrize(("kind", "values"), [
    ("yes_no", ["true", "Yes", " on ", "1", True, False, "no", "off", 0]),
    ("number", ["5", 5, " 7 ", 0]),
    ("hours", ["0.5", "4", 4, "168", "1.50", 0.5]),
    ("text", ["", "Ünï cödé", "a" * 500]),
    ("secret", ["", " leading and trailing ", "p" * 4_000]),
    ("host", ["", "localhost", "mail.example.org", "mail.example.org.", "192.0.2.7", "2001:db8::1",
              "bücher.example", "smtp-relay_1.internal"]),
    ("mail_address", ["", "bills@example.org"]),
    ("web_address", ["", "https://example.org/v.json", "http://127.0.0.1:8000/", "https://[2001:db8::1]/x?y=z"]),
])  # fmt: skip
def test_what_is_well_formed_is_taken(kind, values):
    for value in values:
        read(kind, value)


def test_hours_are_kept_in_halves_and_bounded():
    """Requirement 5"""
    assert [read("hours", value, high=168) for value in ("0.5", 4, "1.50", "168.0")] == [
        "0.5",
        "4",
        "1.5",
        "168",
    ]
    with pytest.raises(ValueError, match=r"hours from 0\.5 to 168"):
        read("hours", "168.5", high=168)


@pytest.mark.parametrize(("kind", "values"), [
    ("yes_no", ["", "maybe", None, [], 2]),
    ("number", ["", "-1", "1.0", "٣", "9" * 13, True, None, [1], 1e3]),
    ("hours", ["", "0", "0.25", "-1", "1e2", "1.", True, None, "9" * 5]),
    ("text", ["a\nb", "a\x00", "\r", "a" * 501, None, 5, "\ud800", "a\u2028b"]),
    ("secret", ["two\nlines", "nul\x00", "p" * 4_001, None, {}]),
    ("host", [" ", "a b", "mail.example.org:587", "http://mail", "-a.example", "a..b", "a\n", "x" * 254, 5,
              None, "user@host", "a\x00b", "mail.example.org\nBcc: x"]),
    ("mail_address", ["nobody", "a@b@c", "a@example.org\nBcc: b@example.org", "Anna <a@example.org>", 5,
                      None, [], {"@": 1}, "a@" + "b" * 250 + ".org"]),
    ("web_address", ["example.org", "ftp://example.org", "file:///etc/passwd", "javascript:alert(1)", "http:///",
                     "https://user:hush@example.org/", "http://a b/", "http://a:99999/", "http://[", 5, None,
                     "http://a/\n", "http://" + "a" * 2_000]),
    ("certificate", ["nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 5, None,
                     "x" * 20_001]),
])  # fmt: skip
def test_what_is_not_is_refused_in_words_without_the_value(kind, values):
    for value in values:
        with pytest.raises(ValueError, match=r".") as refusal:
            read(kind, value)
        assert str(value) not in str(refusal.value) or len(str(value)) < 2, value


def test_a_certificate_is_kept_with_plain_line_ends():
    pem = make_pem()
    assert read("certificate", pem.replace("\n", "\r\n") + "  \n") == pem
    assert read("certificate", pem + pem) == pem + pem


def test_a_choice_is_one_of_those_offered():
    choices = {"ssl": "SSL", "none": "None"}
    assert read("choice", "ssl", choices=choices) == "ssl"
    for value in ("SSL", "", None, ["ssl"], {}):
        with pytest.raises(ValueError, match="one of ssl, none"):
            read("choice", value, choices=choices)


@given(st.sampled_from(sorted(READERS)), JSON)
def test_whatever_stands_in_a_row_is_read_or_refused_and_never_breaks(kind, value):
    try:
        result = read(kind, value, choices={"a": "A"})
    except ValueError:
        return
    # What was read once is read again: saving what the page shows changes nothing.
    assert read(kind, result, choices={"a": "A"}) == result


@pytest.mark.parametrize("name", sorted(SPECS))
def test_each_setting_takes_its_own_default_and_belongs_to_a_section(name):
    one = SPECS[name]
    assert kinds.read(one, one.default) == one.default
    assert one.group in GROUPS
    assert one.label
    assert one.help

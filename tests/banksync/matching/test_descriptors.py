"""Descriptors of real banks come down to their payee, and stay there."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banksync.matching.descriptors import normalize_descriptor
from tests.banksync.matching.samples import lines_of_the_year

PARTS = [
    "SQ *", "TST*", "PAYPAL *", "POS DEBIT ", "ACH DEBIT ", "WEB PMT ", "AUTOPAY",
    "PURCHASE AUTHORIZED ON 01/02 ", "NETFLIX.COM", "Blue Bottle", "AT&T", "24/7 Fitness",
    "7-ELEVEN", "Zoë Café", "ＦＵＬＬ", "gas co", "ref # 99a1", " ", "*", "#", " 8829", " P9500",
    "#79625", " 2K4TV8AB0", " 800-555-0199", " (866) 712-7753", " +46 8 555 01 99", " 11/03",
    " 2026-11-03", " NOV 03", " 3 dec", " on", " CA", " MI", " OAKLAND CA", " US", " CARD 1234",
    " ß", "ﬁ",
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "payee"),
    [
        ("SQ *BLUE BOTTLE 0412 OAKLAND CA", "blue bottle"),
        ("TST* BLUE PLATE DINER", "blue plate diner"),
        ("PAYPAL *NETFLIX 4029357733 CA", "netflix"),
        ("POS DEBIT FIBERNET*SVC 800-555-0199 MI", "fibernet svc"),
        ("CONSUMERS ENERGY ACH DEBIT 003574", "consumers energy"),
        ("WEB PMT RIVERSIDE APTS 8829", "riverside apts"),
        ("PURCHASE AUTHORIZED ON 01/02 HULU 877-8244858 CA P0123456 CARD 1234", "hulu"),
        ("Prime Video*RT4G56H 888-802-3080 WA", "prime video"),
        ("AMZN Mktp US*2K4TV8AB0", "amzn mktp"),
        ("APPLE.COM/BILL 866-712-7753 CA", "apple.com/bill"),
        ("NETFLIX.COM LOS GATOS CA", "netflix.com"),
        ("COSTCO WHSE #0112 TORRANCE CA", "costco whse"),
        ("SHELL OIL 57442 ANN ARBOR MI", "shell oil"),
        ("DUKE ENERGY BILL PAY 09/12/26", "duke energy"),
        ("VANTAGE FITNESS NOV 2026", "vantage fitness"),
        ("ＮＥＴＦＬＩＸ．ＣＯＭ", "netflix.com"),
        # Numbers and short words that are the name itself stay.
        ("7-ELEVEN 33412 DETROIT MI", "7-eleven"),
        ("24/7 FITNESS", "24/7 fitness"),
        ("1-800-FLOWERS.COM", "1-800-flowers.com"),
        ("MIDSTATE GAS CO WEB", "midstate gas co"),
        ("CAFE DE LA", "cafe de la"),
        # Nothing names a payee.
        ("CHECK 1042", ""),
        ("ACH DEBIT 12345", ""),
        ("", ""),
    ],
)
def test_a_descriptor_comes_down_to_its_payee(raw, payee):
    assert normalize_descriptor(raw) == payee


def test_a_year_of_an_account_has_one_descriptor_for_each_payee():
    counts = Counter(line.payee for line in lines_of_the_year())
    assert counts == {
        "starbucks store": 36, "kroger": 33, "atm withdrawal": 32, "blue plate diner": 32, "venmo": 31,
        "shell oil": 28, "amzn mktp": 27, "payroll direct dep acme": 21, "spotify stockholm": 11,
        "fibernet svc": 11, "netflix.com": 11, "midstate gas co": 11, "apple.com/bill": 11, "mobileco": 11,
        "consumers energy": 11, "auto finance": 11, "riverside apts": 10, "dept education student ln": 10,
    }  # fmt: skip


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PARTS), max_size=8).map("".join) | st.text(max_size=60))
def test_normalising_twice_changes_nothing(raw):
    once = normalize_descriptor(raw)
    assert normalize_descriptor(once) == once


def test_a_descriptor_of_any_length_is_read():
    assert len(normalize_descriptor("POS *" * 100_000 + "ACME")) <= 300


@given(st.sampled_from(["Blue Bottle", "Fibernet", "Zoë Café"]), st.integers(1000, 10**9))
def test_the_reference_of_a_payment_makes_no_other_payee(payee, number):
    assert normalize_descriptor(f"SQ *{payee.upper()} {number}") == normalize_descriptor(payee)

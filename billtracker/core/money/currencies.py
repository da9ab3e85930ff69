"""Every currency of ISO 4217 with the number of its decimal places."""

from babel.numbers import get_currency_name
from django.core.exceptions import ValidationError

# Source: ISO 4217, list one (active codes), without metals, test codes and funds that are no money.
MINOR_UNITS = dict.fromkeys(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
    PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
    TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """.split(),
    2,
)
MINOR_UNITS |= dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0)
MINOR_UNITS |= dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
MINOR_UNITS |= dict.fromkeys("CLF UYW".split(), 4)
# No longer issued, still found in older records.
MINOR_UNITS |= dict.fromkeys("ANG BGN CUC HRK SLL ZWL".split(), 2)

CURRENCIES = tuple(sorted(MINOR_UNITS))
FINEST_CURRENCY = "CLF"  # four places: what a field reads with before its currency is known


def currency_choices() -> list[tuple[str, str]]:
    """Return (code, its name) for every currency, for a select field."""
    return [(code, f"{code} \u2013 {get_currency_name(code, locale='en')}") for code in CURRENCIES]


def validate_currency(code: str) -> None:
    """Refuse a code that is not in ISO 4217."""
    if code not in MINOR_UNITS:
        raise ValidationError(f"{code!r} is not a currency code such as USD or EUR.", code="currency")

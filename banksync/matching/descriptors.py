"""Descriptors of bank lines reduced to the payee: ``SQ *BLUE BOTTLE 0412 OAKLAND CA`` is ``blue bottle``.

A bank writes the payee between the name of its processor, references, phone numbers, dates and places,
which differ from one payment to the next. The raw text is kept elsewhere; this form is for comparing.
"""

import re
from functools import lru_cache

from billtracker.core.text import comparison_key

# Who handled the payment, written in front of the payee with an asterisk.
_PROCESSORS = re.compile(r"^(?:sq|sqc|gosq|tst|pp|paypal|py|sp|stripe|ppd|in|fs|sumup|zettle|iz|izettle) ?\*")

_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
_DAY = r"(?:\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2}(?:\d{2})?)?|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})"
_TRAILING_DATE = re.compile(
    rf"(?<=\S) (?:on )?(?:{_DAY}|\d{{1,2}}[ -]?(?:{_MONTH})(?:[ -]?\d{{2,4}})?|(?:{_MONTH})[ -]?\d{{1,4}})$"
)

# How the bank moved the money. Whole words, in front of the payee (a date may follow) or behind it.
_CHANNELS = [
    "pos debit|pos purchase|pos|ach debit|ach credit|ach pmt|ach payment|ach|web pmt|web payment",
    "debit card purchase|debit purchase|card purchase|checkcard|check card|visa debit|visa purchase",
    "recurring payment|recurring debit|recurring|preauthorized debit|preauthorized payment",
    "electronic payment|electronic pmt|online payment|online pmt|bill payment|bill pmt|billpay|bill pay",
    "direct debit|sepa direct debit|sepa|lastschrift|autopay|auto pay|automatic payment|autopayment",
    "payment to|purchase authorized on|payment authorized on|authorized on|payment|pymt|pmt|purchase",
]
_BEHIND = "web|des|indn|ppd id|web id|ccd id|co id|ref|trace|conf|id|on"


def _any_of(*lists: str) -> str:
    return "|".join(sorted("|".join(lists).split("|"), key=len, reverse=True))


_LEADING_CHANNEL = re.compile(rf"^(?:{_any_of(*_CHANNELS)})\b[ :*-]*(?:{_DAY}(?: |$))?")
_TRAILING_CHANNEL = re.compile(rf"(?:^| )(?:{_any_of(*_CHANNELS, _BEHIND)})[ :*-]*$")

_PHONE = re.compile(
    r"(?<![\w.])(?:\+\d[\d .()-]{6,}\d|(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]?\d{4})(?!\w)"
)
# "ref #JPM99a1b", "card 1234": a number that the word before it announces.
_ANNOUNCED = re.compile(
    r"\b(?:ref|reference|trace|conf|confirmation|auth|card|check|chk|cheque)\b[ .:#]*[a-z]*\d[\w-]*"
)

# Codes of states, provinces and countries that end a descriptor.
_AMBIGUOUS = set("co de in la me or hi ok".split())  # They end names of payees too, such as "gas co".
_REGIONS = set(
    "al ak az ar ca co ct de dc fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd"
    " oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy pr ab bc mb nb nl ns on pe qc sk us usa gb uk".split()
)
_DOMAIN = re.compile(r"^[a-z0-9][a-z0-9.-]*\.(?:com|net|org|io|co|tv|app|eu|de|fr|es|it|nl|ph|uk|ca|us)$")
_CITY_WORDS = 3
_LONGEST = 300  # No bank writes more; whoever does must not cost seconds.


@lru_cache(maxsize=20_000)
def normalize_descriptor(text: str) -> str:
    """Return what descriptors of one payee share; empty where nothing in the text names a payee.

    Normalising twice changes nothing.
    """
    words = comparison_key(text)[:_LONGEST].rstrip()
    while (shorter := _shorten(words)) != words:
        words = shorter
    return words


def _shorten(text: str) -> str:
    """Take one layer of everything that is no payee off the text; it never grows."""
    text = _PROCESSORS.sub("", text).lstrip(" *")
    text = _LEADING_CHANNEL.sub("", text)
    text = _TRAILING_CHANNEL.sub("", text)
    text = _ANNOUNCED.sub(" # ", _PHONE.sub(" # ", _TRAILING_DATE.sub("", text)))
    # A mark stands where a reference was: what follows it up to a region is a city.
    words = text.replace("*", " * ").split()
    words = [_without_reference(word, before) for word, before in zip(words, ["", *words], strict=False)]
    kept = [word for word in _without_place(words) if word.strip("#*/:;,.-_+=|")]
    return comparison_key(" ".join(kept))


def _without_reference(word: str, before: str) -> str:
    """Return the word, or ``#`` for a number of a store, a card or a payment."""
    digits = sum(character.isdigit() for character in word)
    letters = sum(character.isalpha() for character in word)
    if not digits:
        return word
    is_number = word.startswith("#") or (digits >= 4 and letters <= 3)
    is_mixed = digits >= 3 and len(re.findall(r"\d+", word)) >= 3 and letters > 0
    is_order = before == "*" and digits >= 2  # "prime video*rt4g56h"
    return "#" if is_number or is_mixed or is_order else word


def _without_place(words: list[str]) -> list[str]:
    """Return the words without the place at their end, as far as it can be told from a name."""
    while words and words[-1] in "#*":
        words = words[:-1]
    names = [word for word in words if word not in "#*"]
    if len(names) < 2 or words[-1] not in _REGIONS:
        return words
    if _DOMAIN.match(words[0]):
        # "netflix.com los gatos ca": an address names the payee by itself.
        return words[:1]
    city = words[:-1][-_CITY_WORDS - 1 :]
    if "#" in city and words.index("#") > 0:
        return words[: len(words) - 1 - city[::-1].index("#")]
    if words[-1] in _AMBIGUOUS or len(names) < 3:
        return words
    return words[:-1]

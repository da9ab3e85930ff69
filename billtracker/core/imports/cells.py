"""The text of one cell: made harmless once, before anything else looks at it."""

import re
import unicodedata

# Controls, marks that turn the reading direction, zero-width marks, byte-order marks, soft hyphens.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")


def clean(text: str) -> str:
    """Return the text in composed form, without unseen characters, lone surrogates as U+FFFD."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _SURROGATES.sub("\ufffd", _LINE_ENDS.sub("\n", text))
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text)).strip()


def one_line(text: str) -> str:
    """Return the text with every run of white space as one blank."""
    return " ".join(text.split())


def normalise_name(text: str) -> str:
    """Return what two spellings of the same name share: case, accents' form and blanks folded."""
    return one_line(unicodedata.normalize("NFKC", text)).casefold()

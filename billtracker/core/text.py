"""The text that people and files send: cleaned in one way, compared in one way."""

import re
import unicodedata

# Controls, marks that turn the reading direction, zero-width blanks, byte-order marks, soft hyphens,
# fillers that print nothing.
_INVISIBLE = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
# Parts of letters and pictures in some scripts, nothing by themselves.
_JOINING = "\u200c\u200d\ufe00-\ufe0f"
_UNSEEN = re.compile(f"[{_INVISIBLE}]")
_JOINING_NOTHING = re.compile(f"(?<![^\x00-\x7f{_JOINING}])[{_JOINING}]+")
_IGNORED = re.compile(f"[{_INVISIBLE}{_JOINING}]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_DASHES = re.compile(
    "[\u058a\u05be\u1400\u1806\u2010-\u2015\u2043\u207b\u208b\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d]"
)


def clean(text: str) -> str:
    """Return the text in composed form, without unseen characters, lone surrogates as U+FFFD.

    Line ends become ``\\n``, blanks at both ends go. Text of nothing that can be seen is empty.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _SURROGATES.sub("\ufffd", _LINE_ENDS.sub("\n", text))
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return _JOINING_NOTHING.sub("", text).strip()


def has_surrogates(text: str) -> bool:
    """Say whether the text holds halves of characters, which no encoding can write."""
    return bool(_SURROGATES.search(text))


def one_line(text: str) -> str:
    """Return the text with every run of white space as one blank."""
    return " ".join(text.split())


def comparison_key(text: str) -> str:
    """Return what all spellings of the same name share: ``ＯR–12`` and ``or-12`` are the same.

    Case, width, forms of a letter, kinds of dashes, blanks and invisible characters are folded.
    """
    plain = unicodedata.normalize("NFKC", _IGNORED.sub("", text)).casefold()
    # Folding the case takes some letters apart again.
    return one_line(_DASHES.sub("-", unicodedata.normalize("NFKC", plain)))

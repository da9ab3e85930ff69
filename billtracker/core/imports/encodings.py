"""Which characters the bytes of a text file stand for: certain, or a guess that a person looks at."""

import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

UTF_8 = "utf-8"
# What spreadsheets and banks write, by the name that their own menus use.
ENCODINGS = {
    UTF_8: "Unicode (UTF-8)",
    "cp1252": "Western European (Windows-1252)",
    "iso8859_15": "Western European (ISO-8859-15)",
    "mac_roman": "Western European (Mac)",
    "cp850": "Western European (DOS 850)",
    "cp1250": "Central European (Windows-1250)",
    "iso8859_2": "Central European (ISO-8859-2)",
    "cp1257": "Baltic (Windows-1257)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8_r": "Cyrillic (KOI8-R)",
    "cp866": "Cyrillic (DOS 866)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "cp1258": "Vietnamese (Windows-1258)",
    "cp874": "Thai (Windows-874)",
    "cp932": "Japanese (Shift-JIS)",
    "euc_jp": "Japanese (EUC-JP)",
    "gb18030": "Chinese, simplified (GB18030)",
    "big5": "Chinese, traditional (Big5)",
    "cp949": "Korean (EUC-KR, Windows-949)",
}
UNREADABLE = "\ufffd"
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
_BEYOND_ASCII = re.compile("[^\x00-\x7f\ufffd]")
# Western words: these letters, seldom two of them side by side.
_LETTERS = "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßœÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒ"
_NOT_WESTERN = re.compile(f"[^\x00-\x7f{_LETTERS}€£°’‘“”–—…«»¿¡ºª§·]")
_SIDE_BY_SIDE = re.compile("[à-ÿÀ-Ý]{3}")
SAMPLE = 64 * 1024


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A file's text; ``is_sure`` False means that its encoding was guessed."""

    text: str
    encoding: str
    name: str
    is_sure: bool


def decode(content: bytes, encoding: str = "") -> DecodedText:
    """Return the text in ``encoding``, one of ``ENCODINGS``, or in the one the bytes speak for.

    What the encoding has no character for becomes U+FFFD, so that whoever reads the cell can refuse it.
    """
    if encoding:
        return DecodedText(content.decode(encoding, errors="replace"), encoding, ENCODINGS[encoding], False)
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            return DecodedText(content.decode(codec, errors="replace"), codec, name, True)
    if codec := _utf_16_without_mark(content):
        return DecodedText(content.decode(codec, errors="replace"), codec, "UTF-16", True)
    try:
        return DecodedText(content.decode(UTF_8), UTF_8, "UTF-8", True)
    except UnicodeDecodeError:
        return decode(content, _guess_encoding(content))


def _guess_encoding(content: bytes) -> str:
    """Return the most likely encoding of bytes that are not all UTF-8."""
    as_utf_8 = content.decode(UTF_8, errors="replace")
    damaged = as_utf_8.count(UNREADABLE)
    if len(_BEYOND_ASCII.findall(as_utf_8)) > damaged:
        return UTF_8  # of the bytes above 127 only a few do not fit
    sample = _lines_beyond_ascii(content)
    western = sample.decode("cp1252", errors="replace")
    if not _NOT_WESTERN.search(western) and not _SIDE_BY_SIDE.search(western):
        return "cp1252"
    candidates = [name for name in ENCODINGS if name != UTF_8]
    best = from_bytes(sample, cp_isolation=candidates, preemptive_behaviour=False).best()
    return best.encoding if best and best.encoding in ENCODINGS else "cp1252"


def _lines_beyond_ascii(content: bytes) -> bytes:
    """Return the beginning of what tells encodings apart: long files are plain for the most part."""
    lines = (line for line in content.splitlines() if not line.isascii())
    telling = bytearray()
    for line in lines:
        if len(telling) > SAMPLE:
            break
        telling += line + b"\n"
    return bytes(telling)


def _utf_16_without_mark(content: bytes) -> str:
    """Return the codec when every other byte of the beginning is nearly always zero."""
    head = content[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half < 4:
        return ""
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.1 * half else ""

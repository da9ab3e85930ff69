"""Which characters of a document no font of this server can print.

Pango, which lays documents out, is asked character by character; only those beyond the letters that
every font has.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

# Letters of Europe's languages, their punctuation, and signs of currencies.
ALWAYS_THERE = range(0x250)
LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libgobject-2.0.so.0")
FIELDS = {
    ("office", "name"): _("the office's name"),
    ("office", "address"): _("the office's address"),
    ("office", "bank_lines"): _("how to pay"),
    ("office", "terms"): _("the terms"),
    ("office", "footer"): _("the footer"),
    ("client", "name"): _("the client's name"),
    ("client", "address"): _("the client's address"),
    ("client", "header_note"): _("the client's header note"),
    ("statement", "notes"): _("the notes"),
}


def unprintable_characters(snapshot: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (field, characters) for each field with characters that would print as boxes.

    ``snapshot`` is one of ``snapshots``, or the part of one that a draft has.
    """
    found = []
    for field, text in _texts_of(snapshot):
        missing = "".join(dict.fromkeys(char for char in text if not _is_printable(char)))
        if missing:
            found.append((field, missing))
    return found


def _texts_of(snapshot: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for (part, name), label in FIELDS.items():
        value = snapshot.get(part, {}).get(name, "")
        yield str(label), value if isinstance(value, str) else "\n".join(value)
    for number, line in enumerate(snapshot["lines"], start=1):
        yield _("line %d") % number, f"{line['description']} {line['unit']}"


def _is_printable(char: str) -> bool:
    return ord(char) in ALWAYS_THERE or char.isspace() or _has_glyph(char)


@lru_cache(maxsize=4_096)
def _has_glyph(char: str) -> bool:
    """Say whether any font of this server has the character; what shapes others, such as U+200D, has one."""
    pango, layout = _open_layout()
    text = char.encode("utf-8", "replace")
    pango.pango_layout_set_text(layout, text, len(text))
    return pango.pango_layout_get_unknown_glyphs_count(layout) == 0


@lru_cache(maxsize=1)
def _open_layout():
    """Return what asks Pango, made once: the fonts of a server do not change while it runs."""
    import cffi  # comes with the library that renders; pages that need none of it do without

    ffi = cffi.FFI()
    ffi.cdef(
        """
        void *pango_ft2_font_map_new(void);
        void *pango_font_map_create_context(void *map);
        void *pango_layout_new(void *context);
        void pango_layout_set_text(void *layout, const char *text, int length);
        int pango_layout_get_unknown_glyphs_count(void *layout);
        """
    )
    pango, pangoft2, _gobject = (ffi.dlopen(name) for name in LIBRARIES)
    context = pango.pango_font_map_create_context(pangoft2.pango_ft2_font_map_new())
    return pango, pango.pango_layout_new(context)

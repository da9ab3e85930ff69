"""Logos as the rendering library draws them, packed for the PDF once and not for each document.

It loads the rendering library, so only the worker imports it.
"""

import io
from collections.abc import Iterable
from functools import lru_cache
from hashlib import md5

from PIL import Image
from pydyf import Dictionary, Stream
from weasyprint.images import RasterImage

from billing.documents.data_addresses import data_address

KEPT = 32  # logos: the office's and those of clients that come again


class LogoImage(RasterImage):
    """An image that is packed at its first document and copied into the others: the same bytes.

    The library decodes and packs a picture anew for each document, which takes as long as a third
    of the page's layout.
    """

    def __init__(self, address: str, content: bytes):
        name = md5(address.encode(), usedforsecurity=False).hexdigest()  # as the library names it
        super().__init__(Image.open(io.BytesIO(content)), name, content, orientation="from-image")
        self._packed: dict[tuple, Stream] = {}

    def get_x_object(self, interpolate, dpi_ratio) -> Stream:
        drawn = (interpolate, dpi_ratio)
        if drawn not in self._packed:
            self._packed[drawn] = super().get_x_object(*drawn)
        return _copy_stream(self._packed[drawn])


def _copy_stream(stream: Stream) -> Stream:
    """Return the stream for another document, which numbers it and its mask in its own way."""
    extra = {
        name: _copy_stream(part) if isinstance(part, Stream) else part for name, part in stream.extra.items()
    }
    return Stream(stream.stream, Dictionary(extra), stream.compress)


@lru_cache(maxsize=KEPT)
def named_image(content: bytes) -> tuple[str, LogoImage]:
    """Return the logo under the address that the document has for it. Raises what Pillow raises."""
    address = data_address(content)
    return address, LogoImage(address, content)


def images_of(logos: Iterable[bytes]) -> dict[str, LogoImage]:
    """Return {address: image} of the pictures among the logos; of a broken one the library tells itself."""
    images = {}
    for content in logos:
        try:
            address, image = named_image(content)
        except Exception:  # noqa: S112 (a broken file makes Pillow stumble over anything)
            continue
        images[address] = image
    return images

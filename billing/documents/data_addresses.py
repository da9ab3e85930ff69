"""Pictures as ``data:`` addresses: a document asks for nothing outside itself."""

import base64

LOGO_TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def data_address(image: bytes) -> str:
    """Return an image as a ``data:`` address; empty for what is no picture that we know."""
    kind = next((kind for start, kind in LOGO_TYPES.items() if image.startswith(start)), "")
    return f"data:{kind};base64,{base64.b64encode(image).decode()}" if kind else ""

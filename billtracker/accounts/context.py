"""What every page's frame needs to know."""


def navigation(request) -> dict:
    """Give templates the person's ``membership`` (None for strangers)."""
    return {"membership": getattr(request, "membership", None)}

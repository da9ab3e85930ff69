"""The JSON API of a household's bills, by noun."""

from ninja import Router

from bills.api import bills, categories, occurrences, payments, tracker

router = Router()
router.add_router("", tracker.router, tags=["tracker"])
router.add_router("", categories.router, tags=["categories"])
router.add_router("", bills.router, tags=["bills"])
router.add_router("", occurrences.router, tags=["occurrences"])
router.add_router("", payments.router, tags=["payments"])

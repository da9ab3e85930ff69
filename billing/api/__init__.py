"""JSON API: the office, by noun."""

from ninja import Router

from billing.api import (
    audit,
    clients,
    engagements,
    payer_groups,
    payments,
    periods,
    reports,
    sequences,
    settlements,
    statements,
)

router = Router()
router.add_router("", sequences.router, tags=["billing: numbers"])
router.add_router("/billing", clients.router, tags=["billing: clients"])
router.add_router("/billing", payer_groups.router, tags=["billing: clients"])
router.add_router("/billing", engagements.router, tags=["billing: engagements"])
router.add_router("/billing", statements.router, tags=["billing: statements"])
router.add_router("/billing", settlements.router, tags=["billing: statements"])
router.add_router("/billing", payments.router, tags=["billing: payments"])
router.add_router("/billing", periods.router, tags=["billing: periods"])
router.add_router("/billing", reports.router, tags=["billing: reports"])
router.add_router("/billing", audit.router, tags=["billing: audit"])

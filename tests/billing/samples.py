"""A snapshot as an issue takes it, and the smallest picture there is."""

import base64
import copy

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SNAPSHOT = {
    "version": 1,
    "language": "en",
    "office": {
        "name": "Reyes & Co.", "address": ["1 Ayala Ave.", "Makati"], "tax_number": "001-234",
        "bank_lines": ["BPI 1234-5678"], "signatories": [["Ana Reyes", "Partner"]],
        "terms": ["Pay within 15 days."], "footer": "Reyes & Co., Makati", "logo": "",
    },
    "client": {
        "name": "Wong Trading 黃貿易", "address": ["109 Mabini St., Unit 3"], "tax_number": "702-781",
        "header_note": "", "logo": "", "contacts": [{"name": "A. Cruz", "email": "ap@wongtrading.example"}],
    },
    "statement": {
        "number": "SOA-2026-0001", "kind": "retainer", "period": "September 2025", "issue_date": "2025-09-01",
        "issued_on": "1 September 2025", "due_date": "2025-09-16", "due_on": "16 September 2025",
        "currency": "PHP", "total": "8750.50", "total_shown": "₱8,750.50", "notes": [], "replaces": "",
    },
    "lines": [
        {
            "description": "General counsel retainer, September 2025", "quantity": "1", "unit": "",
            "unit_price": "8750.50", "unit_price_shown": "8,750.50", "amount": "8750.50",
            "amount_shown": "8,750.50",
        },
    ],
}  # fmt: skip


def make_snapshot() -> dict:
    return copy.deepcopy(SNAPSHOT)

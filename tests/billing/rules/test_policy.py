"""The roles of the office, as the manual has them."""

import re
from pathlib import Path

from billing.rules.policy import ALLOWED, OfficeRole

MANUAL = Path(__file__).parents[3] / "mkdocs" / "docs" / "billing.md"


def test_the_table_in_the_manual_is_the_one_the_program_uses():
    section = MANUAL.read_text(encoding="utf-8").split("## Roles")[1].split("\n## ")[0]
    head, _, *rows = [
        [cell.strip() for cell in line.strip("| ").split("|")]
        for line in re.findall(r"^\|.*$", section, re.M)
    ]
    assert head == ["may", *OfficeRole]
    said = {
        act: {role for role, word in zip(OfficeRole, words, strict=True) if word == "yes"}
        for act, *words in rows
    }
    assert said == {act.value: set(roles) for act, roles in ALLOWED.items()}
    assert {word for _, *words in rows for word in words} == {"yes", "no"}

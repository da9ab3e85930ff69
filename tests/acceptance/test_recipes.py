"""The recipes of the manual are true: one is followed on a copy of the tree, file by file."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.engines("sqlite")

ROOT = settings.BASE_DIR
CODE = ["billtracker", "bills", "billing", "banksync", "notifications", "backups", "opsstatus"]
PARTS = [*CODE, "templates", "static", "tests", "manage.py", "pyproject.toml"]
FIELDS_TEST = "tests/bills/models/test_bills_fields.py"

# "A field of a bill": what stands beside it in each file, and with it.
BESIDE = ('"user_name_hint", ', '"user_name_hint", "meter_number", ')
STEPS = {
    "bills/models/bills.py": [
        (
            "    user_name_hint = ",
            "    meter_number = models.CharField(max_length=40, blank=True)\n    user_name_hint = ",
        )
    ],
    "bills/forms/bills.py": [BESIDE],
    "bills/api/schemas/bills.py": [
        (
            "    user_name_hint: str = ",
            '    meter_number: str = Field("", max_length=40)\n    user_name_hint: str = ',
        ),
        ("    user_name_hint: str\n", "    meter_number: str\n    user_name_hint: str\n"),
    ],
    FIELDS_TEST: [BESIDE],
}


@pytest.fixture
def copied_tree(tmp_path) -> Path:
    """A copy of the code and its tests that a test may change."""
    for part in PARTS:
        source, target = ROOT / part, tmp_path / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return tmp_path


def follow(tree: Path, *, but: str = "") -> None:
    """Follow the recipe, leaving out one file if asked."""
    for path in set(STEPS) - {but}:
        text = (tree / path).read_text(encoding="utf-8")
        for beside, with_it in STEPS[path]:
            assert beside in text, f"{path} has no {beside!r}"
            text = text.replace(beside, with_it)
        (tree / path).write_text(text, encoding="utf-8")


def run(tree: Path, *command: str) -> subprocess.CompletedProcess:
    ours = ("PYTEST", "BILLTRACKER", "DATABASE_URL")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    return subprocess.run(
        [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True, timeout=240
    )


def files_of(tree: Path) -> dict[str, bytes]:
    paths = (path for part in PARTS for path in [tree / part, *(tree / part).rglob("*")])
    return {
        str(path.relative_to(tree)): path.read_bytes()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_a_field_of_a_bill_takes_at_most_six_files(copied_tree):
    before = files_of(copied_tree)
    follow(copied_tree)
    made = run(copied_tree, "manage.py", "makemigrations", "bills")
    assert made.returncode == 0, made.stderr
    changed = {path for path, content in files_of(copied_tree).items() if before.get(path) != content}
    assert len(changed) <= 6, changed
    assert changed > set(STEPS)

    probe = shutil.copy(ROOT / "tests" / "processes" / "new_field.py", copied_tree / "test_new_field.py")
    told = run(copied_tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", FIELDS_TEST, str(probe))
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("forgotten", ["bills/forms/bills.py", "bills/api/schemas/bills.py"])
def test_a_step_that_was_forgotten_is_named(copied_tree, forgotten):
    follow(copied_tree, but=forgotten)
    told = run(copied_tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", FIELDS_TEST)
    assert told.returncode == 1, told.stdout + told.stderr
    assert "meter_number" in told.stdout

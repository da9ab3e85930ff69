"""The house stands as it was drawn: floors, names, sizes, strings that resolve, a manual that is complete."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command, get_commands
from django.utils.module_loading import import_string

from billtracker.core.runtime_settings import SPECS
from billtracker.schedule import SCHEDULE

ROOT = settings.BASE_DIR
PACKAGES = ["billtracker", "bills", "billing", "banksync", "notifications", "backups", "opsstatus"]
MANUAL = ROOT / "mkdocs" / "docs"
# From the ground up; those on one line are siblings that never refer to each other.
FLOORS = [
    {"core", "auth", "contenttypes", "sessions", "django_q"},
    {"accounts"},
    {"notifications"},
    {"bills", "billing", "backups"},
    {"banksync"},
    {"opsstatus"},
]
FORBIDDEN = {"helper", "helpers", "util", "utils", "common", "manager", "managers", "misc", "selectors"}
# Lists that are read from top to bottom may be longer than code.
LISTS = {Path("billtracker/settings.py"), Path("requirements.txt"), Path("requirements-dev.txt")}
MACHINE_PATH = re.compile(
    r"file:|(?<![\w.-])/(?:home|root|tmp|opt|usr|work|Users)/|--(?:index-url|find-links)"
)


def product_modules(root: Path = ROOT) -> list[Path]:
    """Every module of the product, tests and migrations left out."""
    found = (path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def all_modules(root: Path = ROOT) -> list[Path]:
    others = (path for folder in ("tests", "scripts", "benchmarks") for path in (root / folder).rglob("*.py"))
    return product_modules(root) + sorted(others)


def names_without_meaning(root: Path) -> list[str]:
    folders = [*PACKAGES, "tests", "scripts", "benchmarks", "templates", "static"]
    files = (path for folder in folders for path in (root / folder).rglob("*"))
    return sorted(str(path.relative_to(root)) for path in files if path.stem in FORBIDDEN)


def calls_in(*modules: Path) -> Iterator[tuple[str, list]]:
    """Every call in the modules as (last part of the name called, constant arguments)."""
    for node in (node for module in modules for node in ast.walk(syntax(module))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            yield name, [part.value for part in node.args if isinstance(part, ast.Constant)]


def relative(paths) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def check_contracts(root: Path) -> subprocess.CompletedProcess:
    program = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=root, capture_output=True, text=True
    )


@pytest.fixture
def copy_of_the_house(tmp_path) -> Path:
    """A copy of the code that a test may spoil."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


# --- floors and layers -------------------------------------------------------------------------
def test_floors_and_layers_hold():
    answer = check_contracts(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_an_import_between_siblings_breaks_a_contract(copy_of_the_house):
    with (copy_of_the_house / "bills" / "models.py").open("a") as file:
        file.write("\nimport billing.apps\n")
    answer = check_contracts(copy_of_the_house)
    assert answer.returncode == 1
    assert "bills.models -> billing.apps" in answer.stdout


def test_a_model_that_calls_a_service_breaks_a_contract(copy_of_the_house):
    with (copy_of_the_house / "notifications" / "models.py").open("a") as file:
        file.write('"""Letters."""\n\nimport notifications.services\n')
    (copy_of_the_house / "notifications" / "services.py").write_text('"""Verbs."""\n')
    answer = check_contracts(copy_of_the_house)
    assert answer.returncode == 1
    assert "notifications.models -> notifications.services" in answer.stdout


def test_foreign_keys_point_down_the_floors():
    floor_of = {label: number for number, floor in enumerate(FLOORS) for label in floor}
    ours = [model for model in apps.get_models() if model._meta.app_config.name.split(".")[0] in PACKAGES]
    upward = [
        f"{model._meta.label}.{field.name} -> {target}"
        for model in ours
        for field in model._meta.get_fields()
        if field.many_to_one or (field.one_to_one and field.concrete)
        if (target := field.related_model._meta.app_label) != model._meta.app_label
        if floor_of[target] >= floor_of[model._meta.app_label]
    ]
    assert upward == []


# --- names and sizes ---------------------------------------------------------------------------
def test_no_file_has_a_name_without_meaning():
    assert names_without_meaning(ROOT) == []


def test_a_stray_file_without_meaning_is_found(copy_of_the_house):
    (copy_of_the_house / "bills" / "helpers.py").write_text('"""Odds and ends."""\n')
    assert names_without_meaning(copy_of_the_house) == ["bills/helpers.py"]


def test_every_module_opens_with_a_sentence():
    silent = [
        path for path in all_modules() if path.read_text().strip() and not ast.get_docstring(syntax(path))
    ]
    assert relative(silent) == []


def test_files_stay_within_300_lines():
    def written(path: Path) -> int:
        return sum(bool(line.strip()) for line in path.read_text().splitlines())

    long = [path for path in product_modules() if written(path) > 300]
    assert [name for name in relative(long) if Path(name) not in LISTS] == []


def test_templates_stay_within_120_lines():
    templates = (ROOT / "templates").rglob("*.*")
    assert relative(path for path in templates if len(path.read_text().splitlines()) > 120) == []


def test_the_dark_scheme_is_a_matter_of_colours_alone():
    """A browser test that sees one width in light and the other in dark has then seen everything."""
    styles = [path for path in (ROOT / "static").rglob("*.css") if "prefers-color-scheme" in path.read_text()]
    assert [path.name for path in styles] == ["tokens.css"]
    assert re.findall(r"@media([^{]*)dark([^{]*)\{", styles[0].read_text()) == [
        (" screen and (prefers-color-scheme: ", ") ")
    ]


def test_views_stay_within_20_lines():
    doors = [path for path in product_modules() if {"views", "api"} & {path.stem, path.parent.name}]
    doors.remove(ROOT / "billtracker" / "core" / "api.py")  # the frame of the doors, itself none
    long = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in doors
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > 20
    ]
    assert long == []


# --- strings that stand for code ---------------------------------------------------------------
def enqueued_names() -> set[str]:
    """First arguments of every call of ``enqueue``; a bare name means a function beside the call."""
    found = set()
    for path in product_modules():
        package = ".".join(path.relative_to(ROOT).parent.parts)
        names = (constants[0] for name, constants in calls_in(path) if name == "enqueue" and constants)
        found |= {name if "." in name else f"{package}.jobs.{name}" for name in names}
    return found


@pytest.mark.parametrize("name", sorted({job.name for job in SCHEDULE} | enqueued_names()))
def test_every_job_resolves_to_a_function_of_the_worker(name):
    assert callable(import_string(name))
    assert name.split(".")[-2] == "tasks"


def test_what_serve_asks_first_exists():
    assert callable(import_string(settings.FIRST_ADMINISTRATOR))


@pytest.mark.django_db
def test_no_migration_is_missing(capsys):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# --- the manual --------------------------------------------------------------------------------
def headings(page: str) -> set[str]:
    found = re.findall(r"^#{2,4} +(.+)$", (MANUAL / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {heading.replace("`", "").split(" ")[0] for heading in found}


def variables() -> set[str]:
    """Every name that settings.py reads from the environment."""
    readers = {"env", "env_bool", "env_int", "env_choice", "env_list", "kept_secret"}
    found = calls_in(ROOT / "billtracker" / "settings.py")
    return {constants[0] for name, constants in found if name in readers and constants}


def our_commands() -> set[str]:
    return {name for name, app in get_commands().items() if app.split(".")[0] in PACKAGES}


def test_every_variable_has_a_heading_in_the_manual():
    assert variables() - headings("settings.md") == set()


def test_every_variable_stands_in_the_example():
    example = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert variables() - example == set()


def test_every_runtime_setting_has_a_heading_and_is_handed_on():
    names = {spec.env for spec in SPECS.values()}
    assert names - headings("settings.md") == set()
    assert names - set(re.findall(r"^# ([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M)) == set()
    assert (
        names - set(re.findall(r"^ +- ([A-Z0-9_]+)$", (ROOT / "docker-compose.yml").read_text(), re.M))
        == set()
    )


def test_every_command_has_a_heading_in_the_manual():
    assert our_commands() - headings("commands.md") == set()


def test_every_job_has_a_heading_in_the_manual():
    assert {job.name for job in SCHEDULE} | enqueued_names() <= headings("jobs.md")


def test_every_page_of_the_manual_is_in_its_navigation():
    navigation = (ROOT / "mkdocs" / "mkdocs.yml").read_text()
    assert [page for page in MANUAL.rglob("*.md") if str(page.relative_to(MANUAL)) not in navigation] == []


# --- locks -------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "mkdocs/requirements.txt"])
def test_locks_name_hashes_but_no_index_and_no_folder_of_a_machine(name):
    text = (ROOT / name).read_text()
    assert MACHINE_PATH.search(text) is None
    pinned = re.findall(r"^[\w.\[\],-]+==", text, flags=re.MULTILINE)
    assert pinned
    assert len(pinned) == len(re.findall(r"==[^\\\n]+\\\n +--hash=", text))

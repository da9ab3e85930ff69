"""The code keeps the limits of the page Architecture: each is checked, and each check is shown a breach."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.utils.module_loading import import_string

from billtracker.core.settings.specs import SPECS
from billtracker.schedule import SCHEDULE
from tests.architecture import docs, imports, names, paths, sizes
from tests.architecture.tree import APPS, Tree

pytestmark = pytest.mark.engines("sqlite")

ROOT = settings.BASE_DIR
# From the bottom up; apps on one line are siblings that never refer to each other.
LEVELS = [
    {"core", "auth", "contenttypes", "sessions", "django_q"},
    {"accounts"},
    {"notifications"},
    {"bills", "billing", "backups"},
    {"banksync"},
    {"opsstatus"},
]
MACHINE_PATH = re.compile(
    r"file:|(?<![\w.-])/(?:home|root|tmp|opt|usr|work|Users)/|--(?:index-url|find-links)"
)


@dataclass(frozen=True)
class Limit:
    """A check of the tree, files that break it, and what it then says."""

    check: Callable[[Tree], list[str]]
    breach: dict[str, str]
    says: list[str]


LINE = "    x = 1\n"
SETTINGS = 'WAIT = env_int("WAIT", 1)\n'
ITEM = 'from x import gettext_lazy\n\nItem(gettext_lazy("Queue"), "3")\n'

LIMITS = [
    # sizes
    Limit(sizes.crowded_roots, {f"bills/m{n}.py": "" for n in range(13)}, ["bills: 13 modules"]),
    Limit(
        sizes.crowded_folders,
        {f"bills/views/m{n}.py": "" for n in range(26)},
        ["bills/views: 26 modules"],
    ),
    Limit(sizes.long_modules, {"bills/long.py": "\n" * 301}, ["bills/long.py: 301 lines"]),
    Limit(
        sizes.long_functions,
        {"bills/a.py": "def work():\n" + 50 * LINE},
        ["bills/a.py:1 work: 51 lines"],
    ),
    Limit(
        sizes.long_views,
        {"bills/views/a.py": "def work():\n" + 20 * LINE},
        ["bills/views/a.py:1 work: 21 lines"],
    ),
    Limit(sizes.long_templates, {"templates/a.html": "\n" * 121}, ["templates/a.html: 121 lines"]),
    Limit(
        sizes.wide_templates, {"templates/a.html": "\n" + "x" * 121}, ["templates/a.html:2: 121 characters"]
    ),
    Limit(
        sizes.unformatted_code,
        {"bills/a.py": "work(\n    1, 2,\n)  # fmt: skip\nTABLE = {\n    1: 2,\n}  # fmt: skip\n"},
        ["bills/a.py:3"],
    ),
    # imports
    Limit(
        imports.circles,
        {"bills/a.py": "import bills.b\n", "bills/b.py": "def work():\n    from bills import a\n"},
        ["bills.a imports itself by way of others", "bills.b imports itself by way of others"],
    ),
    Limit(
        imports.packages_that_need_each_other,
        {
            "bills/views/__init__.py": "",
            "bills/views/a.py": "import bills.forms.a\n",
            "bills/views/b.py": "",
            "bills/forms/__init__.py": "",
            "bills/forms/a.py": "",
            "bills/forms/b.py": "import bills.views.b\n",
        },
        ["bills.forms and bills.views: bills.forms.b -> bills.views.b, bills.views.a -> bills.forms.a"],
    ),
    Limit(
        imports.hidden_imports,
        {"bills/a.py": "def work():\n    import os\n    import re  # slow to load\n"},
        ["bills/a.py:2 in work"],
    ),
    Limit(
        imports.contracts_with_gaps,
        {
            "pyproject.toml": "[[tool.importlinter.contracts]]\nexhaustive = true\ncontainers = "
            '["bills", "billing", "banksync", "notifications", "opsstatus", "billtracker.core",'
            ' "billtracker.accounts"]\n[[tool.importlinter.contracts]]\ncontainers = ["backups"]\n'
        },
        ["backups has no exhaustive contract"],
    ),
    Limit(
        imports.relaxed_types,
        {
            "pyproject.toml": '[tool.mypy]\n[[tool.mypy.overrides]]\nmodule = ["bills.views.*"]\n'
            'ignore_errors = true\n[[tool.mypy.overrides]]\nmodule = ["babel.*"]\n'
            "ignore_missing_imports = true\n",
            "bills/a.py": "# mypy: ignore-errors\n",
        },
        ["pyproject.toml: bills.views.*", "bills/a.py"],
    ),
    Limit(imports.untyped_requests, {"bills/a.py": "def show(request): ...\n"}, ["bills/a.py:1 show"]),
    Limit(imports.own_signals, {"bills/a.py": "paid = Signal()\n"}, ["bills/a.py"]),
    # names
    Limit(names.meaningless_names, {"bills/helpers.py": ""}, ["bills/helpers.py"]),
    Limit(names.metaphors, {"bills/a.py": "def open_door(): ...\n"}, ["bills/a.py:1 open_door"]),
    Limit(
        names.repeated_classes,
        {"bills/a.py": "class Row: ...\n", "billing/a.py": "class Row: ...\n"},
        ["Row: billing/a.py:1, bills/a.py:1"],
    ),
    Limit(names.participles, {"bills/a.py": "def shown(): ...\n"}, ["bills/a.py:1 shown"]),
    Limit(
        names.public_helpers,
        {
            "bills/a.py": "def sort(): ...\ndef find(): ...\ndef ask(): ...\ndef _own(): ...\n",
            "bills/b.py": "from bills import a\n\na.find()\n",
            "billing/b.py": 'ask = "bills.a.ask"\n',
        },
        ["bills/a.py:1 sort"],
    ),
    Limit(
        names.tests_without_a_subject,
        {
            "bills/services/bills.py": "",
            "tests/bills/services/test_bills.py": "",
            "tests/bills/services/test_bills_races.py": "",
            "tests/bills/services/test_races.py": "",
        },
        ["tests/bills/services/test_races.py"],
    ),
    Limit(
        names.programs_outside_their_folder,
        {
            "tests/processes/a.py": 'if __name__ == "__main__":\n    1\n',
            "tests/b.py": 'if __name__ == "__main__":\n    1\n',
        },
        ["tests/b.py"],
    ),
    # strings that name code
    Limit(
        paths.broken_paths,
        {"bills/a.py": 'JOBS = ["bills.a.JOBS", "bills.a.gone"]\nCODE = "from bills.a import JOBS, lost"\n'},
        ["bills/a.py:2 bills.a.lost", "bills/a.py:1 bills.a.gone"],
    ),
    Limit(
        paths.jobs_outside_tasks,
        {"bills/a.py": 'enqueue("bills.services.work")\nenqueue("bills.tasks.work")\n'},
        ["bills.services.work"],
    ),
    # the manual
    Limit(docs.silent_modules, {"bills/a.py": "x = 1\n"}, ["bills/a.py"]),
    Limit(
        docs.undocumented_variables,
        {"billtracker/settings.py": SETTINGS, "mkdocs/docs/settings.md": "### `OTHER`\n"},
        ["WAIT has no heading", "WAIT is not in .env.example"],
    ),
    Limit(docs.undocumented_commands, {"bills/management/commands/pay.py": ""}, ["pay"]),
    Limit(docs.undocumented_jobs, {"bills/a.py": 'enqueue("bills.tasks.work")\n'}, ["bills.tasks.work"]),
    Limit(
        docs.undocumented_panels,
        {"opsstatus/panels.py": 'Panel(_("Mail"))\nPanel(_("Bank"))\n', "mkdocs/docs/status.md": "## Mail\n"},
        ["Bank"],
    ),
    Limit(
        docs.undocumented_signals,
        {"bills/status.py": ITEM, "mkdocs/docs/status.md": "| Signal |\n| Size, Wait |\n"},
        ["Queue"],
    ),
    Limit(docs.pages_without_a_link, {"mkdocs/docs/lost.md": ""}, ["lost.md"]),
]
NAMES = [limit.check.__name__ for limit in LIMITS]


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(ROOT)


@pytest.mark.parametrize("limit", LIMITS, ids=NAMES)
def test_the_limit_holds(tree, limit):
    assert limit.check(tree) == []


@pytest.mark.parametrize("limit", LIMITS, ids=NAMES)
def test_a_breach_of_the_limit_is_found(tmp_path, limit):
    for path, text in limit.breach.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert limit.check(Tree(tmp_path)) == limit.says


def test_every_check_has_a_breach():
    checks = [
        name
        for part in (docs, imports, names, paths, sizes)
        for name, value in vars(part).items()
        if getattr(value, "__module__", "") == part.__name__ and not name.startswith("_")
        if value.__annotations__.get("return") == list[str]
    ]
    assert sorted(checks) == sorted(NAMES)


# --- layers, as import-linter reads them -------------------------------------------------------
def check_contracts(root: Path) -> subprocess.CompletedProcess:
    program = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=root, capture_output=True, text=True
    )


@pytest.fixture
def copied_tree(tmp_path) -> Path:
    """A copy of the code that a test may break."""
    for package in APPS:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold():
    answer = check_contracts(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_an_import_between_siblings_breaks_a_contract(copied_tree):
    with (copied_tree / "bills" / "tasks.py").open("a") as file:
        file.write("\nimport billing.apps\n")
    answer = check_contracts(copied_tree)
    assert answer.returncode == 1
    assert "bills.tasks -> billing.apps" in answer.stdout


def test_a_model_that_calls_a_service_breaks_a_contract(copied_tree):
    with (copied_tree / "notifications" / "models.py").open("a") as file:
        file.write("\nimport notifications.services\n")
    answer = check_contracts(copied_tree)
    assert answer.returncode == 1
    assert "notifications.models -> notifications.services" in answer.stdout


def test_a_module_without_a_layer_breaks_a_contract(copied_tree):
    (copied_tree / "bills" / "stray.py").write_text('"""Somewhere."""\n')
    answer = check_contracts(copied_tree)
    assert answer.returncode == 1
    assert "bills.stray" in answer.stdout


def test_foreign_keys_point_down():
    level_of = {label: number for number, level in enumerate(LEVELS) for label in level}
    ours = [model for model in apps.get_models() if model._meta.app_config.name.split(".")[0] in APPS]
    upward = [
        f"{model._meta.label}.{field.name} -> {target}"
        for model in ours
        for field in model._meta.get_fields()
        if field.many_to_one or (field.one_to_one and field.concrete)
        if (target := field.related_model._meta.app_label) != model._meta.app_label
        if level_of[target] >= level_of[model._meta.app_label]
    ]
    assert upward == []


# --- what only a running Django can tell -------------------------------------------------------
@pytest.mark.parametrize("name", sorted({job.name for job in SCHEDULE} | docs.job_names(Tree(ROOT))))
def test_every_job_is_a_function_of_the_worker(name):
    assert callable(import_string(name))


def test_what_serve_asks_first_exists():
    assert callable(import_string(settings.FIRST_ADMINISTRATOR))


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_runtime_setting_is_documented_and_handed_on(tree):
    variables = {spec.env for spec in SPECS.values()}
    assert variables - docs.headings(tree, "settings.md") == set()
    assert variables - set(re.findall(r"^# ([A-Z0-9_]+)=", tree.text(".env.example"), re.M)) == set()
    assert variables - set(re.findall(r"^ +- ([A-Z0-9_]+)$", tree.text("docker-compose.yml"), re.M)) == set()


# --- styles and locks --------------------------------------------------------------------------
def test_the_dark_scheme_is_a_matter_of_colours_alone(tree):
    """A browser test that sees one width in light and the other in dark has then seen everything."""
    styles = [path for path in tree.files("static", "*.css") if "prefers-color-scheme" in tree.text(path)]
    assert [path.name for path in styles] == ["tokens.css"]
    assert re.findall(r"@media([^{]*)dark([^{]*)\{", tree.text(styles[0])) == [
        (" screen and (prefers-color-scheme: ", ") ")
    ]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "mkdocs/requirements.txt"])
def test_locks_name_hashes_but_no_index_and_no_folder_of_a_machine(tree, name):
    text = tree.text(name)
    assert MACHINE_PATH.search(text) is None
    pinned = re.findall(r"^[\w.\[\],-]+==", text, flags=re.MULTILINE)
    assert pinned
    assert len(pinned) == len(re.findall(r"==[^\\\n]+\\\n +--hash=", text))

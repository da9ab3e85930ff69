"""What has to be written down: a sentence at the top of a module, a place in the manual to look things up."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import APPS, Tree, calls_in

MANUAL = "mkdocs/docs"
# The functions with which settings.py reads the environment.
READERS = {"env", "env_bool", "env_int", "env_choice", "env_list", "kept_secret"}
TRANSLATED = {"_", "gettext_lazy"}
JOB = re.compile(rf"(?:{'|'.join(APPS)})(?:\.\w+)*\.tasks\.\w+")
# What makes a signal; its first argument is the name.
SIGNALS = ("Item", "signal_of_fact")


def silent_modules(tree: Tree) -> list[str]:
    """Modules that do not open with a sentence."""
    written = [module for module in tree.everything if module.text.strip()]
    return [str(module.path) for module in written if not ast.get_docstring(module.syntax)]


def headings(tree: Tree, page: str) -> set[str]:
    """Return the headings of a page of the manual, without their backticks."""
    found = re.findall(r"^#{2,4} +(.+)$", tree.text(f"{MANUAL}/{page}"), flags=re.MULTILINE)
    return {heading.replace("`", "") for heading in found}


def variables(tree: Tree) -> set[str]:
    """Return every name that settings.py reads from the environment."""
    modules = [module for module in tree.product if str(module.path) == "billtracker/settings.py"]
    return {words[0] for name, words in calls_in(*modules) if name.strip("_") in READERS and words}


def undocumented_variables(tree: Tree) -> list[str]:
    """Variables of the environment without a heading in the manual, or without a line in the example."""
    example = set(re.findall(r"^#? ?([A-Z_]+)=", tree.text(".env.example"), re.MULTILINE))
    return [
        *(f"{name} has no heading" for name in sorted(variables(tree) - headings(tree, "settings.md"))),
        *(f"{name} is not in .env.example" for name in sorted(variables(tree) - example)),
    ]


def undocumented_commands(tree: Tree) -> list[str]:
    """Commands of manage.py without a heading in the manual."""
    commands = {
        path.stem
        for app in APPS
        for path in tree.files(app, "management/commands/*.py")
        if not path.name.startswith("_")
    }
    return sorted(commands - headings(tree, "commands.md"))


def undocumented_jobs(tree: Tree) -> list[str]:
    """Jobs, scheduled or enqueued, without a heading in the manual."""
    return sorted(job_names(tree) - headings(tree, "jobs.md"))


def job_names(tree: Tree) -> set[str]:
    """Return the dotted names of all jobs: in the schedule, enqueued, or in any other string."""
    calls = [call for module in tree.product for call in calls_in(module)]
    named = {constants[0] for name, constants in calls if name in {"Job", "enqueue"} and constants}
    strings = {
        node.value
        for module in tree.product
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {name for name in named if isinstance(name, str)} | set(filter(JOB.fullmatch, strings))


def undocumented_panels(tree: Tree) -> list[str]:
    """Panels of Status without a heading on its page of the manual."""
    modules = [module for module in tree.product if module.name == "opsstatus.panels"]
    titles = {title for module in modules for title in _first_words(module.syntax, "Panel")}
    return sorted(titles - headings(tree, "status.md"))


def undocumented_signals(tree: Tree) -> list[str]:
    """Signals of Status that no table of its page explains in its first column."""
    rows = re.findall(r"^\| *([^|]+?) *\|", tree.text(f"{MANUAL}/status.md"), re.MULTILINE)
    explained = {name.strip(" `") for row in rows for name in row.split(",")}
    status = [module for module in tree.product if {"status", "monitoring"} & set(module.name.split("."))]
    names = {name for module in status for name in _first_words(module.syntax, *SIGNALS)}
    return sorted(names - explained)


def _first_words(syntax: ast.Module, *functions: str) -> Iterator[str]:
    """Yield the translated text that calls of a function get first, in place or by way of ``name``."""
    for node in ast.walk(syntax):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in functions and node.args:
            yield from _translated(node.args[0])
        elif isinstance(node, ast.Assign):
            for target, value in _pairs(node):
                if ast.unparse(target) == "name":
                    yield from _translated(value)


def _pairs(node: ast.Assign) -> list[tuple[ast.expr, ast.expr]]:
    """Return what gets what, for ``a, b = 1, 2`` too."""
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def _translated(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TRANSLATED:
        yield from (str(part.value) for part in node.args[:1] if isinstance(part, ast.Constant))


def pages_without_a_link(tree: Tree) -> list[str]:
    """Pages of the manual that its navigation does not name."""
    navigation = tree.text("mkdocs/mkdocs.yml")
    pages = [path.relative_to(MANUAL) for path in tree.files(MANUAL, "*.md")]
    return [str(page) for page in pages if str(page) not in navigation]

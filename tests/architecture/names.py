"""Limits of names: unique classes, private helpers, verbs, the field's own words, mirrored tests."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import APPS, Function, Module, Tree
from tests.architecture.uses import IN_STRINGS, names_used

# A file of such a name says nothing about what is in it.
MEANINGLESS = {"helper", "helpers", "util", "utils", "common", "manager", "managers", "misc", "selectors"}
# Pictures of our own in place of package, layer, entry point, lock.
METAPHORS = {"house", "room", "door", "doors", "gate", "mended"}
# Django finds these by their name.
DJANGO_NAMES = {"Command", "Migration", "Meta"}
PARTICIPLES = set(
    "begun bought brought built caught chosen come done drawn found given gone grown had heard held hidden"
    " kept known laid led left lent lost made meant met paid proven put said seen sent shown sold spent stood"
    " taken taught thought thrown told understood won worn written".split()
)
# Words that end like a participle and are none.
NO_PARTICIPLES = {"bed", "embed", "exceed", "feed", "need", "proceed", "seed", "speed", "succeed"}
# Gunicorn finds the functions of its configuration by their names.
CONFIGURATION = {"billtracker.gunicorn"}
PROPERTIES = {"property", "cached_property", "classproperty"}


def meaningless_names(tree: Tree) -> list[str]:
    """Files that could hold anything."""
    folders = [*APPS, "tests", "scripts", "benchmarks", "templates", "static"]
    return [str(path) for folder in folders for path in tree.files(folder) if path.stem in MEANINGLESS]


def metaphors(tree: Tree) -> list[str]:
    """Names of modules, classes and functions that are pictures of our own."""
    return [
        f"{module.at(node)} {name}"
        for module in tree.product + tree.tests
        for node, name in [(module.syntax, module.path.stem), *_defined(module)]
        if METAPHORS & set(_words(name))
    ]


def _defined(module: Module) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, node.name


def _words(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")


def repeated_classes(tree: Tree) -> list[str]:
    """Names of classes at the top of more than one module; the label of a model tells it from another."""
    places = defaultdict(list)
    for module in tree.product:
        for node in module.classes:
            if "models" in module.name.split("."):
                continue
            places[node.name].append(module.at(node))
    return [
        f"{name}: {', '.join(found)}"
        for name, found in sorted(places.items())
        if len(found) > 1 and name not in DJANGO_NAMES
    ]


def participles(tree: Tree) -> list[str]:
    """Functions named by a bare participle; a property and a filter of a QuerySet may be named by one."""
    return [
        f"{module.at(node)} {node.name}"
        for module in tree.product
        for node in module.functions
        if _is_participle(node.name.strip("_")) and not _is_property(node)
        if node not in _filters(module)
    ]


def _filters(module: Module) -> list[ast.stmt]:
    """Return the methods of QuerySets: Django names what they keep, as in ``Statement.objects.issued()``."""
    return [
        method
        for node in module.classes
        if any(ast.unparse(base).split("[")[0].endswith(("QuerySet", "Manager")) for base in node.bases)
        for method in node.body
    ]


def _is_participle(name: str) -> bool:
    ends_like_one = name.endswith("ed") and name not in NO_PARTICIPLES
    return "_" not in name and (ends_like_one or name in PARTICIPLES)


def _is_property(node: Function) -> bool:
    return any(ast.unparse(one).split(".")[-1] in PROPERTIES for one in node.decorator_list)


def public_helpers(tree: Tree) -> list[str]:
    """Functions that only their own module uses and whose name does not begin with an underscore.

    What a decorator registers is used by the framework; what stands in a string is found by its name.
    """
    used = names_used(tree)
    return [
        f"{module.at(node)} {node.name}"
        for module in tree.product
        for node in module.own_functions
        if not node.name.startswith("_") and not node.decorator_list and node.name != "main"
        if module.name not in CONFIGURATION
        if node.name not in used[module.name] and node.name not in used[IN_STRINGS]
    ]


# --- tests mirror what they test ---------------------------------------------------------------
# What goes through several modules has no single one to mirror.
ACROSS_MODULES = ("tests/acceptance", "tests/browser")


def tests_without_a_subject(tree: Tree) -> list[str]:
    """Test files whose path does not lead to a module or package of the same name."""
    subjects = {str(module.path.with_suffix("")).removesuffix("/__init__") for module in tree.product}
    folders = {str(Path(subject).parent) for subject in subjects} | subjects
    tests = [module.path for module in tree.tests if module.path.name.startswith("test_")]
    return [
        str(path)
        for path in tests
        if not str(path).startswith(ACROSS_MODULES) and str(path.parent) != "tests"
        if not _subjects_of(path) & (subjects | folders)
    ]


def _subjects_of(path: Path) -> set[str]:
    """Return what a test file may be about: ``test_statements_races.py`` is about ``statements``."""
    folder = path.relative_to("tests").parent
    if folder.parts[0] in {"core", "accounts", "management", "demo"}:
        folder = "billtracker" / folder
    if folder.name == "management" and path.stem != "test_commands":
        folder /= "commands"
    words = path.stem.removeprefix("test_").split("_")
    return {str(folder / "_".join(words[:count])) for count in range(1, len(words) + 1)}


def programs_outside_their_folder(tree: Tree) -> list[str]:
    """Programs that tests start from anywhere but ``tests/processes``."""
    return [
        str(module.path)
        for module in tree.tests
        if "__main__" in module.text and re.search(r"^if __name__ == ", module.text, re.MULTILINE)
        if module.path.parent != Path("tests/processes")
    ]

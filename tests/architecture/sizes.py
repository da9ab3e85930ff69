"""Limits of size: files in a folder, lines in a file, lines in a function, what may stay unformatted."""

import ast
from collections import Counter
from collections.abc import Iterator

from tests.architecture.tree import APPS, LIKE_APPS, Module, Tree

ROOT_MODULES = 12  # beside __init__, at the root of an app
FOLDER_MODULES = 25
MODULE_LINES = 300
FUNCTION_LINES = 50
VIEW_LINES = 20
TEMPLATE_LINES = 120
TEMPLATE_LINE = 120  # characters
# A list that is read from top to bottom may be longer than code.
LISTS = {"billtracker/settings.py"}
# What holds the entry points together; it is none itself.
API_BASE = "billtracker/core/web/api.py"
TABLES = (ast.Dict, ast.List, ast.Set, ast.Tuple)


def crowded_roots(tree: Tree) -> list[str]:
    """Roots of apps with more than 12 modules."""
    roots = [*APPS, *LIKE_APPS]
    counts = _modules_by_folder(tree)
    return [f"{root}: {counts[root]} modules" for root in roots if counts[root] > ROOT_MODULES]


def crowded_folders(tree: Tree) -> list[str]:
    """Folders with more than 25 modules."""
    counts = sorted(_modules_by_folder(tree).items())
    return [f"{folder}: {count} modules" for folder, count in counts if count > FOLDER_MODULES]


def _modules_by_folder(tree: Tree) -> Counter[str]:
    return Counter(str(module.path.parent) for module in tree.product if not module.is_package)


def long_modules(tree: Tree) -> list[str]:
    """Modules with more than 300 lines."""
    counts = [(module.path, len(module.lines)) for module in tree.product if str(module.path) not in LISTS]
    return [f"{path}: {count} lines" for path, count in counts if count > MODULE_LINES]


def long_functions(tree: Tree) -> list[str]:
    """Functions with more than 50 lines."""
    return list(_longer_functions(tree.product, FUNCTION_LINES))


def long_views(tree: Tree) -> list[str]:
    """Functions of views and APIs with more than 20 lines: they parse, call one service, and answer."""
    entry_points = [module for module in tree.product if {"views", "api"} & set(module.name.split("."))]
    return list(_longer_functions((one for one in entry_points if str(one.path) != API_BASE), VIEW_LINES))


def _longer_functions(modules, limit: int) -> Iterator[str]:
    for module in modules:
        for node in module.functions:
            count = (node.end_lineno or 0) - node.lineno + 1
            if count > limit:
                yield f"{module.at(node)} {node.name}: {count} lines"


def long_templates(tree: Tree) -> list[str]:
    """Templates with more than 120 lines."""
    counts = [(path, len(tree.text(path).splitlines())) for path in tree.files("templates")]
    return [f"{path}: {count} lines" for path, count in counts if count > TEMPLATE_LINES]


def wide_templates(tree: Tree) -> list[str]:
    """Lines of templates with more than 120 characters."""
    return [
        f"{path}:{number}: {len(line)} characters"
        for path in tree.files("templates")
        for number, line in enumerate(tree.text(path).splitlines(), 1)
        if len(line) > TEMPLATE_LINE
    ]


def unformatted_code(tree: Tree) -> list[str]:
    """Places that keep the formatter away from code; only a table of data may be laid out by hand."""
    return [
        f"{module.path}:{number}"
        for module in tree.everything
        for number in _skips(module)
        if not any(_is_table(node) and node.end_lineno == number for node in ast.walk(module.syntax))
    ]


def _skips(module: Module) -> list[int]:
    return [
        number for number, line in enumerate(module.lines, 1) if line.rstrip().endswith("# fmt: " + "skip")
    ]


def _is_table(node: ast.AST) -> bool:
    """Say whether a node is a literal collection of more than one line, or a call around just one."""
    if isinstance(node, ast.Call):
        return len(node.args) == 1 and not node.keywords and _is_table(node.args[0])
    return isinstance(node, TABLES) and (node.end_lineno or 0) > node.lineno

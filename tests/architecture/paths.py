"""Strings that stand for code: dotted names of jobs and hooks, and the programs that tests start."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.docs import job_names
from tests.architecture.tree import APPS, Module, Tree

# Two parts are as often the label of a model or the name of an event.
DOTTED = re.compile(rf"(?:{'|'.join(APPS)})(?:\.[A-Za-z_]\w*){{2,}}")
# Its strings are breaches on purpose.
LIMITS = "tests.test_architecture"
IMPORT = re.compile(rf"^ *from ((?:{'|'.join(APPS)}|tests)[\w.]*) import ([\w, ]+)", re.MULTILINE)


def broken_paths(tree: Tree) -> list[str]:
    """Strings that lead to no module and no name in one: whole dotted names, imports inside code."""
    known = {module.name: module for module in tree.everything}
    return [
        f"{module.at(node)} {dotted}"
        for module in tree.everything
        if module.name != LIMITS
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for dotted in _dotted_names(node.value)
        if not _leads_somewhere(dotted, known)
    ]


def _dotted_names(text: str) -> Iterator[str]:
    if DOTTED.fullmatch(text):
        yield text
    for match in IMPORT.finditer(text):
        for name in match[2].split(","):
            yield f"{match[1]}.{name.split(' as ')[0].strip()}"


def _leads_somewhere(dotted: str, known: dict[str, Module]) -> bool:
    """Say whether a dotted name is a module, or begins with a name at the top of one."""
    parts = dotted.split(".")
    for count in range(len(parts), 0, -1):
        if module := known.get(".".join(parts[:count])):
            return count == len(parts) or parts[count] in _names_in(module.syntax)
    return False


def _names_in(syntax: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(syntax):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def jobs_outside_tasks(tree: Tree) -> list[str]:
    """Jobs that are no function of a module named ``tasks``."""
    return sorted(name for name in job_names(tree) if name.split(".")[-2] != "tasks")

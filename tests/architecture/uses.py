"""Which names of a module others use: by import, as an attribute, in a string that names code."""

import ast
import re
from collections import defaultdict

from tests.architecture.tree import APPS, Module, Tree, absolute_name

# The names that any string with code or a dotted path may mean.
IN_STRINGS = "*"


def names_used(tree: Tree) -> dict[str, set[str]]:
    """Return for each module of the tree the names that other modules take from it."""
    used: dict[str, set[str]] = defaultdict(set)
    for module in [*tree.everything, *tree.migrations]:
        meant = _imported_names(module)
        for source in meant.values():
            package, _, name = source.rpartition(".")
            used[package].add(name)
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.Attribute):
                used[_resolve(node.value, meant)].add(node.attr)
            elif isinstance(node, ast.Call):
                used[_patched_module(node, meant)].add(_second_argument(node))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                used[IN_STRINGS] |= _names_in(node.value)
    return used


def _imported_names(module: Module) -> dict[str, str]:
    """Return what each imported name stands for, by its full dotted name."""
    meant = {}
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.ImportFrom):
            package = absolute_name(module, node)
            meant |= {alias.asname or alias.name: f"{package}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            meant |= {alias.asname or alias.name: alias.name for alias in node.names}
    return meant


def _resolve(node: ast.expr, meant: dict[str, str]) -> str:
    """Return the dotted name that an expression such as ``views.tracker`` stands for."""
    written = ast.unparse(node)
    head, _, rest = written.partition(".")
    return f"{meant[head]}.{rest}".rstrip(".") if head in meant else written


def _patched_module(node: ast.Call, meant: dict[str, str]) -> str:
    """Return the module in a call such as ``monkeypatch.setattr(module, "name", …)``."""
    return _resolve(node.args[0], meant) if node.args else ""


def _second_argument(node: ast.Call) -> str:
    if len(node.args) < 2 or not isinstance(node.args[1], ast.Constant):
        return ""
    return str(node.args[1].value)


def _names_in(text: str) -> set[str]:
    """Return every word of a string that is code, or that names code of ours."""
    is_code = any(f"{app}." in text for app in APPS) or "import " in text
    return set(re.findall(r"[a-z_]\w*", text)) if is_code else set()

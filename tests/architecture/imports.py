"""Limits of imports: no circle, no two packages that need each other, none hidden in a function."""

import ast
import tomllib
from collections import defaultdict

from tests.architecture.tree import APPS, LIKE_APPS, Tree, calls_in


def circles(tree: Tree) -> list[str]:
    """Modules that import each other, directly or by way of others."""
    reached: dict[str, set[str]] = {}
    for name in tree.imports:
        reached[name], waiting = set(), [name]
        while waiting:
            for target in tree.imports[waiting.pop()] - reached[name]:
                reached[name].add(target)
                waiting.append(target)
    return sorted(f"{name} imports itself by way of others" for name in reached if name in reached[name])


def packages_that_need_each_other(tree: Tree) -> list[str]:
    """Packages side by side that import from each other."""
    uses, packages = defaultdict(set), {module.name for module in tree.product if module.is_package}
    for name, targets in tree.imports.items():
        for target in targets:
            uses[_neighbours(name, target)].add(f"{name} -> {target}")
    return [
        f"{one} and {other}: {min(uses[one, other])}, {min(uses[other, one])}"
        for one, other in sorted(uses)
        if one < other and (other, one) in uses and {one, other} <= packages
    ]


def _neighbours(name: str, target: str) -> tuple[str, str]:
    """Return the first packages in which the two differ; core and accounts count as apps."""
    one, other = _parts(name), _parts(target)
    same = next((i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if same is None:  # a package and what is inside it
        return name, name
    return ".".join(one[: same + 1]), ".".join(other[: same + 1])


def _parts(name: str) -> list[str]:
    """Split a name. What composes the apps, such as ``billtracker.urls``, is no part of core."""
    for like_app in LIKE_APPS:
        package = like_app.replace("/", ".")
        if name == package or name.startswith(f"{package}."):
            return [package, *name.removeprefix(package).strip(".").split(".")]
    return name.split(".") if not name.startswith("billtracker") else [name]


def hidden_imports(tree: Tree) -> list[str]:
    """Imports inside a function without the reason beside them: a comment on the line or above it."""
    return [
        f"{module.at(node)} in {function.name}"
        for module in tree.product
        for function in module.functions
        for node in function.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        if not _has_reason(module.lines, function, node)
    ]


def _has_reason(lines: list[str], function: ast.AST, node: ast.stmt) -> bool:
    """Say whether a comment stands on the import, or above the run of imports that it belongs to."""
    first = node.lineno
    while not (above := lines[first - 2].strip()) or above.startswith(("import ", "from ")):
        first -= 1
    return any("#" in line for line in lines[first - 2 : node.end_lineno])


def contracts_with_gaps(tree: Tree) -> list[str]:
    """Apps without a contract that names every one of their modules."""
    settings = tomllib.loads(tree.text("pyproject.toml"))["tool"]["importlinter"]
    held = {
        container
        for contract in settings["contracts"]
        if contract.get("exhaustive")
        for container in contract.get("containers", [])
    }
    needed = [name.replace("/", ".") for name in [*APPS, *LIKE_APPS] if name != "billtracker"]
    return [f"{name} has no exhaustive contract" for name in needed if name not in held]


def relaxed_types(tree: Tree) -> list[str]:
    """Modules of ours that mypy would look at less closely than the rest."""
    overrides = tomllib.loads(tree.text("pyproject.toml"))["tool"]["mypy"].get("overrides", [])
    listed = [
        f"pyproject.toml: {module}"
        for override in overrides
        for module in override["module"]
        if set(override) != {"module", "ignore_missing_imports"} or module.split(".")[0] in APPS
    ]
    written = [
        str(module.path)
        for module in tree.product
        if "# mypy:" in module.text or "@no_type_check" in module.text
    ]
    return listed + written


def untyped_requests(tree: Tree) -> list[str]:
    """Functions whose request has no type."""
    return [
        f"{module.at(function)} {function.name}"
        for module in tree.product
        for function in module.functions
        for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        if argument.arg == "request"
        if argument.annotation is None or ast.unparse(argument.annotation) in {"Any", "object"}
    ]


def own_signals(tree: Tree) -> list[str]:
    """Modules that make a signal of their own: between our apps one calls a service."""
    return [
        str(module.path) for module in tree.product if any(name == "Signal" for name, _ in calls_in(module))
    ]

"""The source tree as data: its files, their syntax, and which module imports which."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

APPS = ["billtracker", "bills", "billing", "banksync", "notifications", "backups", "opsstatus"]
# Their root counts as that of an app: they are packages as large as one.
LIKE_APPS = ["billtracker/core", "billtracker/accounts"]

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Module:
    """One file of Python: ``path`` is relative to the tree, ``name`` is what others import."""

    path: Path
    name: str
    text: str
    syntax: ast.Module

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def functions(self) -> list[Function]:
        """Every function and method, nested ones too."""
        return [node for node in ast.walk(self.syntax) if isinstance(node, FUNCTION)]

    @property
    def own_functions(self) -> list[Function]:
        """The functions at the top level of the module."""
        return [node for node in self.syntax.body if isinstance(node, FUNCTION)]

    @property
    def classes(self) -> list[ast.ClassDef]:
        """The classes at the top level of the module."""
        return [node for node in self.syntax.body if isinstance(node, ast.ClassDef)]

    def at(self, node: ast.AST) -> str:
        """Return ``path:line`` of a node, as an editor reads it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@dataclass(frozen=True)
class Tree:
    """The source below ``root``; tests plant breaches in a small tree of their own."""

    root: Path

    def read(self, *folders: str) -> list[Module]:
        """Read every module in these folders, sorted by path; migrations are left out."""
        paths = (path for folder in folders for path in (self.root / folder).rglob("*.py"))
        return [self._module(path) for path in sorted(paths) if "migrations" not in path.parts]

    def _module(self, path: Path) -> Module:
        relative = path.relative_to(self.root)
        parts = relative.with_suffix("").parts
        text = path.read_text(encoding="utf-8")
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        return Module(relative, name, text, ast.parse(text))

    @cached_property
    def product(self) -> list[Module]:
        return self.read(*APPS)

    @cached_property
    def migrations(self) -> list[Module]:
        paths = (path for app in APPS for path in (self.root / app).glob("**/migrations/*.py"))
        return [self._module(path) for path in sorted(paths)]

    @cached_property
    def tests(self) -> list[Module]:
        return self.read("tests")

    @cached_property
    def everything(self) -> list[Module]:
        return self.product + self.tests + self.read("scripts", "benchmarks")

    def files(self, folder: str, pattern: str = "*.*") -> list[Path]:
        """Return the files of a folder, relative to the tree."""
        paths = (path for path in (self.root / folder).rglob(pattern) if path.is_file())
        return sorted(path.relative_to(self.root) for path in paths if "__pycache__" not in path.parts)

    def text(self, path: Path | str) -> str:
        """Return what a file holds, and nothing for one that is not there."""
        file = self.root / path
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """Return for each module of the product the modules of the product that it imports."""
        known = {module.name for module in self.product}
        return {module.name: set(_imported(module, known)) - {module.name} for module in self.product}


def _imported(module: Module, known: set[str]) -> Iterator[str]:
    checked_only = set(_only_for_types(module.syntax))
    for node in ast.walk(module.syntax):
        if node in checked_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            package = absolute_name(module, node)
            for alias in node.names:
                inner = f"{package}.{alias.name}"
                if inner in known or package in known:
                    yield inner if inner in known else package


def absolute_name(module: Module, node: ast.ImportFrom) -> str:
    """Return the full name of the package that ``from … import`` names."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    kept = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _only_for_types(syntax: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(syntax):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from ast.walk(node)


def calls_in(*modules: Module) -> Iterator[tuple[str, list]]:
    """Yield every call as (last part of the name called, its constant arguments)."""
    for node in (node for module in modules for node in ast.walk(module.syntax)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            yield name, [part.value for part in node.args if isinstance(part, ast.Constant)]

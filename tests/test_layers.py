"""Imports run one way: config → socialnet, shop, operators → accounts → agents_core."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.environment import BASE_DIR

MAY_IMPORT = {
    "agents_core": set[str](),
    "accounts": {"agents_core"},
    "operators": {"accounts", "agents_core"},
    "socialnet": {"accounts", "agents_core"},
    "shop": {"accounts", "agents_core"},
    "config": {"operators", "socialnet", "shop", "accounts", "agents_core"},
}
MODULES = sorted(
    path.relative_to(BASE_DIR)
    for package in MAY_IMPORT
    for path in (BASE_DIR / package).rglob("*.py")
)


def imports(tree: ast.AST) -> Iterator[str]:
    """List the modules that a piece of code imports, by their full names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"


def parse(module: Path) -> ast.Module:
    """Read a module of ours."""
    return ast.parse((BASE_DIR / module).read_text(), str(module))


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_it_imports_only_from_below(module: Path) -> None:
    package = module.parts[0]
    above = set(MAY_IMPORT) - MAY_IMPORT[package] - {package}
    assert [name for name in imports(parse(module)) if name.split(".")[0] in above] == []


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_it_hides_no_import_in_a_function(module: Path) -> None:
    functions = (
        node
        for node in ast.walk(parse(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert [(f.name, name) for f in functions for name in imports(f)] == []


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_agents_import_neither_pages_nor_api(module: Path) -> None:
    if "agents" not in module.parts:
        return
    doors = {"views", "api", "streams", "urls"}
    assert [name for name in imports(parse(module)) if doors & set(name.split("."))] == []

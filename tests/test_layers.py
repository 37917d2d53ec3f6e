"""No import runs against the layers: a module knows what is nearer to the data than itself, and nothing above it."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Where each top-level name is found.
PLACES = {
    "project": "services/bs-whatweb",
    "gunicorn_config": "services/bs-whatweb",
    "logdesk": "services/logdesk",
    "elastic_setup": "services/elastic-setup",
}
TREES = (*PLACES, "native", "bench", "tests")

# Each layer's modules or packages (of two names that fit, the longer counts), and the layers that it may know beside
# itself.
DATA = "archive fields ranges record rollups settings"
INDEX = "words numbering day days generations follow retention index rebuild"
QUERY = "reader syntax parser query parts match plan lines sample search counts summary audit dashboard report"
LAYERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "log lines": ("project.api.utils", ()),
    "environment": ("project.environment", ()),
    "domain": ("project.whatweb", ()),
    "settings": ("project.config", ("environment",)),
    "API": ("project.api", ("log lines", "environment", "domain")),
    "service": ("project.service", ("API", "domain", "settings")),
    "app": ("project", ("service", "API", "settings", "log lines")),
    "gunicorn": ("gunicorn_config", ("log lines", "settings")),
    "data": (" ".join(f"logdesk.{name}" for name in DATA.split()), ()),
    "index": (" ".join(f"logdesk.{name}" for name in INDEX.split()), ("data",)),
    "audited process": ("logdesk.process_audit", ()),
    "query": (" ".join(f"logdesk.{name}" for name in QUERY.split()), ("data", "index", "audited process")),
    "web": ("logdesk.web", ("data", "query", "audited process")),
    "command": ("logdesk logdesk.__main__", ("data", "index", "query", "web")),
    "elastic-setup": ("elastic_setup", ("audited process",)),
    "make run": ("native", ()),
    "make demo": ("native.demo_app", ("app",)),
    "example": ("native.new_service.example", ("environment", "API")),
}
LAYERS["tests"] = ("tests native.new_service.example.tests", tuple(LAYERS))
LAYERS["bench"] = ("bench", tuple(LAYERS))
LAYER_OF = {name: layer for layer, (names, _) in LAYERS.items() for name in names.split()}


def modules() -> dict[str, Path]:
    found = {}
    for tree in TREES:
        base = ROOT / PLACES.get(tree, "")
        for file in [*(base / tree).rglob("*.py"), base / f"{tree}.py"]:
            if file.exists():
                found[".".join(file.relative_to(base).with_suffix("").parts).removesuffix(".__init__")] = file
    return found


MODULES = modules()


def imports(module: str) -> set[str]:
    """The modules of ours that it imports, wherever in its text."""
    return {name for name in _imported(module) if name in MODULES and name != module}


def _imported(module: str) -> Iterator[str]:
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            for name in node.names:
                yield f"{base}.{name.name}" if f"{base}.{name.name}" in MODULES else base


def layer(module: str) -> str:
    while module not in LAYER_OF:
        module = module.rpartition(".")[0]
        assert module, "a module without a layer"
    return LAYER_OF[module]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_its_own_layer_and_those_it_may_know(module: str) -> None:
    mine = layer(module)
    known = {mine, *LAYERS[mine][1]}
    assert {name: layer(name) for name in imports(module) if layer(name) not in known} == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    list(TopologicalSorter({module: imports(module) for module in MODULES}).static_order())


def test_imports_are_seen_in_every_form_and_no_layer_is_empty() -> None:
    assert {layer(module) for module in MODULES} == set(LAYERS)
    assert "project.api.problems" in imports("project.api.whatweb")  # from project.api.problems import …
    assert "project.service" in imports("project")  # from project import service, in a function
    assert "project.api.utils.context" in imports("project.api.utils.errors.event")  # from .. import context

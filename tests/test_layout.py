"""The tests mirror the source, and no file of it grows out of hand."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "undrift"
TESTS = ROOT / "tests"
LONGEST_LINES = 450

# What has no test file of its own name, and where it is tested instead.
ELSEWHERE = {
    "__init__.py": "test_public.py",
    "__main__.py": "test_cli.py",
    "body/": "test_body.py",
    # What is no list or no rule shows in the sentences about a whole table.
    "config/reading.py": "config/test_table.py",
    "config/ignoring.py": "config/test_table.py",
    "fielddiff/": "test_fielddiff.py",
    "values/": "test_values.py",
    "config/__init__.py": "config/test_table.py",
    "live/__init__.py": "live/test_sending.py",
    "serve/__init__.py": "test_serve.py",
    "report/__init__.py": "report/test_report.py",
    "store/__init__.py": "store/test_files.py",
    "report/lines.py": "report/test_text.py",
    # What the steps of the pipeline hand to each other shows in what they make of it together.
    "drift/compare.py": "drift/test_laws.py",
    "drift/comparison.py": "drift/test_laws.py",
    "drift/evidence.py": "drift/test_noise.py",
    "drift/fields.py": "drift/test_bodies.py",
    "drift/frames.py": "drift/test_align.py",
    "drift/observation.py": "drift/test_noise.py",
    "drift/observe.py": "drift/test_laws.py",
    "drift/plain.py": "drift/test_results.py",
    "drift/shape.py": "drift/test_verdict.py",
    "drift/traffic.py": "drift/test_align.py",
    # What the detectors of others find shows in what a scan says.
    "app/detector.py": "app/test_scan.py",
    # Who looks for secrets, and what for, shows in what is found.
    "scrub/finder.py": "scrub/test_replace.py",
    "scrub/forms.py": "scrub/test_replace.py",
    "scrub/looking.py": "scrub/test_replace.py",
    "scrub/ledger.py": "scrub/test_cassette.py",
    "scrub/message.py": "scrub/test_cassette.py",
    # Clients are tested side by side, so that each shows what the others do.
    "engine/clients_httpx.py": "engine/test_clients.py",
    # A plugin is tested as its users see it: by what it does, not by what it is made of.
    "pytest_plugin/": "pytest_plugin/test_modes.py",
}


def modules() -> list[str]:
    return sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))


def says_something(module: str) -> bool:
    """Whether a module has more in it than its docstring, imports and ``__all__``."""
    tree = ast.parse((SOURCE / module).read_text("utf-8"))
    only_names = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign)
    for_types = [part for part in tree.body if isinstance(part, ast.If) and ast.unparse(part.test) == "TYPE_CHECKING"]
    return any(not isinstance(statement, only_names) for statement in tree.body if statement not in for_types)


def where_tested(module: str) -> str:
    path = Path(module)
    mirrored = (path.parent / f"test_{path.name}").as_posix()
    if (TESTS / mirrored).is_file():
        return mirrored
    return next((place for start, place in ELSEWHERE.items() if module.startswith(start)), "")


def test_every_module_is_tested_where_one_looks_for_it() -> None:
    for module in filter(says_something, modules()):
        place = where_tested(module)
        path = Path(module)
        assert place, f"{module} has no tests/{path.parent}/test_{path.name}, and no reason in ELSEWHERE"
        assert (TESTS / place).is_file(), f"{module} is said to be tested in {place}, which does not exist"


def test_no_reason_outlives_what_it_was_for() -> None:
    for start in ELSEWHERE:
        assert any(module.startswith(start) for module in modules()), f"nothing in the source is called {start}"


def test_every_test_is_of_something_that_exists() -> None:
    mirrored = {(Path(module).parent / f"test_{Path(module).name}").as_posix() for module in modules()}
    packages = {path.name for path in SOURCE.iterdir() if path.is_dir()}
    for path in TESTS.rglob("test_*.py"):
        name = path.relative_to(TESTS)
        if name.parts[0] in packages and name.as_posix() not in {*mirrored, *ELSEWHERE.values()}:
            # A test of what several modules do together says in its first line what that is.
            words = ast.get_docstring(ast.parse(path.read_text("utf-8")))
            assert words, f"{name} is of no module in src/undrift, and its first line does not say what it shows"


def test_no_module_is_too_long() -> None:
    lengths = {module: len((SOURCE / module).read_text("utf-8").splitlines()) for module in modules()}
    assert {module: lines for module, lines in lengths.items() if lines > LONGEST_LINES} == {}

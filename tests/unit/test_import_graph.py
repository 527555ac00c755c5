"""The house has floors: no module imports, now or lazily, one that leads back to it."""

import dis
import graphlib
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import kajitori

ROOT = Path(kajitori.__file__).parent


def modules() -> dict[str, Path]:
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = ("kajitori", *path.relative_to(ROOT).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A piece of bytecode and all that is defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def imports(path: Path) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Level, module and names of each import; off the bytecode, as `ast` sometimes fails beside threads (gh-106905)."""
    for code in codes(compile(path.read_bytes(), str(path), "exec", dont_inherit=True)):
        if dis.opmap["IMPORT_NAME"] not in code.co_code[::2]:
            continue
        steps = list(dis.get_instructions(code))
        for at, step in enumerate(steps):
            if step.opname == "IMPORT_NAME":
                yield steps[at - 2].argval, step.argval, steps[at - 1].argval or ()


def imported(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """What a module takes from the house, wherever in its text the import stands."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for level, module, names in imports(path):
        above = package.split(".")[: len(package.split(".")) - level + 1] if level else []
        base = ".".join([*above, *([module] if module else [])])
        whole = {f"{base}.{one}" for one in names} or {base}
        found |= {one if one in known else base for one in whole}
    return (found & known.keys()) - {name}


def test_no_import_runs_in_a_circle() -> None:
    known = modules()
    graph = {name: imported(name, path, known) for name, path in known.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" → ".join(reversed(error.args[1])))

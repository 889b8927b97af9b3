"""The pinned files are those `make lock` makes of pyproject.toml; told without a network."""

import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from portal.config import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
FOR_ALL = [*PROJECT["dependencies"], *EXTRAS["test"]]
FOR_TESTS = [*FOR_ALL, *(line for line in EXTRAS["dev"] if not line.startswith("heardback"))]
FILES = {"requirements.txt": FOR_ALL, "tests/requirements.txt": FOR_TESTS}


def read_pins(name: str) -> dict[str, Requirement]:
    """What file NAME pins for this Python, by package."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.partition("#")[0]) for line in lines if line[:1] not in ("#", " ")]
    return {
        canonicalize_name(pin.name): pin for pin in pins if not pin.marker or pin.marker.evaluate()
    }


def needed_by(declared: list[str]) -> set[str]:
    """The packages that DECLARED come to, by what the installed ones say of themselves."""
    found, waiting = set(), [(Requirement(line), "") for line in declared]
    while waiting:
        one, extra = waiting.pop()
        key = (canonicalize_name(one.name), frozenset(one.extras))
        if key in found or (one.marker and not one.marker.evaluate({"extra": extra})):
            continue
        found.add(key)
        for line in metadata.requires(one.name) or ():
            waiting += [(Requirement(line), name) for name in ("", *one.extras)]
    return {name for name, _ in found}


@pytest.mark.parametrize("name", FILES)
def test_all_that_is_needed_is_pinned_and_nothing_else(name):
    assert set(read_pins(name)) == needed_by(FILES[name]), "run `make lock`"


@pytest.mark.parametrize("name", FILES)
def test_what_is_pinned_is_what_was_declared(name):
    pins = read_pins(name)
    declared = [Requirement(line) for line in FILES[name]]
    versions = {one: next(iter(pins[canonicalize_name(one.name)].specifier)) for one in declared}
    wrong = {str(one) for one, pin in versions.items() if not one.specifier.contains(pin.version)}
    assert wrong == set(), "run `make lock`"


def test_the_tests_run_on_what_runs_the_product():
    product, tests = (read_pins(name) for name in FILES)
    assert {name: tests.get(name) for name in product} == product

"""Which files are the program's own."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

import pytest

import tracer
from tracer.instrument.owncode import OwnCode

PROJECT = "/home/me/project"
LIBRARY = sysconfig.get_path("stdlib")


@pytest.mark.parametrize(
    "file",
    [
        f"{PROJECT}/run.py",
        f"{PROJECT}/src/shop/stock.py",
        "/elsewhere/lib/shop.py",
        "/home/me/site-packages.py",
        "/home/me/my-site-packages/shop.py",
    ],
)
def test_what_is_not_installed_is_own_wherever_it_is(file: str) -> None:
    assert OwnCode([PROJECT]).has(file)
    assert OwnCode([]).has(file)


@pytest.mark.parametrize(
    "file",
    [
        os.path.realpath(os.__file__),
        f"{PROJECT}/.venv/lib/python3.11/site-packages/dep/__init__.py",
        "/usr/lib/python3/dist-packages/dep.py",
        "/home/me/.local/lib/python3.12/site-packages/dep.py",
        str(Path(tracer.__file__).resolve()),
    ],
)
def test_what_is_installed_is_not_own(file: str) -> None:
    assert not OwnCode([PROJECT]).has(file)
    assert not OwnCode(["/"]).has(file)


def test_a_root_among_installed_packages_is_own() -> None:
    own = OwnCode(["/venv/lib/python3/site-packages/shop"])
    assert own.has("/venv/lib/python3/site-packages/shop/stock.py")
    assert not own.has("/venv/lib/python3/site-packages/dep.py")
    assert not own.has("/venv/lib/python3/site-packages/shop/site-packages/dep.py")


def test_a_root_in_the_standard_library_is_own() -> None:
    assert OwnCode([f"{LIBRARY}/idlelib"]).has(os.path.realpath(f"{LIBRARY}/idlelib/run.py"))

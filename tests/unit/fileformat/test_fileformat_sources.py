"""Of the files that a trace names, only sources are read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from blocks import END, block, events, tables

import tracer
from tracer import sources
from tracer.analysis import handlers


def site_of(folder: Path, file: object, text: str = "n = 1", **header: str) -> tracer.trace.Site:
    """The one site of a trace that names this file."""
    rows = tables(strings=[str(file), text], sites=[[1, 1, 1, 1, 1, 0, 2, False, [], []]])
    path = folder / "t.msgpack"
    path.write_bytes(block("header", header, 1) + rows + events() + END)
    return tracer.load(path).sites[0]


def test_the_program_s_own_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    project.mkdir()
    file = project / "race.py"
    file.write_text("n = 1  # line\n")
    header = {"cwd": str(project), "program": "race.py", "mode": "script"}
    assert sources.line(site_of(tmp_path, file, **header)) == "n = 1  # line\n"
    assert sources.line(site_of(tmp_path, file)) == ""
    monkeypatch.chdir(project)
    assert sources.line(site_of(tmp_path, file)) == "n = 1  # line\n"


def test_files_of_this_python_are_read(tmp_path: Path) -> None:
    assert "".join(sources.lines(site_of(tmp_path, os.__file__))).startswith('r"""OS routines')
    installed = Path(pytest.__file__)
    assert sources.line(site_of(tmp_path, installed)) == installed.read_text().splitlines(True)[0]


@pytest.mark.parametrize(
    ("source", "text", "shown"),
    [
        ("n = 1  # line\n", "n = 1", True),
        ("n = 2\nn = 1\n", "n = 1", False),
        ("work(1,\n     2)\n", "work(1, 2)", True),
        ("work(1,  2)\n", "work(1, 2)", True),
        ("work(1,\n     3)\n", "work(1, 2)", False),
        ("work(123456)\n", "work(123…", True),
        ("with pool() as p:\n    pass\n", "with pool():", True),
        ("with open(f) as g, lock:\n    pass\n", "with lock:", True),
        ("with (open(f) as g,\n      lock):\n    pass\n", "with lock:", True),
        ("with other:\n    pass\n", "with lock:", False),
        ("print('é')\n", "print('\ufffd')", True),
        ("", "n = 1", False),
    ],
)
def test_whether_a_line_shows_the_text_of_its_site(
    tmp_path: Path, source: str, text: str, shown: bool
) -> None:
    file = tmp_path / "p.py"
    file.write_text(source)
    header = {"cwd": str(tmp_path), "program": "p.py", "mode": "script"}
    assert sources.shows(site_of(tmp_path, file, text, **header)) is shown


def test_no_device_no_pipe_and_nothing_huge_is_opened(tmp_path: Path) -> None:
    pipe, large, empty = tmp_path / "pipe.py", tmp_path / "large.py", tmp_path / "empty.py"
    os.mkfifo(pipe)
    with large.open("wb") as file:
        file.truncate(sources.LARGEST + 1)
    empty.touch()
    link = tmp_path / "link.py"
    link.symlink_to("/dev/zero")
    for name in ("/dev/zero", "/proc/self/environ", tmp_path, pipe, large, empty, link):
        # Even where the trace says that it is the program's.
        for header in ({}, {"cwd": str(tmp_path)}, {"cwd": "/dev"}, {"cwd": "/proc/self"}):
            site = site_of(tmp_path, name, **header)
            assert sources.lines(site) == ()
            assert handlers.catches(site, "KeyError") is None


@pytest.mark.parametrize("name", ["", "\x00", "a\0b", "x" * 5000, "\udcff", "<string>"])
def test_a_name_that_no_file_has(tmp_path: Path, name: str) -> None:
    assert (
        sources.lines(site_of(tmp_path, name.encode("utf-8", "surrogatepass").decode("latin1")))
        == ()
    )


def test_neither_a_home_nor_the_root_is_a_program_s_folder(tmp_path: Path) -> None:
    for folder in ("/", os.path.expanduser("~")):
        assert folder not in sources.folders([folder])
    assert os.path.realpath(sys.prefix) in sources.folders([])


def test_sources_that_are_no_python(tmp_path: Path) -> None:
    file = tmp_path / "race.py"
    for content in (b"\xff\xfe", b"# coding: none\n", b"n = (" + b"(" * 100_000, b"n = 1\0"):
        file.write_bytes(content + b"\n")
        sources._lines.cache_clear()
        site = site_of(tmp_path, file, cwd=str(tmp_path))
        assert not handlers.catches(site, "KeyError")

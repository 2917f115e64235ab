"""The system's pipes and pairs of sockets as order between threads and processes, and on replay."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import invoke, run

THREADS = """
import os, socket, threading
read_end, write_end = os.pipe()
here, there = socket.socketpair()
numbers = {"n": 0}
def first():
    numbers["n"] += 1
    GIVE
def second():
    TAKE
    numbers["n"] += 1
threads = [threading.Thread(target=each) for each in (second, first)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert numbers["n"] == 2
"""
PROCESSES = """
import multiprocessing, os
from multiprocessing.sharedctypes import RawValue
context = multiprocessing.get_context("fork")
read_end, write_end = os.pipe()
number = RawValue("i", 0)
def first():
    number.value += 1
    os.write(write_end, b"x")
def second():
    os.read(read_end, 1)
    number.value += 1
processes = [context.Process(target=each) for each in (second, first)]
for process in processes: process.start()
for process in processes: process.join()
assert number.value == 2
"""
WAYS = {
    "pipe": ('os.write(write_end, b"x")', "os.read(read_end, 1)"),
    "vectors": ('os.writev(write_end, [b"x"])', "os.readv(read_end, [bytearray(1)])"),
    "closed": ("os.close(write_end)", "os.read(read_end, 1)"),
    "files": ('os.fdopen(write_end, "w").write("x")', "os.fdopen(read_end).read()"),
    "sockets": ('here.send(b"x")', "there.recv(1)"),
    "back": ('there.sendall(b"x")', "here.recv_into(bytearray(1))"),
    "shut": ("here.shutdown(socket.SHUT_WR)", "there.recv(1)"),
    "file of a socket": ('here.sendall(b"x\\n")', "there.makefile().readline()"),
}
BY_CHANCE = (
    THREADS.replace("GIVE", 'os.write(write_end, b"x")')
    .replace("TAKE", "pass")
    .removesuffix('assert numbers["n"] == 2\n')
)


def check_and_replay(folder: Path, program: str, *options: str) -> int:
    """The status of `trace check`, where the replay is as recorded."""
    (folder / "program.py").write_text(program)
    done = run(folder, "program.py", options=options)
    assert done.status == 0, done.stderr
    for words in (["replay"], ["check"]):
        told = invoke(folder, *words, done.file)
        if words == ["replay"]:
            assert told.returncode == 0, told.stderr
    return told.returncode


@pytest.mark.parametrize("way", WAYS)
def test_what_comes_before_a_writing_is_known_to_who_reads_it(tmp_path: Path, way: str) -> None:
    give, take = WAYS[way]
    program = THREADS.replace("GIVE", give).replace("TAKE", take)
    assert check_and_replay(tmp_path, program) == 0
    assert check_and_replay(tmp_path, program, "--seed", "1") == 0


@pytest.mark.parametrize("options", [(), ("--seed", "1"), ("--seed", "2")])
def test_forked_processes_have_the_same_channels(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert check_and_replay(tmp_path, PROCESSES, *options) == 0


def test_who_does_not_read_is_not_ordered(tmp_path: Path) -> None:
    assert check_and_replay(tmp_path, BY_CHANCE, "--seed", "1") == 1

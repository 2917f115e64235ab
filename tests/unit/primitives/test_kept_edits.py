from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Prints what the edited functions are, and whether an edit had to be made.
PATCHED = """
import sys
from tracer import primitives
codes = [code for _, name, code in primitives.patches(False) if name == "__code__"]
for code in codes:
    constants = [type(constant).__name__ for constant in code.co_consts]
    print(code.co_qualname, code.co_filename, constants)
    print(code.co_code.hex(), code.co_linetable.hex())
print("racetrace.tracer.primitives.editing" in sys.modules)
"""


def patched(prefix: Path, *options: str, code: str = PATCHED) -> list[str]:
    """What a new interpreter says that keeps its bytecode in `prefix`."""
    arguments = [sys.executable, "-X", f"pycache_prefix={prefix}", *options, "-c", code]
    environment = {"PYTHONHASHSEED": "0"}
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def kept(prefix: Path) -> list[Path]:
    """The files with the codes, one for each module."""
    files = sorted(prefix.rglob("editing.*edited*.pyc"))
    assert [file.stem.partition("edited")[2] for file in files] == ["os", "queue", "threading"]
    return files


def test_edits_are_made_once(tmp_path: Path):
    *first, made = patched(tmp_path)
    *second, made_again = patched(tmp_path)
    assert (made, made_again) == ("True", "False")
    assert first == second


def test_a_function_that_is_another_one_is_edited_anew(tmp_path: Path):
    patched(tmp_path)
    other = "import queue\nqueue.Queue.join.__code__ = queue.Queue.empty.__code__\n" + PATCHED
    with pytest.raises(subprocess.CalledProcessError) as raised:
        patched(tmp_path, code=other)
    # Its source was looked at, and is not that of a function of this name.
    assert "UnknownSourceError: cannot find Queue.join()" in raised.value.stderr


@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.9])
def test_what_is_cut_off_is_made_anew(tmp_path: Path, part: float):
    *first, _ = patched(tmp_path)
    for file in kept(tmp_path):
        whole = file.read_bytes()
        file.write_bytes(whole[: int(len(whole) * part)])
    *second, made = patched(tmp_path)
    assert made == "True"
    assert first == second
    assert patched(tmp_path) == [*first, "False"]


def test_nothing_is_kept_where_python_keeps_nothing(tmp_path: Path):
    patched(tmp_path, "-B")
    assert not any(tmp_path.iterdir())

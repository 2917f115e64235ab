"""What a program reads from other programs that it starts comes again in a replay."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import invoke, run

START = "import os, subprocess\nPIPE = subprocess.PIPE\n"
READS = {
    "check-output": 'print(subprocess.check_output(["echo", "hi"]))',
    "captured": 'print(subprocess.run(["ls", "none"], capture_output=True))',
    "input": 'print(len(subprocess.run(["cat"], input=b"x" * 200_000, stdout=PIPE).stdout))',
    "read": 'print(subprocess.Popen(["echo", "a"], stdout=PIPE).stdout.read())',
    "lines": 'print(*subprocess.Popen(["printf", r"a\\nb\\n"], stdout=PIPE).stdout)',
    "descriptor": """program = subprocess.Popen(["echo", "a"], stdout=PIPE)
print(os.read(program.stdout.fileno(), 9))""",
    "communicate": 'print(subprocess.Popen(["sort"], stdin=PIPE, stdout=PIPE).communicate(b"b"))',
}
TIMES = 4


@pytest.mark.parametrize("options", [(), ("--seed", "1")], ids=["free", "seed"])
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_what_programs_have_written_is_read_again(
    tmp_path: Path, read: str, options: tuple[str, ...]
) -> None:
    (tmp_path / "program.py").write_text(f"{START}{read}\n")
    recorded = run(tmp_path, "program.py", options=options)
    assert recorded.status == 0, recorded.stderr
    done = invoke(tmp_path, "replay", "--trust", "--times", TIMES, recorded.file, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == TIMES * recorded.stdout

"""Every scenario runs under `trace run` as without it, and is what its README says it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commandline import invoke

from tracer import load

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TABLE = re.findall(
    r"^\| `(\w+\.py)` \|.*\| ([^|]+) \|$", (SCENARIOS / "README.md").read_text(), re.MULTILINE
)


def test_every_scenario_is_in_the_readme():
    assert sorted(name for name, _ in TABLE) == sorted(p.name for p in SCENARIOS.glob("*.py"))


@pytest.mark.parametrize(("name", "verdict"), TABLE, ids=[name for name, _ in TABLE])
def test_scenario(name, verdict, tmp_path):
    file = tmp_path / "x.msgpack"
    limit = ["--timeout", "1"] if name == "traffic_light.py" else []
    done = invoke(tmp_path, "run", *limit, "-o", file, SCENARIOS / name)
    if not limit:  # which ends as by Ctrl-C
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
    kinds = {(one.kind, one.status) for one in load(file).findings()}
    if verdict == "clean":
        assert kinds == set()
    else:
        kind, _, status = verdict.partition(", ")
        found = {(k, s) for k, s in kinds if k == kind.replace(" ", "-")}
        assert found
        if status == "observed":
            assert (kind.replace(" ", "-"), "observed") in found

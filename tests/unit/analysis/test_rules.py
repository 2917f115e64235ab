"""What findings can be is the same in the core, in Python and in the docs, and spelled once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracer import _core
from tracer.analysis.rules import RULES, TITLES
from tracer.events import Kind, Rule, Status
from tracer.reporters import json, text

pytestmark = pytest.mark.one_version

ROOT = Path(__file__).parents[3]
ENGINES = ROOT / "core" / "src" / "analysis"
NAMES = {str(name) for names in (Kind, Rule, Status) for name in names}
# One word of which has other meanings elsewhere counts only where something is compared with it.
CERTAIN = {name for name in NAMES if "-" in name} | set(Status)


def test_the_core_and_python_know_the_same_rules() -> None:
    assert dict(_core.analysis.RULES) == {str(rule): str(row.kind) for rule, row in RULES.items()}
    assert set(RULES) == set(Rule)
    assert {row.kind for row in RULES.values()} == set(TITLES) == set(Kind)


@pytest.mark.parametrize("rule", Rule)
def test_each_rule_is_produced_by_its_engine(rule: Rule) -> None:
    variant = "Rule::" + rule.title().replace("-", "")
    naming = {
        file.stem
        for file in ENGINES.rglob("*.rs")
        if re.search(rf"\b{variant}\b", file.read_text(encoding="utf-8"))
    }
    assert RULES[rule].engine in naming


@pytest.mark.parametrize("status", Status)
def test_each_status_is_produced_and_explained(status: Status) -> None:
    source = (ENGINES / "access.rs").read_text(encoding="utf-8")
    assert f"=> Status::{status.title()}," in source
    assert status in text.STATUS


def test_each_kind_has_its_place_in_the_docs() -> None:
    for row in RULES.values():
        file, _, anchor = row.documentation.partition("#")
        headings = re.findall(r"^#+ (.*)$", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in headings


def test_the_docs_of_json_list_the_rules_that_findings_have() -> None:
    page = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").partition("### Rules")[2]
    listed = re.findall(r"^\| `([a-z-]+)` \| `([a-z-]+)` \|", page, re.MULTILINE)
    unlisted = {*json.ONLY_RULES, Rule.ORDER}
    assert dict(listed) == {
        str(rule): str(row.kind) for rule, row in RULES.items() if rule not in unlisted
    }


def test_no_name_is_spelled_elsewhere() -> None:
    spelled = [
        f"{file.relative_to(ROOT)}:{line}: {name}"
        for file in (ROOT / "tracer").rglob("*.py")
        if file.name != "kinds.py"
        for line, name in _spelled(ast.parse(file.read_text(encoding="utf-8")))
    ]
    spelled += [
        f"{file.relative_to(ROOT)}: {name}"
        for file in ENGINES.rglob("*.rs")
        if file.name != "rules.rs"
        for name in re.findall(r'"([a-z-]+)"', file.read_text(encoding="utf-8"))
        if name in CERTAIN
    ]
    assert spelled == []


def test_spelled_names_are_seen() -> None:
    tree = ast.parse('x.kind == "deadlock" or y in ("hang", 1) or f(z["deadlock"], "lost-update")')
    assert sorted(name for _, name in _spelled(tree)) == ["deadlock", "hang", "lost-update"]


def _spelled(tree: ast.AST) -> Iterator[tuple[int, str]]:
    compared = {
        id(one)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        for one in (side.elts if isinstance(side, ast.Tuple | ast.Set) else [side])
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            known = CERTAIN | (NAMES if id(node) in compared else set())
            if node.value in known:
                yield node.lineno, node.value

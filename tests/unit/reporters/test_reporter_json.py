"""The contract of docs/json.md: every field, no other field, and its type."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import handmade
import pytest
from handmade import MAIN, shop

from tracer.analysis import Verdict
from tracer.events import NO_VALUE, Note, Op, Reason, Ref
from tracer.reporters import json as reporter

DOCS = Path(__file__).parents[3] / "docs" / "json.md"


def shown(trace):
    return json.loads("".join(reporter.show(trace, trace.events)))


def documented(heading: str) -> set[str]:
    """The fields in the table under a heading of docs/json.md."""
    text = DOCS.read_text(encoding="utf-8")
    part = text.split(f"### {heading}\n", 1)[1].split("\n### ")[0].split("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))


def test_show_has_exactly_the_documented_fields():
    document = shown(handmade.door())
    assert set(document) == documented("show")
    assert documented("trace") <= set(document["trace"])
    for name in ("processes", "threads", "objects"):
        assert document[name], name
        for row in document[name]:
            assert set(row) == documented(name), name
    document = shown(handmade.lost_update())
    for row in document["locations"]:
        assert set(row) == documented("locations")
    for row in document["events"]:
        assert set(row) == documented("events")
        assert row["site"] is None or set(row["site"]) == documented("site")


@pytest.mark.parametrize("make", [handmade.door, handmade.lost_update, handmade.naps])
def test_the_lines_of_show_are_the_events(make):
    trace = make()
    lines = "".join(reporter.show(trace, trace.events)).splitlines()[1:-1]
    assert [line.rstrip(",") for line in lines] == [
        reporter.encode(reporter.of_event(event)) for event in trace.events
    ]


def test_check_has_exactly_the_documented_fields():
    trace = handmade.lost_update()
    document = reporter.check(trace, trace.verdict())
    assert set(document) == documented("check")
    assert document["verdict"] == "findings"
    for finding in document["findings"]:
        assert set(finding) == documented("findings")
        for site in finding["sites"]:
            assert set(site) == {"file", "line", "function", "text"}
    json.dumps(document, allow_nan=False)


def test_verdicts():
    trace = handmade.naps(2)
    document = reporter.check(trace, trace.verdict())
    assert (document["verdict"], document["reason"], document["reasons"]) == ("clean", None, [])
    reason, note = Reason("some-kind", "not seen", "Look."), Note("other", "note \udcff")
    document = reporter.check(trace, Verdict((), (reason,), (note,)))
    assert (document["verdict"], document["reason"]) == ("inconclusive", "not seen")
    assert document["reasons"] == [{"kind": "some-kind", "text": "not seen", "advice": "Look."}]
    assert document["notes"] == [{"kind": "other", "text": "note \\udcff", "advice": ""}]


def test_events_say_what_happened():
    write = next(e for e in shown(handmade.lost_update())["events"] if e["op"] == "write")
    assert write["location"] == "shop.tickets"
    assert write["value"] == 99
    assert write["thread"] == "main.1"
    assert write["site"] == {"file": "shop.py", "line": 20, "column": 5, "function": "sell"}


@pytest.mark.parametrize(
    ("value", "json_value"),
    [
        (NO_VALUE, None),
        (None, {"type": "NoneType"}),
        (True, True),
        (-7, -7),
        (2.5, 2.5),
        (math.inf, {"type": "float", "text": "inf"}),
        ("größe", "größe"),
        (b"\xff\x00", {"type": "bytes", "hex": "ff00"}),
        (Ref("dict", 3), {"type": "dict", "object": 3}),
        (Ref("socket"), {"type": "socket", "object": None}),
    ],
)
def test_values(value, json_value):
    assert reporter.value(value) == json_value
    json.dumps(reporter.value(value), allow_nan=False)


def test_lone_surrogates_stay_valid_json():
    b = shop()
    b.emit(MAIN, Op.OUTPUT, value="plain")
    trace = b.trace()
    trace.header["argv"] = ["bad\udcff.py"]
    document = json.loads("".join(reporter.show(trace, [])).encode("utf-8"))
    assert document["trace"]["argv"] == ["bad\\udcff.py"]
    assert document["events"] == []

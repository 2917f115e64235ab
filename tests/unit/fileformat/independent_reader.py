"""Reads a trace file as FORMAT.md describes it; knows nothing of the package `tracer`."""

from __future__ import annotations

import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgpack
import zstandard


def read(path: Path) -> tuple[dict[str, Any], dict[str, list[Any]], list[dict[str, Any]]]:
    """The header, the tables and the events of a whole file."""
    header: dict[str, Any] = {}
    tables: dict[str, list[Any]] = defaultdict(list)
    events: list[dict[str, Any]] = []
    with path.open("rb") as file:
        for block in msgpack.Unpacker(file, max_buffer_size=1 << 28):
            assert zlib.crc32(block["data"]) == block["crc32"]
            data = zstandard.decompress(block["data"])
            assert len(data) == block["size"]
            payload = msgpack.unpackb(data)
            if block["kind"] == "header":
                assert (block["format"], block["version"]) == ("racetrace", 1)
                header = payload
            elif block["kind"] == "events":
                events += read_events(block, payload, tables["strings"])
            elif block["kind"] == "end":
                assert block["n"] == payload["events"] == len(events)
                return header, tables, events
            else:
                assert len(payload) == block["n"]
                tables[block["kind"]] += payload
    raise AssertionError("the file is cut off")


def read_events(
    block: dict[str, Any], columns: dict[str, list[Any]], strings: list[Any]
) -> list[dict[str, Any]]:
    zeros = [0] * block["n"]
    seq = t = 0
    values = iter(columns.get("value", ()))
    last_ints: dict[tuple[bool, int], int] = {}
    events = []
    for i in range(block["n"]):
        event = {
            name: columns.get(name, zeros)[i]
            for name in ("thread", "op", "outcome", "flags", "target", "site", "stack", "tag")
        }
        event["seq"] = seq = seq + 1 + columns.get("seq", zeros)[i]
        event["t"] = t = t + columns.get("t", zeros)[i]
        link = columns.get("link", zeros)[i]
        event["link"] = seq - link if link else 0
        tag = event["tag"]
        if tag == 4:
            key = event["op"] <= 5, event["target"]
            value = (last_ints.get(key, 0) + next(values) + 2**63) % 2**64 - 2**63
            event["value"] = last_ints[key] = value
        elif tag == 5:
            event["value"] = next(values)
        elif tag in (6, 7):
            event["value"] = strings[next(values) - 1]
        elif tag == 8:
            event["value"] = strings[next(values) - 1], next(values)
        else:
            event["value"] = (None, None, False, True)[tag]
        events.append(event)
    assert events[0]["seq"] == block["first"]
    return events

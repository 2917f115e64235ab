from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import handmade
import pytest
from handmade import MAIN, shop

from tracer.errors import GraphError, UsageError
from tracer.events import Op
from tracer.reporters import dot, engine, graph, slicing
from tracer.reporters.folding import fold
from tracer.reporters.picture import Node, Picture
from tracer.reporters.slicing import MOST_ROWS, Run, cut
from tracer.reporters.window import Window


def test_lost_update_is_recognisable():
    source = dot.source(graph.of_trace(handmade.lost_update(100)))
    assert len(re.findall(r'"?read tickets → 100   shop.py:18', source)) == 2
    assert len(re.findall(r"write tickets ← 99   shop.py:20", source)) == 2
    assert "label=overwrites" in source
    assert source.count("LOST") == 1
    # The second thread's lane is red from its read to its write: three steps with the sleep.
    assert len(re.findall(r'color="#f2a6a6" penwidth=7', source)) == 3
    assert "and 98 more threads like this" in source


def test_of_a_long_trace_what_lies_around_the_finding_is_looked_at(monkeypatch):
    trace = handmade.lost_update(100)
    (found,) = trace.findings()
    monkeypatch.setattr(slicing, "MOST_CONSIDERED", 60)
    looked_at = slicing.ranges(trace, found.events)
    assert sum(last - first + 1 for first, last in looked_at) <= 66
    assert all(any(a <= seq <= b for a, b in looked_at) for seq in found.events)
    source = dot.source(graph.of_trace(trace))
    assert "label=overwrites" in source
    assert len(re.findall(r'"?read tickets → 100   shop.py:18', source)) == 2
    left_out = int(re.search(r"(\d+) events of the run not drawn", source).group(1))
    assert left_out >= len(trace.events) - 66


def test_lanes_stand_side_by_side_and_rows_go_down():
    trace = handmade.door()
    source = dot.source(graph.of_trace(trace))
    place = {
        int(seq): (float(x), float(y))
        for seq, x, y in re.findall(r'\te(\d+) \[.*?pos="([-\d.]+),([-\d.]+)!"', source)
    }
    assert sorted(place) == [event.seq for event in trace.events]
    rows = [place[seq][1] for seq in sorted(place)]
    assert rows == sorted(rows, reverse=True)
    lanes = {(event.thread.id, place[event.seq][0]) for event in trace.events}
    assert len(lanes) == len({x for _, x in lanes}) == 3


def test_synchronization_edges_carry_their_kind():
    source = dot.source(graph.of_trace(handmade.door()))
    for kind in ("start", "join", "set"):
        assert f"label={kind}" in source or f'label="{kind}"' in source


def test_check_then_act_shows_the_act_that_comes_between():
    b = shop()
    one, two = b.thread(), b.thread()
    x = b.global_("x")
    check = b.site(3, "x")
    act = b.site(4, "x = 1", guards=(check,))
    b.launch(one)
    b.launch(two)
    for thread in (one, two):
        b.emit(thread, Op.BEGIN)
        b.emit(thread, Op.READ, x, check, value=None)
    for thread in (one, two):
        b.emit(thread, Op.WRITE, x, act, value=thread)
    source = dot.source(graph.of_trace(b.trace()))
    assert re.search(r'e\d+ -> e\d+ \[label="comes between"', source)


def test_the_legend_names_what_is_drawn_and_nothing_else():
    source = dot.source(graph.of_trace(handmade.door()))
    legend = re.findall(r"\tl\d+ \[label=(.*?) f", source)
    assert legend == ["waits", '"→ join, start"', '"→ set"']


def test_repeated_edges_are_not_all_drawn():
    b = shop()
    maker, taker = b.thread(), b.thread()
    q = b.object("Queue", "q")
    put, get = b.site(1, "q.put()"), b.site(2, "q.get()")
    b.launch(maker)
    b.launch(taker)
    puts = [b.emit(maker, Op.PUT, q, put, value=i) for i in range(20)]
    for link in puts:
        b.emit(taker, Op.GET, q, get, link=link)
    source = dot.source(graph.of_trace(b.trace()))
    assert 0 < source.count('label="put-get"') <= 4


def test_a_loop_is_drawn_only_where_it_meets_the_finding():
    b = shop()
    one, two = b.thread(), b.thread()
    x = b.global_("x")
    read = b.site(3, "x")
    write = b.site(3, "x = x + 1", sources=(read,))
    for thread in (one, two):
        b.launch(thread)
    for thread in (one, two):
        for _ in range(20):
            b.emit(thread, Op.READ, x, read, 1)
            last = b.emit(thread, Op.WRITE, x, write, 1)
    drawn = [int(seq) for seq in re.findall(r"\te(\d+) \[", dot.source(graph.of_trace(b.trace())))]
    assert last not in drawn
    assert len(drawn) < 20
    trace = b.trace()
    near = [seq for seq in drawn if trace.events.at(seq).location is not None]
    assert max(near) - min(near) < len(near) + 6


def test_thread_that_never_goes_on_is_drawn():
    assert "never goes on" in dot.source(graph.of_trace(handmade.door()))


def test_like_threads_are_folded():
    trace = handmade.naps(50)
    lanes = fold(trace, trace.threads, [], 7)
    assert [thread.name for thread in lanes.threads] == ["MainThread", "Thread-1"]
    assert lanes.more == {2: 49}
    assert lanes.others == 0


def test_threads_that_do_not_fit_are_counted():
    b = shop()
    for number in range(20):
        one = b.thread()
        b.launch(one)
        b.emit(one, Op.WRITE, b.global_(f"own{number}"), value=number)
    trace = b.trace()
    lanes = fold(trace, trace.threads, [], 5)
    assert len(lanes.threads) == 5
    assert len(lanes.threads) + lanes.others == 21


def test_hundred_thousand_events_give_a_readable_picture():
    b = shop()
    x = b.global_("x")
    workers = [b.thread() for _ in range(100)]
    for one in workers:
        b.launch(one)
        b.emit(one, Op.BEGIN)
    for _ in range(1000):
        for one in workers:
            b.emit(one, Op.READ, x, value=0)
    trace = b.trace()
    slice_ = cut(trace, [], [], Window())
    assert len(slice_.lanes.threads) <= 7
    assert len(slice_.items) <= 2 * MOST_ROWS
    runs = [item for item in slice_.items if isinstance(item, Run)]
    drawn = len(slice_.items) - len(runs) + sum(run.count for run in runs)
    assert drawn + slice_.left_out == len(trace.events)


NASTY = 'a"b\\n<b>&amp;</b>|{x}\\N'


@pytest.mark.parametrize("nasty", [NASTY, "<table>", "\\", "e1:w", "ünï→", "\x00\x1b", "node"])
def test_names_and_values_are_escaped(nasty):
    b = shop()
    one = b.thread(nasty)
    b.launch(one)
    b.emit(one, Op.BEGIN)
    b.emit(one, Op.WRITE, b.global_(nasty), b.site(1, nasty), nasty)
    b.emit(one, Op.END)
    b.emit(MAIN, Op.END)
    svg = engine.render(graph.of_trace(b.trace()), "svg").decode()
    assert "<b>" not in svg
    assert "<table>" not in svg
    assert nasty in texts(svg) or not nasty.isprintable()
    if shutil.which("dot"):
        drawn = subprocess.run(
            ["dot", "-Tsvg"],
            input=dot.source(graph.of_trace(b.trace())),
            capture_output=True,
            text=True,
            check=True,
        )
        assert nasty in texts(drawn.stdout) or not nasty.isprintable()


def texts(svg: str) -> set[str]:
    """The texts of an SVG document, as an XML reader has them."""
    root = ElementTree.fromstring(svg)
    found = root.iter("{http://www.w3.org/2000/svg}text")
    return {(element.text or "").replace("\xa0", " ") for element in found}


def places(svg: str) -> dict[str, tuple[float, float]]:
    """The middle of each box in an SVG document of ours, by its node's name."""
    space = "{http://www.w3.org/2000/svg}"
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{space}g"):
        box = group.find(f"{space}rect")
        if box is not None:
            x, y, width, height = (float(box.get(k, "")) for k in ("x", "y", "width", "height"))
            found[group.get("id", "")] = (x + width / 2, y + height / 2)
    return found


def test_svg_has_the_places_and_texts_of_the_picture():
    picture = graph.of_trace(handmade.lost_update())
    svg = engine.render(picture, "svg").decode()
    nodes = [item for item in picture.items if isinstance(item, Node)]
    boxes = {n.spot.node: n.spot for n in nodes if n.attributes.get("shape") != "plaintext"}
    assert places(svg) == {
        name: (pytest.approx(spot.x * 72, abs=0.01), pytest.approx(-spot.y * 72, abs=0.01))
        for name, spot in boxes.items()
    }
    words = {line for node in nodes for line in node.lines} | set(picture.title)
    edges = [item for item in picture.items if not isinstance(item, Node)]
    words |= {edge.text for edge in edges if edge.text}
    assert texts(svg) == words
    assert svg.count("<line ") == len(edges)
    assert svg.count("<polygon ") == sum(
        edge.attributes.get("arrowhead") != "none" for edge in edges
    )


def test_svg_texts_lie_in_their_boxes_and_all_in_the_frame():
    b = shop()
    one = b.thread("名前" * 8 + "W" * 20)
    b.launch(one)
    b.emit(one, Op.WRITE, b.global_("m" * 60), b.site(1, "x = 1"), "i" * 40)
    svg = engine.render(graph.of_trace(b.trace()), "svg").decode()
    space = "{http://www.w3.org/2000/svg}"
    root = ElementTree.fromstring(svg)
    left, top, width, height = (float(part) for part in root.get("viewBox", "").split())
    for group in root.iter(f"{space}g"):
        box = group.find(f"{space}rect")
        if box is not None:
            for text in group.iter(f"{space}text"):
                assert float(text.get("textLength", "")) < float(box.get("width", ""))
            assert left <= float(box.get("x", ""))
            assert top <= float(box.get("y", ""))
            assert float(box.get("x", "")) + float(box.get("width", "")) <= left + width
            assert float(box.get("y", "")) + float(box.get("height", "")) <= top + height


def _draws(kind, magic, folder):
    file = folder / f"x.{kind}"
    assert engine.write(graph.of_trace(handmade.lost_update()), file) == f"graph: {file}"
    assert file.read_bytes().startswith(magic)


@pytest.mark.parametrize(("kind", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_engine_draws(kind, magic, tmp_path):
    _draws(kind, magic, tmp_path)


@pytest.mark.skipif(not shutil.which("dot"), reason="only Graphviz's dot writes PDF")
def test_dot_draws_pdf(tmp_path):
    _draws("pdf", b"%PDF", tmp_path)


def test_a_format_that_the_engine_cannot_write_is_one_line_that_says_what_it_can(
    tmp_path, monkeypatch
):
    _pip_engine_alone(tmp_path, monkeypatch)
    with pytest.raises(GraphError) as error:
        engine.write(Picture(()), tmp_path / "x.pdf")
    line = str(error.value)
    assert "graphviz-pure cannot write pdf, only svg, png and dot" in line
    assert "install graphviz" in line
    assert "\n" not in line
    assert not (tmp_path / "x.pdf").exists()


def _pip_engine_alone(tmp_path, monkeypatch):
    """Let no engine be found but the one of the extra [graph]."""
    pip_engine = Path(sys.executable).with_name("graphviz-pure")
    if not pip_engine.exists():
        pytest.skip("the extra [graph] is not installed")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engine.engine() == str(pip_engine)


def test_pip_engine_draws_png(tmp_path, monkeypatch):
    _pip_engine_alone(tmp_path, monkeypatch)
    assert engine.render(graph.of_trace(handmade.lost_update()), "png").startswith(b"\x89PNG")


def test_no_engine_is_wanted_for_svg_and_said_for_png(tmp_path):
    script = (
        "import sys; from pathlib import Path; from tracer.reporters import engine;"
        "from tracer.errors import GraphError; from tracer.reporters.picture import Picture\n"
        "sys.executable = '/nowhere/python'\n"
        "print(engine.write(Picture(()), Path('x.svg')))\n"
        "try:\n    engine.write(Picture(()), Path('x.png'))\n"
        "except GraphError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    written, refused = done.stdout.splitlines()
    assert written == "graph: x.svg"
    assert ElementTree.fromstring((tmp_path / "x.svg").read_bytes()).tag.endswith("svg")
    assert "pip install racetrace[graph]" in refused
    assert not (tmp_path / "x.png").exists()


def test_unknown_suffix_and_a_failing_engine_are_errors(tmp_path, monkeypatch):
    with pytest.raises(UsageError):
        engine.check_suffix(tmp_path / "x.doc")
    broken = tmp_path / "dot"
    broken.write_text("#!/bin/sh\necho 'no such font' >&2; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(GraphError, match="-Tpng failed: no such font"):
        engine.render(Picture(()), "png")

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import handmade
import pytest
from handmade import MAIN, Builder

from tracer.errors import GraphError, UsageError
from tracer.events import Op
from tracer.reporters import engine, graph, slicing
from tracer.reporters.folding import fold
from tracer.reporters.slicing import MOST_ROWS, Run, cut
from tracer.reporters.window import Window


def test_lost_update_is_recognisable():
    source = graph.of_trace(handmade.lost_update(100))
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
    source = graph.of_trace(trace)
    assert "label=overwrites" in source
    assert len(re.findall(r'"?read tickets → 100   shop.py:18', source)) == 2
    left_out = int(re.search(r"(\d+) events of the run not drawn", source).group(1))
    assert left_out >= len(trace.events) - 66


def test_lanes_stand_side_by_side_and_rows_go_down():
    trace = handmade.door()
    source = graph.of_trace(trace)
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
    source = graph.of_trace(handmade.door())
    for kind in ("start", "join", "set"):
        assert f"label={kind}" in source or f'label="{kind}"' in source


def test_check_then_act_shows_the_act_that_comes_between():
    b = Builder()
    one, two = b.thread(), b.thread()
    x = b.variable("x")
    check, act = b.site(3, "x"), b.site(4, "x = 1")
    b.sites[act - 1] = (*b.sites[act - 1], False, (check,))
    b.start(one)
    b.start(two)
    for thread in (one, two):
        b.event(thread, Op.BEGIN)
        b.event(thread, Op.READ, x, check, value=None)
    for thread in (one, two):
        b.event(thread, Op.WRITE, x, act, value=thread)
    source = graph.of_trace(b.trace())
    assert re.search(r'e\d+ -> e\d+ \[label="comes between"', source)


def test_the_legend_names_what_is_drawn_and_nothing_else():
    source = graph.of_trace(handmade.door())
    legend = re.findall(r"\tl\d+ \[label=(.*?) f", source)
    assert legend == ["waits", '"→ join, start"', '"→ set"']


def test_repeated_edges_are_not_all_drawn():
    b = Builder()
    maker, taker = b.thread(), b.thread()
    q = b.object("Queue", "q")
    put, get = b.site(1, "q.put()"), b.site(2, "q.get()")
    b.start(maker)
    b.start(taker)
    puts = [b.event(maker, Op.PUT, q, put, value=i) for i in range(20)]
    for link in puts:
        b.event(taker, Op.GET, q, get, link=link)
    source = graph.of_trace(b.trace())
    assert 0 < source.count('label="put-get"') <= 4


def test_a_loop_is_drawn_only_where_it_meets_the_finding():
    b = Builder()
    one, two = b.thread(), b.thread()
    x = b.variable("x")
    read = b.site(3, "x")
    write = b.site(3, "x = x + 1", sources=(read,))
    for thread in (one, two):
        b.start(thread)
    for thread in (one, two):
        for _ in range(20):
            b.event(thread, Op.READ, x, read, 1)
            last = b.event(thread, Op.WRITE, x, write, 1)
    drawn = [int(seq) for seq in re.findall(r"\te(\d+) \[", graph.of_trace(b.trace()))]
    assert last not in drawn
    assert len(drawn) < 20
    trace = b.trace()
    near = [seq for seq in drawn if trace.events.at(seq).location is not None]
    assert max(near) - min(near) < len(near) + 6


def test_thread_that_never_goes_on_is_drawn():
    assert "never goes on" in graph.of_trace(handmade.door())


def test_like_threads_are_folded():
    trace = handmade.naps(50)
    lanes = fold(trace, trace.threads, [], 7)
    assert [thread.name for thread in lanes.threads] == ["MainThread", "Thread-1"]
    assert lanes.more == {2: 49}
    assert lanes.others == 0


def test_threads_that_do_not_fit_are_counted():
    b = Builder()
    for number in range(20):
        one = b.thread()
        b.start(one)
        b.event(one, Op.WRITE, b.variable(f"own{number}"), value=number)
    trace = b.trace()
    lanes = fold(trace, trace.threads, [], 5)
    assert len(lanes.threads) == 5
    assert len(lanes.threads) + lanes.others == 21


def test_hundred_thousand_events_give_a_readable_picture():
    b = Builder()
    x = b.variable("x")
    workers = [b.thread() for _ in range(100)]
    for one in workers:
        b.start(one)
        b.event(one, Op.BEGIN)
    for _ in range(1000):
        for one in workers:
            b.event(one, Op.READ, x, value=0)
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
    b = Builder()
    one = b.thread(nasty)
    b.start(one)
    b.event(one, Op.BEGIN)
    b.event(one, Op.WRITE, b.variable(nasty), b.site(1, nasty), nasty)
    b.event(one, Op.END)
    b.event(MAIN, Op.END)
    source = graph.of_trace(b.trace())
    svg = engine.render(source, "svg").decode()
    assert "<b>" not in svg
    assert "<table>" not in svg
    if nasty == NASTY:
        assert "a&quot;b\\n&lt;b&gt;" in svg


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
        engine.write("digraph {}", tmp_path / "x.pdf")
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


def test_pip_engine_draws_the_same_places(tmp_path, monkeypatch):
    _pip_engine_alone(tmp_path, monkeypatch)
    svg = engine.render(graph.of_trace(handmade.lost_update()), "svg")
    assert b"overwrites" in svg


def test_no_engine_leaves_the_dot_text_and_says_so(tmp_path):
    script = (
        "import sys; from pathlib import Path; from tracer.reporters import engine;"
        "sys.executable = '/nowhere/python';"
        "print(engine.write('digraph {}', Path('x.svg')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pip install racetrace[graph]" in done.stdout
    assert (tmp_path / "x.dot").read_text() == "digraph {}"


def test_unknown_suffix_and_broken_dot_are_errors(tmp_path):
    with pytest.raises(UsageError):
        engine.check_suffix(tmp_path / "x.doc")
    if shutil.which("dot"):
        with pytest.raises(GraphError):
            engine.render("digraph {", "svg")

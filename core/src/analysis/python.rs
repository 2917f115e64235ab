//! What `tracer.analysis` calls.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::access::Raw;
use super::happens_before::{links, Order};
use super::scan;
use crate::fileformat::TraceData;
use crate::model::Event;

type Edge = (u64, u64, &'static str);

fn row<'py>(py: Python<'py>, raw: &Raw) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    row.set_item("kind", raw.kind)?;
    row.set_item("rule", raw.rule)?;
    row.set_item("observed", raw.observed)?;
    row.set_item("location", raw.location)?;
    row.set_item("object", raw.object)?;
    row.set_item(
        "events",
        raw.points.iter().map(|p| p.seq).collect::<Vec<_>>(),
    )?;
    row.set_item(
        "locks",
        raw.points
            .iter()
            .map(|p| p.locks.clone())
            .collect::<Vec<_>>(),
    )?;
    row.set_item("sites", raw.sites())?;
    row.set_item("threads", &raw.threads)?;
    row.set_item("witness", &raw.witness)?;
    row.set_item("count", raw.count)?;
    row.set_item("total", raw.total)?;
    row.set_item("locations", raw.locations)?;
    Ok(row)
}

/// Findings as dicts of numbers; `tracer.analysis` puts them into words.
#[pyfunction]
fn find_raw<'py>(py: Python<'py>, data: &TraceData) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let found = py.detach(|| scan::find(&data.tables, &|f| data.for_each(|e| f(e))))?;
    found.iter().map(|raw| row(py, raw)).collect()
}

/// `(thread, object, since, what)` of everything that was going on at the end.
#[pyfunction]
fn unfinished_rows(
    py: Python<'_>,
    data: &TraceData,
) -> PyResult<Vec<(u32, u32, u64, &'static str)>> {
    let rows = py.detach(|| scan::unfinished(&data.tables, &|f| data.for_each(|e| f(e))))?;
    Ok(rows
        .into_iter()
        .map(|r| (r.thread, r.object, r.since, r.what))
        .collect())
}

fn ordered(data: &TraceData, step: &mut dyn FnMut(&mut Order, &Event)) -> PyResult<()> {
    let mut named = Vec::new();
    data.for_each(|e| {
        if e.link != 0 {
            named.push(e.link);
        }
    })?;
    let mut order = Order::new(&data.tables, links(named), true);
    data.for_each(|e| step(&mut order, e))?;
    Ok(())
}

/// For each pair of sequence numbers whether the first event happened before the second.
#[pyfunction]
fn happens_before(py: Python<'_>, data: &TraceData, pairs: Vec<(u64, u64)>) -> PyResult<Vec<bool>> {
    py.detach(|| {
        let mut answers = vec![false; pairs.len()];
        let mut wanted: Vec<(u64, usize)> = Vec::new();
        for (i, (a, b)) in pairs.iter().enumerate() {
            if a < b {
                wanted.extend([(*a, i), (*b, i)]);
            }
        }
        wanted.sort_unstable();
        let mut next = 0;
        let mut threads = vec![0; pairs.len()];
        ordered(data, &mut |order, e| {
            order.step(e, &mut |_, _| {});
            while next < wanted.len() && wanted[next].0 <= e.seq {
                let (seq, i) = wanted[next];
                next += 1;
                if seq != e.seq {
                    continue;
                }
                if seq == pairs[i].0 {
                    threads[i] = e.thread;
                } else if threads[i] != 0 {
                    answers[i] = order.knows(e.thread, threads[i], pairs[i].0);
                }
            }
        })?;
        Ok(answers)
    })
}

/// The synchronization edges between threads into the events `first..=last`.
#[pyfunction]
fn sync_edges(py: Python<'_>, data: &TraceData, first: u64, last: u64) -> PyResult<Vec<Edge>> {
    py.detach(|| {
        let mut edges: Vec<Edge> = Vec::new();
        let mut threads: Vec<(u64, u32)> = Vec::new();
        ordered(data, &mut |order, e| {
            order.step(e, &mut |from, kind| {
                if (first..=last).contains(&e.seq) {
                    edges.push((from, e.seq, kind));
                    threads.extend([(from, 0), (e.seq, 0)]);
                }
            });
        })?;
        threads.sort_unstable();
        threads.dedup();
        let mut next = 0;
        data.for_each(|e| {
            while next < threads.len() && threads[next].0 <= e.seq {
                if threads[next].0 == e.seq {
                    threads[next].1 = e.thread;
                }
                next += 1;
            }
        })?;
        let thread = |seq: u64| {
            let place = threads.binary_search_by_key(&seq, |(s, _)| *s);
            place.map_or(0, |i| threads[i].1)
        };
        edges.retain(|(from, to, _)| thread(*from) != thread(*to));
        Ok(edges)
    })
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(find_raw, m)?)?;
    m.add_function(wrap_pyfunction!(unfinished_rows, m)?)?;
    m.add_function(wrap_pyfunction!(happens_before, m)?)?;
    m.add_function(wrap_pyfunction!(sync_edges, m)?)?;
    Ok(())
}

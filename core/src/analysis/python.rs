//! What `tracer.analysis` calls.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::access::Raw;
use super::equivalence::Classes;
use super::find;
use super::names::Called;
use super::precedence::{ordered, Precedence};
use super::rules::Rule;
use super::waits::Ending;
use crate::fileformat::TraceData;
use crate::model::Event;

type Edge = (u64, u64, &'static str);

fn row<'py>(py: Python<'py>, raw: &Raw) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    row.set_item("rule", raw.rule.name())?;
    row.set_item("status", raw.status().name())?;
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
    row.set_item("places", &raw.places)?;
    row.set_item("not_needed", &raw.not_needed)?;
    Ok(row)
}

/// Findings as dicts of numbers; `tracer.analysis` puts them into words. Of how the run ended:
/// `stuck`, because no thread could go on; `stop`, the first event that may have come after it was
/// told to end; `over`, when it was over, ns; `lost`, processes that had ended by then though no
/// event tells of it.
#[pyfunction]
#[pyo3(signature = (data, stuck=false, stop=0, over=0, lost=Vec::new()))]
fn find_raw<'py>(
    py: Python<'py>,
    data: &TraceData,
    stuck: bool,
    stop: u64,
    over: u64,
    lost: Vec<u32>,
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let ending = Ending {
        stuck,
        stop,
        over,
        lost,
    };
    let found = py.detach(|| find::find(&data.tables, ending, &|f| data.for_each(|e| f(e))))?;
    found.iter().map(|raw| row(py, raw)).collect()
}

/// What the objects and the locations of a trace are called. Those of the locations are made when they
/// are asked for, for a trace may have very many.
#[pyclass(frozen)]
struct Names {
    data: Py<TraceData>,
    script: Option<String>,
    objects: Vec<String>,
}

#[pymethods]
impl Names {
    /// `script` is the module of the script's own globals, which objects go without.
    #[new]
    #[pyo3(signature = (data, script=None))]
    fn new(py: Python<'_>, data: Py<TraceData>, script: Option<String>) -> PyResult<Names> {
        let trace = data.get();
        let own = script.as_deref();
        let each = |f: &mut dyn FnMut(&Event)| trace.for_each(|e| f(e));
        let objects = py.detach(|| super::names::names(&trace.tables, own, &each))?;
        Ok(Names {
            data,
            script,
            objects,
        })
    }

    /// The name of the object with this id; empty if there is none.
    fn object(&self, id: usize) -> &str {
        self.objects.get(id).map_or("", String::as_str)
    }

    /// The same of a location.
    fn location(&self, id: u32) -> String {
        let called = Called {
            tables: &self.data.get().tables,
            script: self.script.as_deref().map(str::as_bytes),
            objects: &self.objects,
        };
        called.location(id, true)
    }
}

/// `(thread, object, since, what)` of everything that was going on at the end.
#[pyfunction]
fn unfinished_rows(
    py: Python<'_>,
    data: &TraceData,
) -> PyResult<Vec<(u32, u32, u64, &'static str)>> {
    let rows = py.detach(|| find::unfinished(&data.tables, &|f| data.for_each(|e| f(e))))?;
    Ok(rows
        .into_iter()
        .map(|r| (r.thread, r.object, r.since, r.what))
        .collect())
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

/// A hash of the run's happens-before class: runs that differ in the order of independent events
/// alone have the same.
#[pyfunction]
fn equivalence_class(py: Python<'_>, data: &TraceData) -> PyResult<u64> {
    py.detach(|| {
        let mut classes = Classes::new(&data.tables);
        data.for_each(|e| classes.add(e))?;
        Ok(classes.hash())
    })
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let rules = Rule::ALL.iter();
    let rules: Vec<_> = rules.map(|r| (r.name(), r.kind().name())).collect();
    m.add("RULES", rules)?;
    m.add_function(wrap_pyfunction!(find_raw, m)?)?;
    m.add_function(wrap_pyfunction!(unfinished_rows, m)?)?;
    m.add_class::<Names>()?;
    m.add_class::<Precedence>()?;
    m.add_function(wrap_pyfunction!(sync_edges, m)?)?;
    m.add_function(wrap_pyfunction!(equivalence_class, m)?)?;
    Ok(())
}

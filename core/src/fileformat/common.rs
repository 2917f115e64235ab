//! How far two traces say the same, event by event.

use std::cell::RefCell;
use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use rustc_hash::FxHashSet;

use super::meanings::{self, meaning, Meanings};
use super::pack::Result;
use super::TraceData;
use crate::model::{Event, Tables, Value};
use crate::ops;

struct Side<'a> {
    trace: &'a TraceData,
    meanings: &'a Meanings,
    /// Long strings of this trace, and those of the other one that they are known to be equal to.
    equal: RefCell<FxHashSet<(u32, u32)>>,
}

/// Strings of more bytes are compared once, for many events may have them.
const LONG: usize = 256;

impl Side<'_> {
    fn new<'a>(trace: &'a TraceData, meanings: &'a Meanings) -> Side<'a> {
        Side {
            trace,
            meanings,
            equal: RefCell::default(),
        }
    }

    /// The block with the event of this index, and where in it that is; None after the last.
    fn from(&self, index: u64) -> Result<Option<(Arc<Vec<Event>>, usize)>> {
        if index >= self.trace.len() {
            return Ok(None);
        }
        let starts = &self.trace.starts;
        let chunk = starts.partition_point(|start| *start <= index) - 1;
        let within = (index - starts[chunk]) as usize;
        Ok(Some((self.trace.chunk(chunk)?, within)))
    }

    fn target(&self, event: &Event) -> u32 {
        let table = match event.op <= ops::ITERATE {
            true => &self.meanings.locations,
            false => &self.meanings.objects,
        };
        meaning(table, event.target)
    }

    /// Where in the trace the event is that this one is linked to.
    fn link(&self, event: &Event) -> Result<Option<u64>> {
        match event.link {
            0 => Ok(None),
            seq => self.trace.position(seq).map(Some),
        }
    }
}

fn same_value(a: (&Side, Value), b: (&Side, Value)) -> bool {
    let text = |a_id, b_id| {
        let (x, y) = (a.0.trace.bytes(a_id), b.0.trace.bytes(b_id));
        if x.len() <= LONG || x.len() != y.len() {
            return x == y;
        }
        let mut equal = a.0.equal.borrow_mut();
        equal.contains(&(a_id, b_id)) || x == y && equal.insert((a_id, b_id))
    };
    match (a.1, b.1) {
        (Value::Float(x), Value::Float(y)) => {
            x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()
        }
        (Value::Str(x), Value::Str(y)) | (Value::Bytes(x), Value::Bytes(y)) => text(x, y),
        (Value::Ref(kind, x), Value::Ref(other, y)) => {
            text(kind, other)
                && meaning(&a.0.meanings.objects, x) == meaning(&b.0.meanings.objects, y)
        }
        (x, y) => x == y,
    }
}

fn same(a: (&Side, &Event), b: (&Side, &Event)) -> Result<bool> {
    let ((one, x), (two, y)) = (a, b);
    let tables = |side: &Side, event: &Event| {
        (
            meaning(&side.meanings.threads, event.thread),
            side.target(event),
            meaning(&side.meanings.sites, event.site),
        )
    };
    Ok((x.op, x.outcome, x.flags) == (y.op, y.outcome, y.flags)
        && tables(one, x) == tables(two, y)
        && same_value((one, x.value), (two, y.value))
        && one.link(x)? == two.link(y)?)
}

fn common(one: &Side, two: &Side) -> Result<u64> {
    let mut index = 0;
    while let (Some((here, i)), Some((there, j))) = (one.from(index)?, two.from(index)?) {
        for (x, y) in here[i..].iter().zip(&there[j..]) {
            if !same((one, x), (two, y))? {
                return Ok(index);
            }
            index += 1;
        }
    }
    Ok(index)
}

/// Two traces, and what the rows of each stand for.
#[pyclass(frozen, module = "racetrace.tracer._core")]
struct Comparison {
    traces: [Py<TraceData>; 2],
    meanings: [Meanings; 2],
}

impl Comparison {
    fn of(&self, side: usize) -> PyResult<&Meanings> {
        self.meanings
            .get(side)
            .ok_or_else(|| PyIndexError::new_err(side))
    }
}

#[pymethods]
impl Comparison {
    /// Of each trace: what its threads and its sites stand for, a number for each row, and the module
    /// of the script's own globals.
    #[new]
    fn new(
        py: Python<'_>,
        first: Py<TraceData>,
        second: Py<TraceData>,
        threads: [Vec<u32>; 2],
        sites: [Vec<u32>; 2],
        scripts: [String; 2],
    ) -> PyResult<Comparison> {
        let traces = [first, second];
        let tables = [&traces[0].get().tables, &traces[1].get().tables];
        let counts = |rows: fn(&Tables) -> usize| tables.map(rows);
        if threads.each_ref().map(Vec::len) != counts(|t| t.threads.len())
            || sites.each_ref().map(Vec::len) != counts(|t| t.sites.len())
        {
            return Err(PyValueError::new_err("a number for each row"));
        }
        let meanings = py.detach(|| meanings::of(tables, threads, sites, &scripts));
        Ok(Comparison { traces, meanings })
    }

    /// How many events from the start on are the same but for times and numbers.
    fn common(&self, py: Python<'_>) -> PyResult<u64> {
        let [first, second] = &self.traces;
        let (first, second) = (first.get(), second.get());
        let [here, there] = &self.meanings;
        Ok(py.detach(move || common(&Side::new(first, here), &Side::new(second, there)))?)
    }

    /// What the object with this id in the first (0) or second (1) trace stands for; 0 for none.
    fn object(&self, side: usize, id: u32) -> PyResult<u32> {
        Ok(meaning(&self.of(side)?.objects, id))
    }

    /// The same of a location.
    fn location(&self, side: usize, id: u32) -> PyResult<u32> {
        Ok(meaning(&self.of(side)?.locations, id))
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Comparison>()
}

//! Happens-before as a question about two events, asked many times.
//!
//! One pass of the log keeps the clock of each thread wherever it changes. Which thread an event
//! is of, and what it knew, are then found by bisection.

use std::rc::Rc;

use pyo3::prelude::*;

use super::ahead;
use super::clock::{reached, Clock};
use super::happens_before::Order;
use crate::fileformat::TraceData;
use crate::model::Event;

/// Components of clocks that are kept: 256 MiB. What comes later in the log is looked up in it.
const MOST: usize = 32 << 20;

/// Events of one thread with consecutive sequence numbers.
struct Run {
    first: u64,
    last: u64,
    thread: u32,
}

/// What a thread knew from the event `since` on: a place in `Precedence::clocks`.
struct Known {
    since: u64,
    start: usize,
    len: usize,
}

/// The order of the events of one trace.
#[pyclass(frozen, module = "racetrace.tracer._core")]
pub struct Precedence {
    data: Py<TraceData>,
    runs: Vec<Run>,
    clocks: Vec<u64>,
    /// By thread.
    known: Vec<Vec<Known>>,
    /// The last event that the clocks tell of.
    until: u64,
}

#[derive(Default)]
struct Builder {
    runs: Vec<Run>,
    clocks: Vec<u64>,
    known: Vec<Vec<Known>>,
    last: Vec<Clock>,
    until: u64,
    full: bool,
}

impl Builder {
    fn add(&mut self, e: &Event, clock: &Clock, most: usize) {
        match self.runs.last_mut() {
            Some(run) if run.thread == e.thread && run.last + 1 == e.seq => run.last = e.seq,
            _ => self.runs.push(Run {
                first: e.seq,
                last: e.seq,
                thread: e.thread,
            }),
        }
        if self.full {
            return;
        }
        let thread = e.thread as usize;
        if self.known.len() <= thread {
            self.known.resize_with(thread + 1, Vec::new);
            self.last.resize_with(thread + 1, Clock::default);
        }
        if !Rc::ptr_eq(&self.last[thread], clock) {
            if self.clocks.len() + clock.len() > most {
                self.full = true;
                return;
            }
            self.known[thread].push(Known {
                since: e.seq,
                start: self.clocks.len(),
                len: clock.len(),
            });
            self.clocks.extend_from_slice(clock);
            self.last[thread] = clock.clone();
        }
        self.until = e.seq;
    }
}

/// Calls `step` with the order after each event of the log.
pub fn ordered(data: &TraceData, step: &mut dyn FnMut(&mut Order, &Event)) -> PyResult<()> {
    let mut watch = ahead::Watch::default();
    data.for_each(|e| watch.step(&data.tables, e))?;
    let mut order = Order::new(&data.tables, watch.finish());
    data.for_each(|e| step(&mut order, e))?;
    Ok(())
}

impl Precedence {
    fn thread_of(&self, seq: u64) -> Option<u32> {
        let place = self.runs.partition_point(|run| run.first <= seq);
        let run = self.runs.get(place.checked_sub(1)?)?;
        (seq <= run.last).then_some(run.thread)
    }

    /// What `thread` knew of `other` after its event `seq`.
    fn reached(&self, thread: u32, seq: u64, other: u32) -> u64 {
        let Some(known) = self.known.get(thread as usize) else {
            return 0;
        };
        let place = known.partition_point(|known| known.since <= seq);
        place.checked_sub(1).map_or(0, |i| {
            let Known { start, len, .. } = known[i];
            reached(&self.clocks[start..start + len], other)
        })
    }

    /// The same by a pass of the log.
    fn look_up(&self, py: Python<'_>, thread: u32, seq: u64, other: u32) -> PyResult<u64> {
        let data = self.data.get();
        py.detach(|| {
            let mut found = 0;
            ordered(data, &mut |order, e| {
                order.step(e, &mut |_, _| {});
                if e.seq == seq {
                    found = reached(order.clock(thread), other);
                }
            })?;
            Ok(found)
        })
    }
}

#[pymethods]
impl Precedence {
    /// `most`: how many components of clocks to keep.
    #[new]
    #[pyo3(signature = (data, most=MOST))]
    fn new(py: Python<'_>, data: Py<TraceData>, most: usize) -> PyResult<Self> {
        let trace = data.get();
        let builder = py.detach(|| {
            let mut builder = Builder::default();
            ordered(trace, &mut |order, e| {
                order.step(e, &mut |_, _| {});
                builder.add(e, order.clock(e.thread), most);
            })?;
            PyResult::Ok((builder.runs, builder.clocks, builder.known, builder.until))
        });
        let (runs, clocks, known, until) = builder?;
        Ok(Precedence {
            data,
            runs,
            clocks,
            known,
            until,
        })
    }

    /// Whether the event `a` happened before `b`; False for an event that there is not.
    fn before(&self, py: Python<'_>, a: u64, b: u64) -> PyResult<bool> {
        if a >= b {
            return Ok(false);
        }
        let (Some(first), Some(second)) = (self.thread_of(a), self.thread_of(b)) else {
            return Ok(false);
        };
        if first == second {
            return Ok(true);
        }
        let known = if b <= self.until {
            self.reached(second, b, first)
        } else {
            self.look_up(py, second, b, first)?
        };
        Ok(known >= a)
    }
}

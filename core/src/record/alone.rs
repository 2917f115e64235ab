//! Whether the process has one thread of Python code, and the run one process. Nothing can race with
//! what such a thread does, so its reads are not recorded, and of its changes no more than tell what
//! the program does (see `hooks::hook`).
//!
//! What decides is in the events of the thread itself, so that a replay and a run of the same seed
//! decide the same at the same event: a thread is another from the event that starts it until it has
//! been joined. A join that came in time by luck does not count, where the code goes on regardless of
//! that (`sites::is_disregarded`); neither does that a thread has ended, and when.

use super::buffer::last_event;
use super::sites;
use super::state::{recording, COMPANY, IN_FULL, READS, SPELL};
use crate::gil::{Gil, GilMut};
use crate::reserve::Table;
use pyo3::ffi;
use pyo3::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::atomic::Ordering;

#[derive(Default)]
struct State {
    /// The threads that were started and not joined.
    others: FxHashSet<u32>,
    /// Whether something is there to stay that is not known by threads: another process, memory that
    /// processes share, a thread that nobody joins, greenlets.
    in_company: bool,
    /// Whether a task of asyncio takes its turn: the verdict looks at what others do between its turns.
    in_turn: bool,
    /// The signals that the program handles: its changes tell when a handler ran.
    handled: FxHashSet<i32>,
}

static STATE: Gil<Option<State>> = Gil::new(None);

/// So many changes of a thread that is alone are recorded at each site, each time that it is: what it
/// does at a site again and again is known by then, and no finding needs it.
pub const SHOWN: u16 = 100;

/// By site, in which spell and how often something was done there by a thread that was alone, where no
/// hook counts that.
static DONE: Gil<Option<FxHashMap<u32, (u32, u16)>>> = Gil::new(None);

/// Whether reads are recorded now.
#[inline(always)]
pub fn reads() -> bool {
    READS.load(Ordering::Relaxed)
}

/// Whether other threads or processes may be there now. A loop's tasks are none.
#[inline(always)]
pub fn has_company() -> bool {
    COMPANY.load(Ordering::Relaxed)
}

/// Whether each change is recorded of a thread that is alone.
#[inline(always)]
pub fn in_full() -> bool {
    IN_FULL.load(Ordering::Relaxed)
}

/// Tells the times apart that the thread is alone.
#[inline(always)]
pub fn spell() -> u32 {
    SPELL.load(Ordering::Relaxed)
}

/// Whether the calling thread is alone, so that not each of its changes is recorded.
pub fn is_unseen() -> bool {
    recording() && !reads() && !in_full()
}

/// Whether what a thread that is alone does at the site has been done there, in this spell of it, as
/// often as is recorded.
pub fn has_shown(py: Python<'_>, site: u32) -> bool {
    let mut done = DONE.get_or_insert_with(py, FxHashMap::default);
    done.spare();
    let (last, times) = done.entry(site).or_insert((spell(), 0));
    if *last != spell() {
        (*last, *times) = (spell(), 0);
    }
    let has = *times >= SHOWN;
    *times += u16::from(!has);
    has
}

fn state(py: Python<'_>) -> GilMut<'_, State> {
    STATE.get_or_insert_with(py, State::default)
}

fn decide(py: Python<'_>) {
    let state = &*state(py);
    let company = recording() && (state.in_company || !state.others.is_empty());
    let in_turn = recording() && state.in_turn;
    COMPANY.store(company, Ordering::Relaxed);
    IN_FULL.store(!state.handled.is_empty(), Ordering::Relaxed);
    let before = READS.swap(company || in_turn, Ordering::Relaxed);
    if before && !company && !in_turn {
        SPELL.fetch_add(1, Ordering::Relaxed);
    }
}

/// A recording begins in this process. `first`: the process is the run's first; `always`: reads are
/// recorded however few threads there are.
pub fn begin(py: Python<'_>, first: bool, always: bool) {
    *state(py) = State {
        in_company: !first || always,
        ..State::default()
    };
    DONE.set(py, None);
    decide(py);
}

/// Whether the interpreter has other threads than the calling one.
#[pyfunction]
pub fn has_other_threads() -> bool {
    // SAFETY: the GIL is held, so the list of threads stays as it is.
    unsafe {
        let interpreter = ffi::PyInterpreterState_Get();
        let first = ffi::PyInterpreterState_ThreadHead(interpreter);
        !first.is_null() && !ffi::PyThreadState_Next(first).is_null()
    }
}

/// There is company from now on, of a kind that does not leave.
pub fn no_more(py: Python<'_>) {
    state(py).in_company = true;
    decide(py);
}

/// The calling thread is about to start this one.
pub fn starts(py: Python<'_>, thread: u32) {
    state(py).others.insert(thread);
    decide(py);
}

/// The thread could not be started.
pub fn not_started(py: Python<'_>, thread: u32) {
    state(py).others.remove(&thread);
    decide(py);
}

/// The calling thread has waited for the end of this one, `bounded` by a time.
#[pyfunction]
pub fn joined(py: Python<'_>, thread: u32, bounded: bool) {
    if !bounded || !sites::is_disregarded(py, sites::current_site(py)) {
        not_started(py, thread);
    }
}

/// Whether the program handles the signal by a function of its own, from now on.
pub fn handles(py: Python<'_>, signal: i32, handles: bool) {
    match handles {
        true => state(py).handled.insert(signal),
        false => state(py).handled.remove(&signal),
    };
    decide(py);
}

/// The calling thread begins a turn of an event loop; the number of its last event.
#[pyfunction]
pub fn begin_turn(py: Python<'_>) -> u64 {
    state(py).in_turn = true;
    decide(py);

    last_event()
}

/// The turn is over; whether the calling thread has made events in it.
#[pyfunction]
pub fn end_turn(py: Python<'_>, since: u64) -> bool {
    state(py).in_turn = false;
    decide(py);

    recording() && last_event() > since
}

/// What takes turns in a thread is there to stay.
#[pyfunction]
pub fn take_turns(py: Python<'_>) {
    no_more(py);
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(has_other_threads, m)?)?;
    m.add_function(wrap_pyfunction!(joined, m)?)?;
    m.add_function(wrap_pyfunction!(begin_turn, m)?)?;
    m.add_function(wrap_pyfunction!(end_turn, m)?)?;
    m.add_function(wrap_pyfunction!(take_turns, m)?)
}

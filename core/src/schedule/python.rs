//! The controller for Python.

use super::controller::{self, Wait, Woken};
use super::page::{self, phase};
use super::{ending, processes, replay, strategies, threads, Settings};
use crate::model::Value;
use crate::record::{self, buffer, clock, values};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyString, PyTuple};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// Puts this process, the first of its run, under control.
#[pyfunction]
fn control(
    spool: PathBuf,
    strategy: &str,
    seed: u64,
    depth: u32,
    length: u64,
    follow: bool,
) -> PyResult<()> {
    let settings = Settings {
        strategy,
        seed,
        depth,
        length,
        follow,
    };
    match unsafe { super::start(&spool, &settings)? } {
        true => Ok(()),
        false => Err(PyValueError::new_err(format!(
            "no such strategy: {strategy}"
        ))),
    }
}

/// Loads the trace that the strategy "replay" follows. Before `control`.
#[pyfunction]
fn follow_trace(path: PathBuf, follow: bool) -> PyResult<()> {
    crate::record::passing::keep_all();
    Ok(unsafe { replay::load(&path, follow) }?)
}

/// Replaces the functions that control needs replaced, in a process that comes under control later:
/// those that record inputs are put before them.
#[pyfunction]
fn prepare_control() {
    unsafe { super::prepare_later() }
}

#[pyfunction]
fn controlled() -> bool {
    controller::controlled()
}

/// Puts this process, which another of the run has made, under control, when it is its turn.
#[pyfunction]
fn join_control(spool: PathBuf, slot: usize) -> PyResult<()> {
    Ok(unsafe { super::join(&spool, slot) }?)
}

/// The calling thread is about to make a process of that path; its slot, if it is to be under
/// control.
#[pyfunction]
fn bear_process(path: &str) -> Option<usize> {
    unsafe { processes::bear(path) }
}

/// The calling thread is about to fork the process that it is making.
#[pyfunction]
fn forking_process() {
    unsafe { processes::forking() };
}

/// The process that the calling thread was making has been made (its pid, 0 if not known), or
/// (None) has not.
#[pyfunction]
fn process_made(pid: Option<u32>) {
    match pid {
        Some(pid) => unsafe { processes::made(pid) },
        None => processes::not_made(),
    }
}

/// A scheduling point before the operation.
#[pyfunction]
fn gate(op: u8, target: u32) {
    unsafe { crate::record::gate::before(op, target, 0) }
}

/// The virtual time in so many seconds; None: never.
fn deadline(timeout: Option<f64>) -> Option<u64> {
    timeout.map(|seconds| controller::now().saturating_add((seconds.max(0.0) * 1e9) as u64))
}

/// Waits once; the handlers of a signal that came meanwhile have been run.
fn settled(py: Python<'_>, woken: Woken) -> PyResult<bool> {
    if woken == Woken::Interrupted {
        py.check_signals()?;
    }
    Ok(woken != Woken::TimedOut)
}

/// Waits for the thread's end; False if it has not ended in time.
#[pyfunction]
#[pyo3(signature = (thread_id, timeout=None))]
fn await_end(py: Python<'_>, thread_id: u32, timeout: Option<f64>) -> PyResult<bool> {
    if !controller::controlled() {
        return Ok(true);
    }
    let deadline = deadline(timeout);
    loop {
        let woken = unsafe { threads::await_end(thread_id, deadline) };
        let in_time = settled(py, woken)?;
        if woken != Woken::Interrupted {
            return Ok(in_time);
        }
    }
}

/// Waits until `wake` is called for the object or virtual time has come to `deadline` (ns), to do
/// `op` then. False if it has.
#[pyfunction]
#[pyo3(signature = (object, deadline=None, op=0))]
fn block(
    py: Python<'_>,
    object: &Bound<'_, PyAny>,
    deadline: Option<u64>,
    op: u8,
) -> PyResult<bool> {
    let wait = Wait {
        key: controller::object_key(object.as_ptr()),
        deadline,
        op,
        ..Wait::default()
    };
    let woken = unsafe { controller::block(wait) };
    settled(py, woken)
}

/// Makes ready who waits for the object.
#[pyfunction]
fn wake(object: &Bound<'_, PyAny>) {
    unsafe { controller::wake(controller::object_key(object.as_ptr())) }
}

/// The virtual time, in ns, in so many seconds.
#[pyfunction]
fn deadline_in(timeout: f64) -> u64 {
    deadline(Some(timeout)).unwrap_or(page::NEVER)
}

/// What a run was like: its steps, how often a thread was set aside, its virtual time in
/// ns, and whether it ended in a deadlock.
#[pyfunction]
fn control_summary(spool: PathBuf) -> PyResult<BTreeMap<&'static str, u64>> {
    let (run, _) = page::map(&spool)?;
    let run_ref = unsafe { &*run };
    let phase = run_ref.phase.load(Ordering::SeqCst);
    let deadlock = phase == phase::DEADLOCK;
    let mut summary = BTreeMap::from([
        ("steps", run_ref.steps.load(Ordering::Relaxed)),
        ("uncontrolled", run_ref.set_aside.load(Ordering::Relaxed)),
        ("duration", run_ref.now.load(Ordering::Relaxed)),
        ("started", run_ref.wall.load(Ordering::Relaxed)),
        ("deadlock", u64::from(deadlock)),
    ]);
    let (name, _) = strategies::STRATEGIES[run_ref.strategy.kind as usize];
    if name == strategies::FOLLOWING {
        summary.insert("matched", run_ref.strategy.replay.matched());
        let stopped = matches!(phase, phase::REPLAYED | phase::DIVERGED);
        summary.insert("stopped", u64::from(stopped));
        if run_ref.gave_up_after != 0 {
            summary.insert("gave_up_after", run_ref.gave_up_after);
        }
    }
    unsafe { libc::munmap(run.cast(), size_of::<page::Page>()) };
    Ok(summary)
}

/// By the supervisor: the processes that are left running go on without control.
#[pyfunction]
fn leave_control(spool: PathBuf) -> PyResult<()> {
    Ok(page::leave(&spool)?)
}

/// Lets addresses be the same in every run: of this process's children, whose programs' results
/// may depend on them (the order of a set of objects). False where the system does not allow it.
#[pyfunction]
fn fix_addresses() -> bool {
    const CURRENT: libc::c_ulong = 0xffff_ffff;
    unsafe {
        let now = libc::personality(CURRENT);
        let wanted = now | libc::ADDR_NO_RANDOMIZE;
        now >= 0 && libc::personality(wanted as libc::c_ulong) >= 0
    }
}

/// Whether a replayed run has this event of the calling thread next.
#[pyfunction]
fn expected(op: u8) -> bool {
    super::controlled() && unsafe { replay::expects(op) }
}

/// Calls the debugger, in the thread that is about to make it, before the event at the index of the
/// trace that is followed. After `control`.
#[pyfunction]
fn stop_at(index: u64, debugger: Py<PyAny>) {
    unsafe { replay::stop_at(index, debugger) }
}

/// Calls the function while the calling thread is neither under control nor recorded, and all
/// others wait.
#[pyfunction]
fn aside<'py>(function: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    unsafe { replay::aside(function.py(), function) }
}

/// A builtin function of this name that calls the function, which runs code in another interpreter:
/// meanwhile the calling thread is neither recorded nor under control.
#[pyfunction]
fn in_other_interpreter<'py>(
    py: Python<'py>,
    name: &str,
    function: Py<PyAny>,
) -> PyResult<Bound<'py, PyCFunction>> {
    // The interpreter keeps the name's address.
    let name: &'static std::ffi::CStr = Box::leak(CString::new(name)?.into_boxed_c_str());
    let call = move |args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>| {
        let slot = controller::MINE.replace(0);
        let recorded = buffer::current();
        buffer::set_current(std::ptr::null_mut());
        let result = function.call(args.py(), args, kwargs);
        buffer::set_current(recorded);
        controller::MINE.set(slot);
        result
    };
    PyCFunction::new_closure(py, Some(name), None, call)
}

/// The index of the event that a replayed run makes next.
#[pyfunction]
fn replay_position() -> u64 {
    unsafe { controller::page() }.strategy.replay.position
}

/// Ends all processes of a replayed run.
#[pyfunction]
fn end_replay() {
    unsafe {
        let run = controller::page();
        run.phase.store(phase::REPLAYED, Ordering::SeqCst);
        ending::end_process()
    }
}

/// Whether this process follows a trace to the letter.
#[pyfunction]
fn replaying() -> bool {
    unsafe { replay::exactly() }
}

/// The outcome that a replayed run's next event has if it is this one, of the calling thread.
#[pyfunction]
fn expected_outcome(op: u8) -> Option<u8> {
    if !super::controlled() {
        return None;
    }
    unsafe { replay::due(op).map(|event| event.outcome) }
}

/// The value that a replayed run's next event has if it is this one, of the calling thread; else
/// the given one.
#[pyfunction]
fn expected_value<'py>(op: u8, given: Bound<'py, PyAny>) -> Bound<'py, PyAny> {
    if !super::controlled() {
        return given;
    }
    let py = given.py();
    let value = unsafe { replay::due(op).and_then(|event| replay::value(event)) };
    let made = value.and_then(|(value, text)| match value {
        // That of an input is a large int.
        Value::Str(_) => Some(PyString::from_bytes(py, text).ok()?.into_ptr()),
        _ => unsafe { values::made_of(value, text) },
    });
    made.and_then(|object| unsafe { Bound::from_owned_ptr_or_opt(py, object) })
        .unwrap_or(given)
}

/// The number that the event has to which a replayed run's next event, of the calling thread, has a
/// link.
#[pyfunction]
fn expected_link() -> u64 {
    if !super::controlled() {
        return 0;
    }
    unsafe { replay::link() }
}

/// Whether the calling thread's next event in a replayed run, be it its turn or not, is this one on
/// the object.
#[pyfunction]
fn to_come(op: u8, object: u32) -> bool {
    super::controlled() && unsafe { replay::comes(op, object) }
}

/// The value, a number, of the calling thread's next event in a replayed run, be it its turn or not, if it
/// is this one on the object; else 0.
#[pyfunction]
fn count_to_come(op: u8, object: u32) -> i64 {
    match super::controlled() {
        true => unsafe { replay::count_to_come(op, object) },
        false => 0,
    }
}

/// The name of the object of the calling thread's next event in a replayed run, if it is this one.
#[pyfunction]
fn name_to_come(op: u8) -> Option<String> {
    if !super::controlled() {
        return None;
    }
    let name = unsafe { replay::name_to_come(op) };
    name.map(|name| String::from_utf8_lossy(name).into_owned())
}

pub fn register(m: &Bound<'_, PyModule>, replay: &Bound<'_, PyModule>) -> PyResult<()> {
    clock::go_by(|| controller::controlled().then(controller::now));
    record::threads::go_by(super::idents::own);
    let names: Vec<&str> = strategies::STRATEGIES
        .iter()
        .map(|(name, _)| *name)
        .filter(|&name| name != strategies::FOLLOWING)
        .collect();
    m.add("STRATEGIES", names)?;
    m.add_function(wrap_pyfunction!(control, m)?)?;
    replay.add_function(wrap_pyfunction!(follow_trace, replay)?)?;
    m.add_function(wrap_pyfunction!(join_control, m)?)?;
    m.add_function(wrap_pyfunction!(bear_process, m)?)?;
    m.add_function(wrap_pyfunction!(forking_process, m)?)?;
    m.add_function(wrap_pyfunction!(process_made, m)?)?;
    m.add_function(wrap_pyfunction!(prepare_control, m)?)?;
    m.add_function(wrap_pyfunction!(controlled, m)?)?;
    replay.add_function(wrap_pyfunction!(expected, replay)?)?;
    replay.add_function(wrap_pyfunction!(stop_at, replay)?)?;
    replay.add_function(wrap_pyfunction!(aside, replay)?)?;
    replay.add_function(wrap_pyfunction!(replay_position, replay)?)?;
    replay.add_function(wrap_pyfunction!(end_replay, replay)?)?;
    replay.add_function(wrap_pyfunction!(replaying, replay)?)?;
    replay.add_function(wrap_pyfunction!(expected_outcome, replay)?)?;
    replay.add_function(wrap_pyfunction!(expected_value, replay)?)?;
    replay.add_function(wrap_pyfunction!(expected_link, replay)?)?;
    replay.add_function(wrap_pyfunction!(to_come, replay)?)?;
    replay.add_function(wrap_pyfunction!(name_to_come, replay)?)?;
    replay.add_function(wrap_pyfunction!(count_to_come, replay)?)?;
    m.add_function(wrap_pyfunction!(gate, m)?)?;
    m.add_function(wrap_pyfunction!(await_end, m)?)?;
    m.add_function(wrap_pyfunction!(block, m)?)?;
    m.add_function(wrap_pyfunction!(wake, m)?)?;
    m.add_function(wrap_pyfunction!(deadline_in, m)?)?;
    m.add_function(wrap_pyfunction!(control_summary, m)?)?;
    m.add_function(wrap_pyfunction!(leave_control, m)?)?;
    m.add_function(wrap_pyfunction!(in_other_interpreter, m)?)?;
    m.add_function(wrap_pyfunction!(fix_addresses, m)?)
}

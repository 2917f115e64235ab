//! The controller for Python.

use super::page::{self, phase};
use super::points::{self, Wait, Woken};
use super::slots;
use super::{processes, strategies, threads, Settings};
use crate::record::{self, buffer, clock};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyTuple};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// Puts this process, the first of its run, under control.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn control(
    py: Python<'_>,
    spool: PathBuf,
    strategy: &str,
    seed: u64,
    depth: u32,
    length: u64,
    follow: bool,
    most_steps: u64,
    explores_time: bool,
    switches: Vec<(String, u32, String)>,
) -> PyResult<()> {
    let settings = Settings {
        strategy,
        seed,
        depth,
        length,
        follow,
        most_steps,
        explores_time,
        switches: &switches,
    };
    match super::start(py, &spool, &settings)? {
        true => Ok(()),
        false => Err(PyValueError::new_err(format!(
            "no such strategy: {strategy}"
        ))),
    }
}

/// Replaces the functions that control needs replaced, in a process that comes under control later:
/// those that record inputs are put before them.
#[pyfunction]
fn prepare_control(py: Python<'_>) {
    super::prepare_later(py)
}

#[pyfunction]
fn controlled() -> bool {
    slots::controlled()
}

/// Puts this process, which another of the run has made, under control, when it is its turn.
#[pyfunction]
fn join_control(py: Python<'_>, spool: PathBuf, slot: usize) -> PyResult<()> {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    Ok(unsafe { super::join(py, &spool, slot) }?)
}

/// The calling thread is about to make a process of that path; its slot, if it is to be under
/// control.
#[pyfunction]
fn bear_process(py: Python<'_>, path: &str) -> Option<usize> {
    processes::bear(py, path)
}

/// The calling thread is about to fork the process that it is making.
#[pyfunction]
fn forking_process(py: Python<'_>) {
    processes::forking(py);
}

/// The process that the calling thread was making has been made (its pid, 0 if not known), or
/// (None) has not.
#[pyfunction]
fn process_made(py: Python<'_>, pid: Option<u32>) {
    match pid {
        Some(pid) => processes::made(py, pid),
        None => processes::not_made(),
    }
}

/// A scheduling point before the operation.
#[pyfunction]
fn gate(py: Python<'_>, op: u8, target: u32) {
    crate::record::gate::before(py, op, target, 0)
}

/// Whether the operation, whose gate the calling thread has passed, has to wait. None: unless there is
/// what it waits for.
#[pyfunction]
fn has_to_wait(py: Python<'_>, op: u8, object: u32) -> Option<bool> {
    crate::record::gate::answer(py, op, object).has_to_wait()
}

/// The virtual time in so many seconds; None: never.
fn deadline(timeout: Option<f64>) -> Option<u64> {
    timeout.map(slots::deadline_in)
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
    if !slots::controlled() {
        return Ok(true);
    }
    let deadline = deadline(timeout);
    loop {
        let woken = threads::await_end(py, thread_id, deadline);
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
        key: slots::object_key(object.as_ptr()),
        deadline,
        op,
        ..Wait::default()
    };
    let woken = points::block(py, wait);
    settled(py, woken)
}

/// Makes ready who waits for the object.
#[pyfunction]
fn wake(py: Python<'_>, object: &Bound<'_, PyAny>) {
    points::wake(py, slots::object_key(object.as_ptr()))
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
    // SAFETY: the page is mapped.
    let run_ref = unsafe { &*run };
    let phase = run_ref.phase.load(Ordering::SeqCst);
    let deadlock = phase == phase::DEADLOCK;
    let mut summary = BTreeMap::from([
        ("steps", run_ref.steps.load(Ordering::Relaxed)),
        ("uncontrolled", run_ref.set_aside.load(Ordering::Relaxed)),
        ("duration", run_ref.now.load(Ordering::Relaxed)),
        ("started", run_ref.wall.load(Ordering::Relaxed)),
        ("deadlock", u64::from(deadlock)),
        ("endless", u64::from(phase == phase::ENDLESS)),
    ]);
    if strategies::follows(&run_ref.strategy) {
        summary.insert("matched", run_ref.strategy.replay.matched());
        let stopped = matches!(phase, phase::REPLAYED | phase::DIVERGED);
        summary.insert("stopped", u64::from(stopped));
        if run_ref.gave_up_after != 0 {
            summary.insert("gave_up_after", run_ref.gave_up_after);
        }
    }
    // SAFETY: nobody has a reference to it any more.
    unsafe { libc::munmap(run.cast(), size_of::<page::Page>()) };
    Ok(summary)
}

type Made = (u64, u32, u64, bool, u64);

/// The choices of a run that were not those by default: the name of who chose, for the which time,
/// the name of who went on, whether the first could have, and the event that came next. None if
/// there were more than are kept.
#[pyfunction]
fn switches_made(spool: PathBuf) -> PyResult<Option<Vec<Made>>> {
    let (run, _) = page::map(&spool)?;
    // SAFETY: the page is mapped.
    let made = unsafe { &(*run).made };
    let all = made
        .all()
        .iter()
        .map(|one| (one.from, one.count, one.to, one.preempts, one.event));
    let all = (!made.is_cut).then(|| all.collect());
    // SAFETY: nobody has a reference to it any more.
    unsafe { libc::munmap(run.cast(), size_of::<page::Page>()) };
    Ok(all)
}

/// What a thread of the path is called in `switches_made`.
#[pyfunction]
fn name_of(path: &str) -> u64 {
    strategies::name_of(path)
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
    // SAFETY: the calls get numbers alone.
    unsafe {
        let now = libc::personality(CURRENT);
        let wanted = now | libc::ADDR_NO_RANDOMIZE;
        now >= 0 && libc::personality(wanted as libc::c_ulong) >= 0
    }
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
        let slot = slots::MINE.replace(0);
        let recorded = buffer::current();
        buffer::set_current(std::ptr::null_mut());
        let result = function.call(args.py(), args, kwargs);
        buffer::set_current(recorded);
        slots::MINE.set(slot);
        result
    };
    PyCFunction::new_closure(py, Some(name), None, call)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    clock::go_by(|| slots::controlled().then(slots::now));
    record::threads::go_by(super::idents::own);
    let names: Vec<&str> = strategies::seeded().collect();
    m.add("STRATEGIES", names)?;
    m.add_function(wrap_pyfunction!(control, m)?)?;
    m.add_function(wrap_pyfunction!(join_control, m)?)?;
    m.add_function(wrap_pyfunction!(bear_process, m)?)?;
    m.add_function(wrap_pyfunction!(forking_process, m)?)?;
    m.add_function(wrap_pyfunction!(process_made, m)?)?;
    m.add_function(wrap_pyfunction!(prepare_control, m)?)?;
    m.add_function(wrap_pyfunction!(controlled, m)?)?;
    m.add_function(wrap_pyfunction!(gate, m)?)?;
    m.add_function(wrap_pyfunction!(has_to_wait, m)?)?;
    m.add_function(wrap_pyfunction!(await_end, m)?)?;
    m.add_function(wrap_pyfunction!(block, m)?)?;
    m.add_function(wrap_pyfunction!(wake, m)?)?;
    m.add_function(wrap_pyfunction!(deadline_in, m)?)?;
    m.add_function(wrap_pyfunction!(control_summary, m)?)?;
    m.add_function(wrap_pyfunction!(leave_control, m)?)?;
    m.add_function(wrap_pyfunction!(switches_made, m)?)?;
    m.add_function(wrap_pyfunction!(name_of, m)?)?;
    m.add_function(wrap_pyfunction!(in_other_interpreter, m)?)?;
    m.add_function(wrap_pyfunction!(fix_addresses, m)?)
}

//! The controller: exactly one thread of all processes of a run goes at a time, and a strategy
//! says which. See docs/control.md.

pub mod alarms;
pub mod baton;
pub mod choice;
mod comers;
mod departed;
mod descriptors;
pub mod ending;
mod exits;
mod fork_warnings;
pub mod idents;
pub mod members;
pub mod page;
pub mod pids;
pub mod points;
mod polls;
pub mod ports;
pub mod processes;
mod python;
mod randomness;
mod reach;
pub mod slots;
mod sockets;
pub mod strategies;
mod threads;
mod time;
mod watchdog;

pub use alarms::signalled;
pub use descriptors::{await_amount, await_data, await_until, descriptor, Readiness};
pub use points::{block, is_early, passed, point, wake, Wait, Woken};
pub use processes::release;
pub use python::register;
pub use slots::{controlled, deadline_in, is_main, makes_up, mine, now, object_key, process};
pub use sockets::{handle, patience, Patience};
pub use threads::{
    appear, await_end, await_entry, bear, bear_unrecorded, enter, forget, released_at_end,
};
pub use time::wall;

use self::strategies::Switch;
use crate::gil::Gil;
use crate::record::buffer::Made;
use crate::record::gate::{Answer, Controller, Next};
use pyo3::Python;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a run is controlled.
pub struct Settings<'a> {
    pub strategy: &'a str,
    pub seed: u64,
    pub depth: u32,
    pub length: u64,
    /// replay: whether it goes on where the program does something else.
    pub follow: bool,
    /// After so many scheduling points the run is ended; 0: never.
    pub most_steps: u64,
    /// Whether waits may end by their deadlines before these have come.
    pub explores_time: bool,
    /// schedule: who chooses, for the which time, and who goes on: threads by their paths.
    pub switches: &'a [(String, u32, String)],
}

/// The time at which controlled programs begin: 2026-01-01 UTC, in ns since 1970. A run that is to
/// be the same again cannot begin now.
const WALL: u64 = 1_767_225_600_000_000_000;
/// What the monotonic clocks show then, in ns.
const MONOTONIC: u64 = 1_000_000_000_000;

/// Puts this process, the run's first, under control. False if there is no such strategy.
///
/// The process has one thread.
pub fn start(
    py: Python<'_>,
    spool: &std::path::Path,
    settings: &Settings,
) -> std::io::Result<bool> {
    let Some(kind) = strategies::kind(settings.strategy) else {
        return Ok(false);
    };
    let (run, _) = page::map(spool)?;
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        (*run).wall.store(WALL, Ordering::Relaxed);
        (*run).monotonic.store(MONOTONIC, Ordering::Relaxed);
        let state = &mut (*run).strategy;
        state.kind = kind;
        state.seed = settings.seed;
        state.random = settings.seed;
        (*run).entropy = !settings.seed;
        (*run).supervisor = libc::getppid() as u32;
        let mut stdin: libc::stat = std::mem::zeroed();
        if libc::fstat(0, &mut stdin) == 0 {
            (*run).stdin = (stdin.st_dev, stdin.st_ino);
        }
        state.depth = settings.depth;
        state.length = settings.length;
        state.replay.follow = settings.follow;
        for (from, count, to) in settings.switches {
            let (from, to) = (strategies::name_of(from), strategies::name_of(to));
            state.switches.push(Switch {
                from,
                count: *count,
                to,
                preempts: false,
                event: 0,
            });
        }
        state.switches.sort();
        (*run).most_steps = settings.most_steps;
        (*run).explores_time = settings.explores_time;
        strategies::of(state).begin(state);
        (*run)
            .idents
            .store(strategies::of(state).made_up(), Ordering::Relaxed);
        (*run).processes.store(1, Ordering::Relaxed);
        idents::install(py);
        slots::adopt(run, 1, &CONTROLLER);
        threads::begin(py, 1, LATER.load(Ordering::Relaxed));
        install(py);
        if strategies::follows(&slots::page().strategy) {
            // A single thread, too, may go on for ever.
            watchdog::start(py);
        }
        Ok(true)
    }
}

/// Puts this process, which another of the run has made, under control: it has the slot that its
/// parent made for it, and waits for its turn.
///
/// # Safety
/// The process has one thread.
pub unsafe fn join(py: Python<'_>, spool: &std::path::Path, slot: usize) -> std::io::Result<()> {
    let (run, _) = page::map(spool)?;
    idents::install(py);
    slots::adopt(run, 0, &CONTROLLER);
    processes::begin(py, slot);
    install(py);
    watchdog::start(py);
    Ok(())
}

/// What a process under control has that others have not.
unsafe fn install(py: Python<'_>) {
    baton::watch_by(watchdog::begin);
    prepare(py);
    exits::notice_exit();
    static AT_FORK: std::sync::Once = std::sync::Once::new();
    AT_FORK.call_once(|| {
        libc::pthread_atfork(Some(before_fork), Some(after_fork), Some(in_child));
    });
}

/// Replaces what waits for descriptors; a second call does nothing.
pub fn install_descriptors(py: Python<'_>) {
    static INSTALLED: Gil<bool> = Gil::new(false);
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if !INSTALLED.replace(py, true) {
            descriptors::install(py);
            polls::install(py);
            sockets::install(py);
            // A function that this Python does not have, or has in another form, stays as it is.
            pyo3::ffi::PyErr_Clear();
        }
    }
}

/// Whether this process has run freely, and comes under control in the middle of its program.
static LATER: AtomicBool = AtomicBool::new(false);

/// Prepares a process that comes under control later.
fn prepare_later(py: Python<'_>) {
    LATER.store(true, Ordering::Relaxed);
    prepare(py);
}

/// Replaces what control needs replaced; a second call does nothing.
fn prepare(py: Python<'_>) {
    time::install(py);
    randomness::install(py);
    exits::install(py);
    install_descriptors(py);
    fork_warnings::install(py);
    idents::install(py);
}

/// The recording of this process is about to end before the process does. Where a trace is
/// followed, the other threads first do what they did before the recording ended.
///
/// Nothing is borrowed that another thread may want.
pub fn finish(py: Python<'_>) {
    const PATIENCE: u32 = 100;
    let mut idle = 0;
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let to_come = unsafe {
        || match controlled() {
            true => slots::strategy().to_come(),
            false => 0,
        }
    };
    let mut left = to_come();
    while left > 0 && idle < PATIENCE {
        point(py, 0, 0, 0);
        let before = std::mem::replace(&mut left, to_come());
        idle = if left == before { idle + 1 } else { 0 };
    }
}

extern "C" fn before_fork() {
    watchdog::stop_in_fork();
}

extern "C" fn after_fork() {
    if controlled() && !processes::forks() {
        // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
        unsafe { watchdog::start_in_fork() };
    }
}

extern "C" fn in_child() {
    // SAFETY: Python forks with the GIL held, and the child has it then.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { processes::begin_forked(py) };
}

/// An event was recorded: a strategy that follows a trace is told.
fn recorded(py: Python<'_>, made: &Made) {
    points::made_event();
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { slots::strategy().recorded(py, made) };
}

/// What the calling thread is told of an operation; see `record::gate`, as for the next three.
fn answer(py: Python<'_>, op: u8, object: u32) -> Answer<'static> {
    // SAFETY: the process is under control.
    unsafe { slots::strategy() }.answer(py, op, object)
}

fn answer_within(py: Python<'_>, op: u8, waited: bool) -> Answer<'static> {
    // SAFETY: the process is under control.
    unsafe { slots::strategy() }.answer_within(py, op, waited)
}

fn next(py: Python<'_>, op: u8, object: u32) -> Next<'static> {
    // SAFETY: the process is under control.
    unsafe { slots::strategy() }.next_event(py, op, object)
}

fn settled(py: Python<'_>) -> bool {
    // SAFETY: the process is under control.
    unsafe { slots::strategy() }.is_settled(py)
}

/// The calling thread makes events of another one from here on, or (false) its own again.
fn acts(py: Python<'_>, for_another: bool) {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { slots::strategy().acts(py, for_another) };
}

/// What the recorder asks and tells.
static CONTROLLER: Controller = Controller {
    point,
    answer,
    answer_within,
    next,
    settled,
    passed,
    recorded,
    acts,
};

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
pub use points::{block, passed, point, wake, Wait, Woken};
pub use processes::release;
pub use python::register;
pub use slots::{controlled, is_main, makes_up, mine, now, object_key, process};
pub use sockets::{handle, patience, Patience};
pub use threads::{
    appear, await_end, await_entry, bear, bear_unrecorded, enter, forget, released_at_end,
};
pub use time::wall;

use crate::gil::Gil;
use crate::record::buffer::Made;
use crate::record::gate::Controller;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a run is controlled.
pub struct Settings<'a> {
    pub strategy: &'a str,
    pub seed: u64,
    pub depth: u32,
    pub length: u64,
    /// replay: whether it goes on where the program does something else.
    pub follow: bool,
}

/// The time at which controlled programs begin: 2026-01-01 UTC, in ns since 1970. A run that is to
/// be the same again cannot begin now.
const WALL: u64 = 1_767_225_600_000_000_000;
/// What the monotonic clocks show then, in ns.
const MONOTONIC: u64 = 1_000_000_000_000;

/// Puts this process, the run's first, under control. False if there is no such strategy.
///
/// # Safety
/// The GIL is held by the process's only thread.
pub unsafe fn start(spool: &std::path::Path, settings: &Settings) -> std::io::Result<bool> {
    let Some(kind) = strategies::kind(settings.strategy) else {
        return Ok(false);
    };
    let (run, _) = page::map(spool)?;
    (*run).wall.store(WALL, Ordering::Relaxed);
    (*run).monotonic.store(MONOTONIC, Ordering::Relaxed);
    let state = &mut (*run).strategy;
    state.kind = kind;
    state.seed = settings.seed;
    state.random = settings.seed;
    (*run).entropy = !settings.seed;
    let mut stdin: libc::stat = std::mem::zeroed();
    if libc::fstat(0, &mut stdin) == 0 {
        (*run).stdin = (stdin.st_dev, stdin.st_ino);
    }
    state.depth = settings.depth;
    state.length = settings.length;
    state.replay.follow = settings.follow;
    strategies::of(state).begin(state);
    (*run).processes.store(1, Ordering::Relaxed);
    idents::install();
    slots::adopt(run, 1, &CONTROLLER);
    threads::begin(1, LATER.load(Ordering::Relaxed));
    install();
    if strategies::follows(&slots::page().strategy) {
        // A single thread, too, may go on for ever.
        watchdog::start();
    }
    Ok(true)
}

/// Puts this process, which another of the run has made, under control: it has the slot that its
/// parent made for it, and waits for its turn.
///
/// # Safety
/// The GIL is held by the process's only thread.
pub unsafe fn join(spool: &std::path::Path, slot: usize) -> std::io::Result<()> {
    let (run, _) = page::map(spool)?;
    idents::install();
    slots::adopt(run, 0, &CONTROLLER);
    processes::begin(slot);
    install();
    watchdog::start();
    Ok(())
}

/// What a process under control has that others have not.
unsafe fn install() {
    baton::watch_by(watchdog::begin);
    prepare();
    exits::notice_exit();
    static AT_FORK: std::sync::Once = std::sync::Once::new();
    AT_FORK.call_once(|| {
        libc::pthread_atfork(Some(before_fork), Some(after_fork), Some(in_child));
    });
}

/// Replaces what waits for descriptors; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install_descriptors() {
    static INSTALLED: Gil<bool> = Gil::new(false);
    if !std::mem::replace(INSTALLED.get(), true) {
        descriptors::install();
        polls::install();
        sockets::install();
        // A function that this Python does not have, or has in another form, stays as it is.
        pyo3::ffi::PyErr_Clear();
    }
}

/// Whether this process has run freely, and comes under control in the middle of its program.
static LATER: AtomicBool = AtomicBool::new(false);

/// Prepares a process that comes under control later.
///
/// # Safety
/// The GIL is held.
unsafe fn prepare_later() {
    LATER.store(true, Ordering::Relaxed);
    prepare();
}

/// Replaces what control needs replaced; a second call does nothing.
///
/// # Safety
/// The GIL is held.
unsafe fn prepare() {
    time::install();
    randomness::install();
    exits::install();
    install_descriptors();
    fork_warnings::install();
    idents::install();
}

/// The recording of this process is about to end before the process does. Where a trace is
/// followed, the other threads first do what they did before the recording ended.
///
/// # Safety
/// The GIL is held, and nothing is borrowed that another thread may want.
pub unsafe fn finish() {
    const PATIENCE: u32 = 100;
    let mut idle = 0;
    let to_come = || match controlled() {
        true => slots::strategy().to_come(),
        false => 0,
    };
    let mut left = to_come();
    while left > 0 && idle < PATIENCE {
        point(0, 0, 0);
        let before = std::mem::replace(&mut left, to_come());
        idle = if left == before { idle + 1 } else { 0 };
    }
}

extern "C" fn before_fork() {
    watchdog::stop_in_fork();
}

extern "C" fn after_fork() {
    if controlled() && !processes::forks() {
        unsafe { watchdog::start_in_fork() };
    }
}

extern "C" fn in_child() {
    unsafe { processes::begin_forked() };
}

/// An event was recorded: a strategy that follows a trace is told.
///
/// # Safety
/// The GIL is held.
unsafe fn recorded(made: &Made) {
    points::made_event();
    slots::strategy().recorded(made);
}

/// The calling thread makes events of another one from here on, or (false) its own again.
unsafe fn acts(for_another: bool) {
    slots::strategy().acts(for_another);
}

/// What the recorder asks and tells.
static CONTROLLER: Controller = Controller {
    point,
    passed,
    recorded,
    acts,
};

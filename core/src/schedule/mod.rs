//! The controller: exactly one thread of all processes of a run goes at a time, and a strategy
//! says which. See docs/how-it-works.md, "Control".

mod controller;
mod ending;
pub mod page;
mod python;
mod randomness;
pub mod replay;
pub mod strategies;
mod time;
mod watchdog;

pub use controller::{
    await_end, bear, block, controlled, enter, forget, mine, now, object_key, point, process,
    released_at_end, wake, Woken,
};
pub use python::register;
pub use replay::likeness::Made;
pub use time::wall;

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
    use std::sync::atomic::Ordering;
    let strategies = strategies::STRATEGIES;
    let Some(kind) = strategies
        .iter()
        .position(|(name, _)| *name == settings.strategy)
    else {
        return Ok(false);
    };
    let (run, _) = page::map(spool)?;
    (*run).wall.store(WALL, Ordering::Relaxed);
    (*run).monotonic.store(MONOTONIC, Ordering::Relaxed);
    let state = &mut (*run).strategy;
    state.kind = kind as u32;
    state.seed = settings.seed;
    state.random = settings.seed;
    (*run).entropy = !settings.seed;
    state.depth = settings.depth;
    state.length = settings.length;
    state.replay.follow = settings.follow;
    strategies[kind].1.begin(state);
    controller::adopt(run, 1);
    controller::begin(1);
    time::install();
    randomness::install();
    ending::install();
    static AT_FORK: std::sync::Once = std::sync::Once::new();
    AT_FORK.call_once(|| {
        libc::pthread_atfork(Some(before_fork), Some(after_fork), Some(in_child));
    });
    Ok(true)
}

extern "C" fn before_fork() {
    watchdog::stop();
}

extern "C" fn after_fork() {
    if controlled() {
        unsafe { watchdog::start_if_needed() };
    }
}

/// The child is not under control.
extern "C" fn in_child() {
    controller::abandon();
    unsafe { ending::forget() };
}

/// An event was recorded: a strategy that follows a trace is told.
///
/// # Safety
/// The GIL is held.
#[inline(always)]
pub unsafe fn recorded(made: Made) {
    if controlled() {
        replay::recorded(&made);
    }
}

//! The slots of the run's threads, as this process has them: the ground that the controller stands on.

use super::page::{phase, reason, state, Page, Slot};
use super::strategies::{self, Strategy};
use crate::record::gate::{self, Controller};
use pyo3::ffi;
use pyo3::Python;
use std::cell::Cell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// The page while this process is under control.
static PAGE: AtomicPtr<Page> = AtomicPtr::new(null_mut());

/// The page for as long as the process lives: threads may still be in here when control ends.
static MEMORY: AtomicPtr<Page> = AtomicPtr::new(null_mut());

static PROCESS: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// The calling thread's slot + 1; 0: it is not under control.
    pub static MINE: Cell<usize> = const { Cell::new(0) };
}

/// `holder` while somebody without a slot of its own is choosing.
pub const CHOOSING: u32 = u32::MAX;

/// Whether this process is under control.
#[inline(always)]
pub fn controlled() -> bool {
    !PAGE.load(Ordering::Relaxed).is_null()
}

/// Whether what the system would say otherwise in each run is made up in this one.
pub fn makes_up(_: Python<'_>) -> bool {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { controlled() && !strategy().keeps_time() }
}

/// The page of a controlled process, to be used by the holder of the baton.
///
/// # Safety
/// The process is or was under control. Of the reference nothing is kept while others can have the baton.
pub unsafe fn page() -> &'static mut Page {
    &mut *MEMORY.load(Ordering::Relaxed)
}

/// The run's strategy.
///
/// # Safety
/// The process is under control.
pub unsafe fn strategy() -> &'static dyn Strategy {
    strategies::of(&page().strategy)
}

pub fn process() -> u32 {
    PROCESS.load(Ordering::Relaxed)
}

/// Puts this process under control; the calling thread has the baton.
///
/// # Safety
/// `page` is mapped as long as the process lives.
pub unsafe fn adopt(page: *mut Page, process: u32, controller: &'static Controller) {
    PROCESS.store(process, Ordering::Relaxed);
    MEMORY.store(page, Ordering::SeqCst);
    PAGE.store(page, Ordering::SeqCst);
    gate::control(Some(controller));
}

/// A process that was forked is another.
pub fn become_process(process: u32) {
    PROCESS.store(process, Ordering::Relaxed);
}

/// Lets all threads of this process run freely from now on.
pub fn abandon() {
    PAGE.store(null_mut(), Ordering::SeqCst);
    gate::control(None);
    MINE.set(0);
}

/// Whether the supervisor has gone, and this process goes on without control.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn is_left() -> bool {
    page().phase.load(Ordering::SeqCst) == phase::LEFT
}

/// Whether the calling thread is under control.
#[inline]
pub fn mine() -> bool {
    controlled() && MINE.get() != 0
}

/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn resume(me: usize) {
    page().slots[me]
        .state
        .store(state::RUNNING, Ordering::SeqCst);
}

pub fn exchange(word: &AtomicU32, from: u32, to: u32) -> Result<u32, u32> {
    word.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst)
}

/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn wake_all(key: u64) {
    for slot in in_use() {
        if slot.key == key && slot.state.load(Ordering::SeqCst) == state::BLOCKED {
            slot.reason = reason::CHANGED;
            slot.tried = false;
            // It fails if the thread has just gone outside, for a signal.
            let _ = exchange(&slot.state, state::BLOCKED, state::READY);
        }
    }
}

/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn in_use() -> &'static mut [Slot] {
    let page = page();
    &mut page.slots[..page.used.load(Ordering::Relaxed) as usize]
}

/// The calling thread's slot.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn my_slot() -> Option<&'static mut Slot> {
    let me = MINE.get().checked_sub(1)?;
    Some(&mut page().slots[me])
}

/// Whether the calling thread, which is under control, is its process's main one.
pub fn is_main(_: Python<'_>) -> bool {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { mine() && my_slot().is_some_and(|slot| slot.thread == 1) }
}

/// What waits for an object of this process waits for.
pub fn object_key(object: *mut ffi::PyObject) -> u64 {
    u64::from(process()) << 48 | object as u64
}

/// Virtual time in ns since the start of the run.
pub fn now() -> u64 {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { page() }.now.load(Ordering::Relaxed)
}

/// The virtual time in so many seconds.
pub fn deadline_in(seconds: f64) -> u64 {
    now().saturating_add((seconds.max(0.0) * 1e9) as u64)
}

/// The calling thread has waited in the kernel until its deadline: virtual time has come to that, too.
///
/// # Safety
/// The process is under control.
pub unsafe fn pass_until(deadline: u64) {
    page().now.fetch_max(deadline, Ordering::Relaxed);
}

/// Waits for what the controller waits for itself: meanwhile the calling thread is not set aside,
/// however long that takes on a machine with much to do.
pub fn undisturbed<T>(wait: impl FnOnce() -> T) -> T {
    let me = MINE.get().wrapping_sub(1);
    let held = mine() && {
        // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
        let word = &unsafe { page() }.slots[me].state;
        exchange(word, state::RUNNING, state::CONTROLLING).is_ok()
    };
    let result = wait();
    if held {
        // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
        unsafe { resume(me) };
    }
    result
}

/// The same, while others have the GIL.
pub fn without_gil(_: Python<'_>, wait: impl FnOnce()) {
    // SAFETY: the GIL is held, and is taken again before anything of Python is touched.
    unsafe {
        undisturbed(|| {
            let saved = ffi::PyEval_SaveThread();
            wait();
            ffi::PyEval_RestoreThread(saved);
        })
    };
}

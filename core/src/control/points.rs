//! The controller: one thread of all has the baton, and gives it on at scheduling points.
//!
//! Everything here is called by the thread that has the baton, or ends up having it. A thread that
//! was set aside (`OUTSIDE`) first queues up for it again.

use super::baton::{come_back, end_endless, hand_over, pick_up, restore};
use super::choice::{choose, PATIENCE};
use super::page::{reason, state, NEVER};
use super::slots::{
    abandon, controlled, exchange, is_left, mine, page, resume, strategy, wake_all, MINE,
};
use crate::cpython::thread_exit::finalizing;
use pyo3::ffi;
use pyo3::Python;
use std::cell::Cell;
use std::sync::atomic::Ordering;

thread_local! {
    /// Whether the calling thread has passed the point of its next event.
    static PASSED: Cell<bool> = const { Cell::new(false) };
}

/// Virtual ns for each scheduling point.
const STEP: u64 = 1_000;

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Woken {
    /// What it waited for may have changed.
    Changed,
    TimedOut,
    /// By a signal: the caller is to run the handlers, and to wait again if none raises.
    Interrupted,
    /// What it waits for may come from outside the run, and nobody else can go on: the caller is
    /// to wait in its own way.
    Alone,
    /// The calling thread is not under control: the caller is to wait in its own way.
    Uncontrolled,
}

/// The calling thread's slot, with the baton in its hand: until `resume` it is not set aside.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn take() -> Option<usize> {
    let me = MINE.get().checked_sub(1).filter(|_| controlled())?;
    if is_left() {
        abandon();
        return None;
    }
    let word = &page().slots[me].state;
    while exchange(word, state::RUNNING, state::CONTROLLING).is_err() {
        let saved = ffi::PyEval_SaveThread();
        come_back(me);
        restore(saved);
        if !controlled() {
            return None;
        }
    }
    Some(me)
}

/// A scheduling point: the calling thread is about to do `op`, and others may go first.
///
/// Nothing is borrowed that another thread may want.
#[cold]
#[inline(never)]
pub fn point(py: Python<'_>, op: u8, target: u32, site: u32) {
    if MINE.get() == 0 || finalizing() {
        return;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        let Some(me) = take() else { return };
        let page = page();
        let steps = page.steps.fetch_add(1, Ordering::Relaxed) + 1;
        if steps == page.most_steps {
            end_endless();
        }
        page.now.fetch_add(STEP, Ordering::Relaxed);
        let slot = &mut page.slots[me];
        slot.op = u32::from(op);
        (slot.target, slot.site, slot.starts) = (target, site, false);
        let mut next = choose(Some(me));
        while next != Some(me) {
            slot.reason = reason::CHANGED;
            slot.state.store(state::READY, Ordering::SeqCst);
            hand_over(me, next);
            // A signal that is none of the recording's is no reason to go before its turn.
            if slot.reason != reason::INTERRUPTED || !strategy().is_early(py) {
                return point_passed(py);
            }
            if take().is_none() {
                return;
            }
            next = choose(Some(me));
        }
        resume(me);
        point_passed(py);
    }
}

unsafe fn point_passed(py: Python<'_>) {
    PASSED.set(true);
    strategy().has_turn(py);
}

/// Whether the calling thread, if it is under control, has passed the point of its next event. In a
/// replay it may have been let past it before its turn.
pub fn passed(py: Python<'_>) -> bool {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    !mine() || PASSED.get() && unsafe { !strategy().is_early(py) }
}

/// Whether the calling thread goes before its turn.
pub fn is_early(py: Python<'_>) -> bool {
    // SAFETY: the process is under control.
    mine() && unsafe { strategy().is_early(py) }
}

/// The calling thread has made an event.
#[inline(always)]
pub fn made_event() {
    PASSED.set(false);
}

/// What a thread waits for: that `wake` is called for the key, or that virtual time has come to the
/// deadline.
#[derive(Clone, Copy, Default)]
pub struct Wait {
    pub key: u64,
    pub deadline: Option<u64>,
    /// What it does when it goes on, if that is an event.
    pub op: u8,
    /// Whether what it waits for may come from outside the run.
    pub outward: u8,
    /// Whether it has not looked for what it waits for, but in this moment.
    pub fresh: bool,
}

/// Waits.
pub fn block(py: Python<'_>, wait: Wait) -> Woken {
    if MINE.get() == 0 || finalizing() {
        return Woken::Uncontrolled;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        let Some(me) = take() else {
            return Woken::Uncontrolled;
        };
        let slot = &mut page().slots[me];
        slot.key = wait.key;
        slot.deadline = wait.deadline.unwrap_or(NEVER);
        (slot.op, slot.outward) = (u32::from(wait.op), wait.outward);
        if wait.fresh {
            (slot.tried, slot.settled) = (false, 0);
        }
        slot.offer = 0;
        slot.reason = reason::CHANGED;
        slot.state.store(state::BLOCKED, Ordering::SeqCst);
        let next = choose(None);
        if next == Some(me) {
            resume(me);
        } else {
            hand_over(me, next);
        }
        if !controlled() {
            return Woken::Uncontrolled;
        }
        PASSED.set(wait.op != 0);
        strategy().has_turn(py);
        match strategy().waited(py, page().slots[me].reason) {
            reason::TIMED_OUT => Woken::TimedOut,
            reason::INTERRUPTED => Woken::Interrupted,
            reason::ALONE => Woken::Alone,
            _ => Woken::Changed,
        }
    }
}

/// Makes ready who waits for the key.
pub fn wake(_: Python<'_>, key: u64) {
    if finalizing() {
        return;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        if let Some(me) = take() {
            wake_all(key);
            resume(me);
        } else if controlled() {
            // A thread that is not under control has come, while others may just be lying down the baton.
            wake_all(key);
            page().returns.fetch_add(1, Ordering::SeqCst);
            pick_up();
        }
    }
}

/// Lets a little virtual time pass, as a look at the clock does.
pub fn tick(py: Python<'_>) -> u64 {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let page = unsafe { page() };
    if mine() {
        // A thread that looks at the clock again and again may wait for another's work.
        if page.turn.fetch_add(1, Ordering::Relaxed) >= PATIENCE {
            point(py, 0, 0, 0);
        }
    }
    page.now.fetch_add(STEP, Ordering::Relaxed) + STEP
}

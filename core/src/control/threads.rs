//! How threads come under control, and how they leave it.

use super::baton::{await_baton, give_on, restore};
use super::choice::claim;
use super::page::{outward, reason, state, Slot, NEVER, UNKNOWN};
use super::points::{block, take, Wait, Woken};
use super::slots::{
    controlled, exchange, in_use, mine, object_key, page, process, resume, wake_all, MINE,
};
use super::{departed, idents, pids, strategies, watchdog};
use crate::cpython::thread_exit::finalizing;
use crate::ops;
use crate::os::futex;
use crate::record;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long a thread that begins is waited for: on a busy machine it takes a while.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is looked whether the interpreter ends meanwhile, in ns.
const LOOK: u64 = 10_000_000;

/// In the number of a thread that is under control and not recorded.
const UNRECORDED: u32 = 1 << 31;

/// Makes a slot for a thread, which its state keeps from running. None if all are taken.
pub unsafe fn make(process: u32, pid: u32, thread: u32, path: &str, state: u32) -> Option<usize> {
    let page = page();
    let free = |slot: &Slot| slot.state.load(Ordering::Relaxed) == state::FREE;
    let index = page.slots.iter().position(free)?;
    page.used.fetch_max(index as u32 + 1, Ordering::Relaxed);
    let slot = &mut page.slots[index];
    slot.process = process;
    slot.pid.store(pid, Ordering::Relaxed);
    slot.thread = thread;
    slot.tid.store(0, Ordering::Relaxed);
    slot.go.reset();
    slot.sleeps.store(0, Ordering::Relaxed);
    slot.giver = 0;
    slot.bears.store(0, Ordering::Relaxed);
    (slot.key, slot.deadline, slot.reason) = (0, NEVER, reason::CHANGED);
    (slot.op, slot.target, slot.site, slot.sentinel) = (u32::from(ops::BEGIN), 0, 0, 0);
    (slot.outward, slot.tried, slot.settled) = (outward::NO, false, 0);
    slot.offer = 0;
    (slot.ended, slot.doom, slot.goes_by) = (UNKNOWN, 0, 0);
    (slot.ident, slot.native_id) = (0, 0);
    slot.real_ident.store(0, Ordering::Relaxed);
    (slot.asked, slot.starts, slot.serves, slot.acts_for) = (false, false, 0, 0);
    (slot.maker, slot.server) = (std::process::id(), 0);
    (slot.name, slot.choices) = (strategies::name_of(path), 0);
    slot.starter = MINE.get() as u32;
    let strategy = strategies::of(&page.strategy);
    strategy.born(&mut page.strategy, slot, path);
    if !strategy.keeps_time() {
        idents::make_up(&page.idents, slot);
    }
    slot.state.store(state, Ordering::SeqCst);
    Some(index)
}

/// The first thread of the run takes the baton. If it is `known` by its own ident to the program
/// already, it keeps that.
pub unsafe fn begin(py: Python<'_>, process: u32, known: bool) {
    if let Some(me) = make(process, std::process::id(), 1, "main", state::READY) {
        if known {
            let slot = &mut page().slots[me];
            (slot.ident, slot.native_id) = (0, 0);
        }
        claim(me, reason::CHANGED);
        settle(py, me);
        pids::begin(&page().slots[me]);
    }
}

/// The slot becomes the calling thread's, until the thread's end.
pub unsafe fn settle(py: Python<'_>, me: usize) {
    MINE.set(me + 1);
    notice_end(me);
    idents::begin(py, &mut page().slots[me]);
    let word = &page().slots[me].tid;
    word.store(libc::syscall(libc::SYS_gettid) as u32, Ordering::SeqCst);
    futex::signal(word);
}

/// The calling thread has started a thread of its process, which can go on from now on. It has come to
/// wait for its turn before this one goes on, so that what both allocate is where it is in every run.
pub fn await_entry(_: Python<'_>, thread: u32) {
    // SAFETY: the GIL is held, and is taken again before anything of Python is touched.
    unsafe {
        let Some(me) = take() else { return };
        if let Some(slot) = find(thread) {
            exists(slot);
            let saved = ffi::PyEval_SaveThread();
            let end = Instant::now() + PATIENCE;
            let word = &page().slots[slot].tid;
            while word.load(Ordering::SeqCst) == 0 && Instant::now() < end && !finalizing() {
                let _ = futex::wait(word, Some(LOOK));
            }
            restore(saved);
            page().slots[me].starts = true;
        }
        resume(me);
    }
}

/// The thread of the slot exists.
unsafe fn exists(slot: usize) {
    let _ = exchange(&page().slots[slot].state, state::UNBORN, state::READY);
}

/// The calling thread is about to start a thread of its process. Until it has, the thread does not go
/// on: what is done meanwhile (by finalizers, say) passes scheduling points.
pub fn bear(py: Python<'_>, thread: u32) {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        if let Some(me) = take() {
            let path = record::threads::path(py, thread).unwrap_or_default();
            make(process(), std::process::id(), thread, &path, state::UNBORN);
            resume(me);
            watchdog::start(py);
        }
    }
}

/// The calling thread is about to start a thread of its process that is not recorded: the number that
/// the controller knows it by; 0 if it is not under control.
pub fn bear_unrecorded(py: Python<'_>) -> u32 {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        let Some(me) = take() else { return 0 };
        let thread = UNRECORDED | COUNT.fetch_add(1, Ordering::Relaxed);
        if let Some(slot) = make(process(), std::process::id(), thread, "", state::UNBORN) {
            page().slots[slot].op = 0;
        }
        resume(me);
        watchdog::start(py);
        thread
    }
}

/// The calling thread is recorded from here on.
pub fn appear(py: Python<'_>, thread: u32) {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        let Some(me) = take() else { return };
        let page = page();
        let slot = &mut page.slots[me];
        slot.thread = thread;
        let path = record::threads::path(py, thread).unwrap_or_default();
        slot.name = strategies::name_of(&path);
        strategies::of(&page.strategy).appears(&mut page.strategy, slot, &path);
        resume(me);
    }
}

/// The started thread has begun: it waits for its turn.
pub fn enter(py: Python<'_>, thread: u32) {
    if !controlled() {
        return;
    }
    // SAFETY: the GIL is held, and is taken again before anything of Python is touched.
    unsafe {
        if let Some(me) = find(thread) {
            settle(py, me);
            // Whoever has started it may have been interrupted before it said so.
            exists(me);
            let saved = ffi::PyEval_SaveThread();
            await_baton(me, false);
            restore(saved);
        }
    }
}

/// The thread was not started after all.
pub fn forget(_: Python<'_>, thread: u32) {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        let Some(me) = take() else { return };
        if let Some(slot) = find(thread) {
            page().slots[slot]
                .state
                .store(state::FREE, Ordering::SeqCst);
        }
        resume(me);
    }
}

unsafe fn find(thread: u32) -> Option<usize> {
    in_use().iter().position(|slot| {
        slot.thread == thread
            && slot.process == process()
            && slot.state.load(Ordering::SeqCst) != state::FREE
    })
}

/// What waits for a thread's end waits for.
fn end_key(process: u32, thread: u32) -> u64 {
    1 << 63 | u64::from(process) << 32 | u64::from(thread)
}

/// The lock is released when the calling thread ends.
///
/// # Safety
/// The GIL is held.
pub unsafe fn released_at_end(lock: *mut ffi::PyObject) {
    if let Some(me) = take() {
        page().slots[me].sentinel = object_key(lock);
        resume(me);
    }
}

/// Waits until the thread has ended; says whether it has. `deadline` is in virtual ns.
pub fn await_end(py: Python<'_>, thread: u32, deadline: Option<u64>) -> Woken {
    let wait = Wait {
        key: end_key(process(), thread),
        deadline,
        op: ops::JOIN,
        ..Wait::default()
    };
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        while mine() && find(thread).is_some() {
            match block(py, wait) {
                Woken::Changed => {}
                other => return other,
            }
        }
    }
    Woken::Changed
}

/// The thread of the slot has ended, and gives the baton on. It has no thread state any more.
pub unsafe fn leave(me: usize) {
    take();
    let slot = &page().slots[me];
    wake_all(end_key(slot.process, slot.thread));
    if slot.sentinel != 0 {
        wake_all(slot.sentinel);
    }
    slot.state.store(state::FREE, Ordering::SeqCst);
    MINE.set(0);
    departed::leaves(slot.tid.load(Ordering::SeqCst));
    page().leaver = me as u32 + 1;
    give_on();
}

static KEY: OnceLock<libc::pthread_key_t> = OnceLock::new();

/// A thread gives the baton on when it has ended for the system: after its thread state, and all
/// that it did in the program, have gone. A thread that dies in any way comes here.
unsafe extern "C" fn ended(slot: *mut c_void) {
    if controlled() {
        leave(slot as usize - 1);
    }
}

pub unsafe fn notice_end(slot: usize) {
    let key = KEY.get_or_init(|| {
        let mut key = 0;
        libc::pthread_key_create(&mut key, Some(ended));
        key
    });
    libc::pthread_setspecific(*key, (slot + 1) as *const c_void);
}

/// After a fork the child's thread is not the parent's.
pub unsafe fn forget_end() {
    if let Some(&key) = KEY.get() {
        libc::pthread_setspecific(key, std::ptr::null());
    }
}

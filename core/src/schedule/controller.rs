//! The controller: one thread of all has the baton, and gives it on at scheduling points.
//!
//! Everything here is called by the thread that has the baton, or ends up having it. A thread that
//! was set aside (`OUTSIDE`) first queues up for it again.

use super::page::{self, phase, reason, state, Page, Slot, NEVER, SLOTS};
use super::strategies::{self, Choice};
use super::{ending, watchdog};
use crate::daemons::finalizing;
use crate::record::session::Gil;
use pyo3::ffi;
use std::cell::Cell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

static PAGE: AtomicPtr<Page> = AtomicPtr::new(null_mut());
static PROCESS: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// The calling thread's slot + 1; 0: it is not under control.
    static MINE: Cell<usize> = const { Cell::new(0) };
}

/// Virtual ns for each scheduling point.
const STEP: u64 = 1_000;
/// A thread that runs for so many steps while others are ready waits for them: it may be spinning.
const PATIENCE: u64 = 1_000;
/// How long the main thread waits for its turn after a signal, in ns, before it just goes on.
const SIGNAL_PATIENCE: u64 = 100_000_000;

/// `holder` while somebody without a slot of its own is choosing.
const CHOOSING: u32 = u32::MAX;

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Woken {
    /// What it waited for may have changed.
    Changed,
    TimedOut,
    /// By a signal: the caller is to run the handlers, and to wait again if none raises.
    Interrupted,
    /// The calling thread is not under control: the caller is to wait in its own way.
    Uncontrolled,
}

/// Whether this process is under control.
#[inline(always)]
pub fn controlled() -> bool {
    !PAGE.load(Ordering::Relaxed).is_null()
}

/// The page of a controlled process, to be used by the holder of the baton.
pub unsafe fn page() -> &'static mut Page {
    &mut *PAGE.load(Ordering::Relaxed)
}

pub fn process() -> u32 {
    PROCESS.load(Ordering::Relaxed)
}

/// Puts this process under control; the calling thread has the baton.
pub unsafe fn adopt(page: *mut Page, process: u32) {
    PROCESS.store(process, Ordering::Relaxed);
    PAGE.store(page, Ordering::SeqCst);
}

/// Lets all threads of this process run freely from now on.
pub fn abandon() {
    PAGE.store(null_mut(), Ordering::SeqCst);
    MINE.set(0);
}

/// Whether the calling thread is under control.
#[inline]
pub fn mine() -> bool {
    controlled() && MINE.get() != 0
}

/// The calling thread's slot, with the baton in its hand: until `resume` it is not set aside.
unsafe fn take() -> Option<usize> {
    let me = MINE.get().checked_sub(1).filter(|_| controlled())?;
    let word = &page().slots[me].state;
    while exchange(word, state::RUNNING, state::CONTROLLING).is_err() {
        let saved = ffi::PyEval_SaveThread();
        come_back(me);
        restore(saved);
    }
    Some(me)
}

unsafe fn resume(me: usize) {
    page().slots[me]
        .state
        .store(state::RUNNING, Ordering::SeqCst);
}

fn exchange(word: &AtomicU32, from: u32, to: u32) -> Result<u32, u32> {
    word.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst)
}

/// A scheduling point: the calling thread is about to do `op`, and others may go first.
///
/// # Safety
/// The GIL is held, and nothing is borrowed that another thread may want.
#[cold]
#[inline(never)]
pub unsafe fn point(op: u8, target: u32, site: u32) {
    if MINE.get() == 0 || finalizing() {
        return;
    }
    let Some(me) = take() else { return };
    let page = page();
    page.steps.fetch_add(1, Ordering::Relaxed);
    page.now.fetch_add(STEP, Ordering::Relaxed);
    let slot = &mut page.slots[me];
    slot.op = u32::from(op);
    (slot.target, slot.site) = (target, site);
    match choose(Some(me)) {
        Some(next) if next != me => {
            slot.reason = reason::CHANGED;
            slot.state.store(state::READY, Ordering::SeqCst);
            hand_over(me, Some(next));
        }
        _ => resume(me),
    }
}

/// Waits until `wake` is called for the key, or virtual time has come to the deadline.
///
/// # Safety
/// As for `point`.
pub unsafe fn block(key: u64, deadline: Option<u64>) -> Woken {
    if MINE.get() == 0 || finalizing() {
        return Woken::Uncontrolled;
    }
    let Some(me) = take() else {
        return Woken::Uncontrolled;
    };
    let slot = &mut page().slots[me];
    slot.key = key;
    slot.deadline = deadline.unwrap_or(NEVER);
    slot.reason = reason::CHANGED;
    slot.state.store(state::BLOCKED, Ordering::SeqCst);
    let next = choose(None);
    if next == Some(me) {
        resume(me);
    } else {
        hand_over(me, next);
    }
    match page().slots[me].reason {
        reason::TIMED_OUT => Woken::TimedOut,
        reason::INTERRUPTED => {
            super::replay::interrupt();
            Woken::Interrupted
        }
        _ => Woken::Changed,
    }
}

/// Makes ready who waits for the key.
///
/// # Safety
/// The GIL is held.
pub unsafe fn wake(key: u64) {
    if finalizing() {
        return;
    }
    if let Some(me) = take() {
        wake_all(key);
        resume(me);
    }
}

unsafe fn wake_all(key: u64) {
    for slot in in_use() {
        if slot.key == key && slot.state.load(Ordering::SeqCst) == state::BLOCKED {
            slot.reason = reason::CHANGED;
            // It fails if the thread has just gone outside, for a signal.
            let _ = exchange(&slot.state, state::BLOCKED, state::READY);
        }
    }
}

unsafe fn in_use() -> &'static mut [Slot] {
    let page = page();
    &mut page.slots[..page.used.load(Ordering::Relaxed) as usize]
}

static READY: Gil<[usize; SLOTS]> = Gil::new([0; SLOTS]);

/// Picks who runs next and gives it the baton, but does not wake it. None if nobody can run.
unsafe fn choose(current: Option<usize>) -> Option<usize> {
    let urgent = page().urgent.swap(0, Ordering::SeqCst) as usize;
    if urgent != 0 && claim(urgent - 1, reason::INTERRUPTED) {
        return Some(urgent - 1);
    }
    let returns = page().returns.load(Ordering::SeqCst);
    page().returns_seen.store(returns, Ordering::SeqCst);
    let strategy = strategies::of(&page().strategy);
    loop {
        let ready = list_ready(current);
        if ready.is_empty() && !strategy.keeps_time() {
            if !jump() {
                return None;
            }
            continue;
        }
        let next = ask(ready, current)?;
        if Some(next) == current {
            return current;
        }
        let page = page();
        let why = strategy.end_of_wait(&page.strategy, &page.slots[next]);
        if claim(next, why) {
            return Some(next);
        }
    }
}

/// Who can go on: the current thread, the ready, and those whose time has come.
unsafe fn list_ready(current: Option<usize>) -> &'static mut [usize] {
    let now = page().now.load(Ordering::Relaxed);
    let ready = READY.get();
    let mut count = 0;
    for (index, slot) in in_use().iter().enumerate() {
        let can_run = match slot.state.load(Ordering::SeqCst) {
            state::READY => true,
            state::BLOCKED => slot.deadline <= now,
            _ => Some(index) == current,
        };
        if can_run {
            ready[count] = index;
            count += 1;
        }
    }
    &mut ready[..count]
}

/// The earliest deadline of those who wait.
pub unsafe fn earliest() -> Option<u64> {
    let waiting = in_use()
        .iter()
        .filter(|slot| slot.state.load(Ordering::SeqCst) == state::BLOCKED);
    waiting
        .map(|slot| slot.deadline)
        .min()
        .filter(|&at| at != NEVER)
}

/// Moves virtual time to the earliest deadline. While a thread is outside time does not jump: what
/// it waits for takes its own time, and the watchdog lets the others' pass as fast.
unsafe fn jump() -> bool {
    if page().outside.load(Ordering::SeqCst) > 0 {
        return false;
    }
    let Some(deadline) = earliest() else {
        return false;
    };
    page().now.fetch_max(deadline, Ordering::Relaxed);
    true
}

/// Asks the strategy; a thread that has run for long is passed over.
unsafe fn ask(ready: &mut [usize], current: Option<usize>) -> Option<usize> {
    let page = page();
    let strategy = strategies::of(&page.strategy);
    let mut ready = ready;
    if let (Some(me), true) = (current, ready.len() > 1) {
        let long = page.turn.fetch_add(1, Ordering::Relaxed) >= PATIENCE;
        if long && strategy.tires(&mut page.strategy, &mut page.slots[me]) {
            let place = ready.iter().position(|&slot| slot == me).unwrap_or(0);
            ready[place..].rotate_left(1);
            let others = ready.len() - 1;
            ready = &mut ready[..others];
            page.turn.store(0, Ordering::Relaxed);
        }
    }
    let choice = Choice {
        slots: &mut page.slots[..page.used.load(Ordering::Relaxed) as usize],
        ready,
        current,
        step: page.steps.load(Ordering::Relaxed),
    };
    strategy.next(&mut page.strategy, choice)
}

/// Makes a waiting thread the holder. `why` is for one that is still blocked.
unsafe fn claim(index: usize, why: u32) -> bool {
    let page = page();
    let slot = &mut page.slots[index];
    if exchange(&slot.state, state::BLOCKED, state::RUNNING).is_ok() {
        slot.reason = why;
        if why == reason::TIMED_OUT && slot.deadline != NEVER {
            page.now.fetch_max(slot.deadline, Ordering::Relaxed);
        }
    } else if exchange(&slot.state, state::READY, state::RUNNING).is_err() {
        return false;
    }
    page.turn.store(0, Ordering::Relaxed);
    page.switches.fetch_add(1, Ordering::Relaxed);
    page.holder.store(index as u32 + 1, Ordering::SeqCst);
    true
}

/// Gives the baton to `next` and waits until it comes back.
unsafe fn hand_over(me: usize, next: Option<usize>) {
    let saved = ffi::PyEval_SaveThread();
    give(next);
    await_baton(me);
    restore(saved);
}

/// Takes the GIL again; while the interpreter ends, never (see `daemons`).
unsafe fn restore(saved: *mut ffi::PyThreadState) {
    ffi::PyEval_RestoreThread(saved);
    if page().phase.load(Ordering::SeqCst) != phase::RUNNING {
        ending::end_process();
    }
}

/// Wakes the new holder; without one, waits for those outside, or ends the run.
pub unsafe fn give(next: Option<usize>) {
    if let Some(next) = next {
        page::wake(&page().slots[next].go);
    } else if page().outside.load(Ordering::SeqCst) > 0 {
        lay_down();
    } else if in_use()
        .iter()
        .any(|slot| slot.state.load(Ordering::SeqCst) != state::FREE)
    {
        let how = strategies::of(&page().strategy).when_nobody_can_go(&page().strategy);
        page().phase.store(how, Ordering::SeqCst);
        ending::pass_on();
    } else {
        page().holder.store(0, Ordering::SeqCst);
    }
}

/// Ends a replayed run in which nobody comes back to do what the others wait for.
pub unsafe fn diverge() {
    page().phase.store(phase::DIVERGED, Ordering::SeqCst);
    ending::pass_on();
}

/// Nobody has the baton until a thread comes back from outside; one may just have.
unsafe fn lay_down() {
    let page = page();
    page.holder.store(0, Ordering::SeqCst);
    let came_back = page.returns.load(Ordering::SeqCst) != page.returns_seen.load(Ordering::SeqCst);
    if page.urgent.load(Ordering::SeqCst) != 0 || came_back {
        pick_up();
    }
}

/// Takes a baton that nobody has, and gives it to one who can run.
pub unsafe fn pick_up() {
    let page = page();
    if exchange(&page.holder, 0, CHOOSING).is_ok() {
        give(choose(None));
    }
}

/// Takes a baton that nobody has, at a later time.
pub unsafe fn pick_up_at(time: u64) {
    let page = page();
    if exchange(&page.holder, 0, CHOOSING).is_ok() {
        page.now.fetch_max(time, Ordering::Relaxed);
        give(choose(None));
    }
}

/// Waits for the baton. A signal interrupts the main thread: it goes next, or, if nobody comes to
/// a scheduling point, goes on without the baton.
unsafe fn await_baton(me: usize) {
    let page = page();
    let slot = &mut page.slots[me];
    let mut limit = None;
    while let Err(error) = page::wait(&slot.go, limit) {
        if slot.thread != 1 {
            continue;
        }
        if error == libc::ETIMEDOUT {
            page.outside.fetch_add(1, Ordering::SeqCst);
            let gone = exchange(&slot.state, state::BLOCKED, state::OUTSIDE)
                .or_else(|_| exchange(&slot.state, state::READY, state::OUTSIDE));
            if gone.is_ok() {
                slot.reason = reason::INTERRUPTED;
                page.set_aside.fetch_add(1, Ordering::SeqCst);
                return;
            }
            page.outside.fetch_sub(1, Ordering::SeqCst);
        }
        page.urgent.store(me as u32 + 1, Ordering::SeqCst);
        limit = Some(SIGNAL_PATIENCE);
        pick_up();
    }
    slot.go.store(0, Ordering::SeqCst);
}

/// A thread that was outside queues up for the baton.
unsafe fn come_back(me: usize) {
    let page = page();
    let slot = &mut page.slots[me];
    slot.reason = reason::CHANGED;
    slot.state.store(state::READY, Ordering::SeqCst);
    page.outside.fetch_sub(1, Ordering::SeqCst);
    page.returns.fetch_add(1, Ordering::SeqCst);
    pick_up();
    await_baton(me);
}

/// Sets the holder aside, which waits in something uncontrolled. Called by the watchdog.
pub unsafe fn set_aside(index: usize) {
    let page = page();
    if exchange(&page.slots[index].state, state::RUNNING, state::OUTSIDE).is_ok() {
        page.outside.fetch_add(1, Ordering::SeqCst);
        page.set_aside.fetch_add(1, Ordering::SeqCst);
        page.holder.store(CHOOSING, Ordering::SeqCst);
        give(choose(None));
    }
}

/// Makes a slot for a thread; it is ready. None if all are taken.
unsafe fn make(process: u32, thread: u32) -> Option<usize> {
    let page = page();
    let free = |slot: &Slot| slot.state.load(Ordering::Relaxed) == state::FREE;
    let index = page.slots.iter().position(free)?;
    page.used.fetch_max(index as u32 + 1, Ordering::Relaxed);
    let slot = &mut page.slots[index];
    slot.process = process;
    slot.thread = thread;
    slot.tid.store(0, Ordering::Relaxed);
    slot.go.store(0, Ordering::Relaxed);
    (slot.key, slot.deadline, slot.reason) = (0, NEVER, reason::CHANGED);
    (slot.op, slot.target, slot.site, slot.sentinel) = (0, 0, 0, 0);
    strategies::of(&page.strategy).born(&mut page.strategy, slot);
    slot.state.store(state::READY, Ordering::SeqCst);
    Some(index)
}

/// The first thread of the run takes the baton.
pub unsafe fn begin(process: u32) {
    if let Some(me) = make(process, 1) {
        claim(me, reason::CHANGED);
        settle(me);
    }
}

/// The slot becomes the calling thread's, until the thread's end.
unsafe fn settle(me: usize) {
    MINE.set(me + 1);
    let tid = libc::syscall(libc::SYS_gettid) as u32;
    page().slots[me].tid.store(tid, Ordering::Relaxed);
    ending::notice_end(me);
}

/// The calling thread is about to start a thread of its process.
///
/// # Safety
/// The GIL is held.
pub unsafe fn bear(thread: u32) {
    if let Some(me) = take() {
        make(process(), thread);
        resume(me);
        watchdog::start();
    }
}

/// The started thread has begun: it waits for its turn.
///
/// # Safety
/// The GIL is held.
pub unsafe fn enter(thread: u32) {
    if !controlled() {
        return;
    }
    if let Some(me) = find(thread) {
        settle(me);
        let saved = ffi::PyEval_SaveThread();
        await_baton(me);
        restore(saved);
    }
}

/// The thread was not started after all.
///
/// # Safety
/// The GIL is held.
pub unsafe fn forget(thread: u32) {
    let Some(me) = take() else { return };
    if let Some(slot) = find(thread) {
        page().slots[slot]
            .state
            .store(state::FREE, Ordering::SeqCst);
    }
    resume(me);
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

/// The calling thread's slot.
pub unsafe fn my_slot() -> Option<&'static mut Slot> {
    let me = MINE.get().checked_sub(1)?;
    Some(&mut page().slots[me])
}

/// What waits for an object of this process waits for.
pub fn object_key(object: *mut ffi::PyObject) -> u64 {
    u64::from(process()) << 48 | object as u64
}

/// Waits until the thread has ended; says whether it has. `deadline` is in virtual ns.
///
/// # Safety
/// As for `point`.
pub unsafe fn await_end(thread: u32, deadline: Option<u64>) -> Woken {
    while mine() && find(thread).is_some() {
        match block(end_key(process(), thread), deadline) {
            Woken::Changed => {}
            other => return other,
        }
    }
    Woken::Changed
}

/// The thread of the slot has ended, and gives the baton on. It has no thread state any more.
pub unsafe fn leave(me: usize) {
    let page = page();
    while exchange(&page.slots[me].state, state::RUNNING, state::CONTROLLING).is_err() {
        come_back(me);
    }
    wake_all(end_key(page.slots[me].process, page.slots[me].thread));
    if page.slots[me].sentinel != 0 {
        wake_all(page.slots[me].sentinel);
    }
    page.slots[me].state.store(state::FREE, Ordering::SeqCst);
    MINE.set(0);
    if page.phase.load(Ordering::SeqCst) == phase::RUNNING {
        page.holder.store(CHOOSING, Ordering::SeqCst);
        give(choose(None));
    }
}

/// Virtual time in ns since the start of the run.
pub fn now() -> u64 {
    unsafe { page() }.now.load(Ordering::Relaxed)
}

/// Lets a little virtual time pass, as a look at the clock does.
///
/// # Safety
/// As for `point`.
pub unsafe fn tick() -> u64 {
    let page = page();
    if mine() {
        // A thread that looks at the clock again and again may wait for another's work.
        if page.turn.fetch_add(1, Ordering::Relaxed) >= PATIENCE {
            point(0, 0, 0);
        }
    }
    page.now.fetch_add(STEP, Ordering::Relaxed) + STEP
}

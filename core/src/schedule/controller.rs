//! The controller: one thread of all has the baton, and gives it on at scheduling points.
//!
//! Everything here is called by the thread that has the baton, or ends up having it. A thread that
//! was set aside (`OUTSIDE`) first queues up for it again.

use super::page::{key, outward, phase, reason, state, Page, Slot, NEVER, SLOTS};
use super::strategies::{self, Choice};
use super::{ending, processes};
use crate::daemons::finalizing;
use crate::record::session::Gil;
use pyo3::ffi;
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
    /// Whether the calling thread has passed the point of its next event.
    static PASSED: Cell<bool> = const { Cell::new(false) };
}

/// Virtual ns for each scheduling point.
const STEP: u64 = 1_000;
/// A thread that runs for so many steps while others are ready waits for them: it may be spinning.
const PATIENCE: u64 = 1_000;
/// How long the main thread waits for its turn after a signal, in ns, before it just goes on.
const SIGNAL_PATIENCE: u64 = 100_000_000;

/// `holder` while somebody without a slot of its own is choosing.
pub const CHOOSING: u32 = u32::MAX;

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

/// Whether this process is under control.
#[inline(always)]
pub fn controlled() -> bool {
    !PAGE.load(Ordering::Relaxed).is_null()
}

/// The page of a controlled process, to be used by the holder of the baton.
pub unsafe fn page() -> &'static mut Page {
    &mut *MEMORY.load(Ordering::Relaxed)
}

pub fn process() -> u32 {
    PROCESS.load(Ordering::Relaxed)
}

/// Puts this process under control; the calling thread has the baton.
pub unsafe fn adopt(page: *mut Page, process: u32) {
    PROCESS.store(process, Ordering::Relaxed);
    MEMORY.store(page, Ordering::SeqCst);
    PAGE.store(page, Ordering::SeqCst);
}

/// Lets all threads of this process run freely from now on.
pub fn abandon() {
    PAGE.store(null_mut(), Ordering::SeqCst);
    MINE.set(0);
}

/// Whether the supervisor has gone, and this process goes on without control.
pub unsafe fn is_left() -> bool {
    page().phase.load(Ordering::SeqCst) == phase::LEFT
}

/// Whether the calling thread is under control.
#[inline]
pub fn mine() -> bool {
    controlled() && MINE.get() != 0
}

/// The calling thread's slot, with the baton in its hand: until `resume` it is not set aside.
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

pub unsafe fn resume(me: usize) {
    page().slots[me]
        .state
        .store(state::RUNNING, Ordering::SeqCst);
}

pub fn exchange(word: &AtomicU32, from: u32, to: u32) -> Result<u32, u32> {
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
        Some(next) if next == me => resume(me),
        next => {
            slot.reason = reason::CHANGED;
            slot.state.store(state::READY, Ordering::SeqCst);
            hand_over(me, next);
        }
    }
    PASSED.set(true);
    super::replay::at_stop();
}

/// Whether the calling thread, if it is under control, has passed the point of its next event.
pub fn passed() -> bool {
    PASSED.get() || !mine()
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
///
/// # Safety
/// As for `point`.
pub unsafe fn block(wait: Wait) -> Woken {
    if MINE.get() == 0 || finalizing() {
        return Woken::Uncontrolled;
    }
    let Some(me) = take() else {
        return Woken::Uncontrolled;
    };
    let slot = &mut page().slots[me];
    slot.key = wait.key;
    slot.deadline = wait.deadline.unwrap_or(NEVER);
    (slot.op, slot.outward) = (u32::from(wait.op), wait.outward);
    slot.tried &= !wait.fresh;
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
    super::replay::at_stop();
    match page().slots[me].reason {
        reason::TIMED_OUT => Woken::TimedOut,
        reason::INTERRUPTED => {
            super::replay::interrupt();
            Woken::Interrupted
        }
        reason::ALONE => Woken::Alone,
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

pub unsafe fn in_use() -> &'static mut [Slot] {
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
            if let Some(next) = look_around() {
                return Some(next);
            }
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

/// Whether the thread waits for what may have come without our seeing it.
pub fn may_look(slot: &Slot) -> bool {
    slot.key == key::IO && !slot.tried && slot.state.load(Ordering::SeqCst) == state::BLOCKED
}

/// Whether the thread waits for what may come from outside the run.
pub fn looks_outward(slot: &Slot) -> bool {
    slot.state.load(Ordering::SeqCst) == state::BLOCKED
        && match slot.outward {
            outward::NO => false,
            outward::OF_OTHERS => processes::has_others(),
            _ => true,
        }
}

/// While nobody else can go on: lets those look who wait for a pipe or a socket, each once, and then
/// gives the baton to one that may wait for something from outside.
unsafe fn look_around() -> Option<usize> {
    if let Some(next) = in_use().iter().position(may_look) {
        page().slots[next].tried = true;
        return claim(next, reason::CHANGED).then_some(next);
    }
    let next = in_use().iter().position(looks_outward)?;
    claim(next, reason::ALONE).then_some(next)
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
pub unsafe fn claim(index: usize, why: u32) -> bool {
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
    let mut back_soon = false;
    if let Some(next) = next {
        let slots = &mut page().slots;
        back_soon = slots[me].giver == next as u32 + 1;
        slots[next].giver = me as u32 + 1;
    }
    let saved = ffi::PyEval_SaveThread();
    give(next);
    await_baton(me, back_soon);
    restore(saved);
}

/// Takes the GIL again; while the interpreter ends, never (see `daemons`).
pub unsafe fn restore(saved: *mut ffi::PyThreadState) {
    ffi::PyEval_RestoreThread(saved);
    match page().phase.load(Ordering::SeqCst) {
        phase::RUNNING => {}
        phase::LEFT => abandon(),
        _ => ending::end_process(),
    }
}

/// Wakes the new holder; without one, waits for those outside, or ends the run.
pub unsafe fn give(next: Option<usize>) {
    if let Some(next) = next {
        page().slots[next].go.give();
    } else if page().outside.load(Ordering::SeqCst) > 0 {
        lay_down();
    } else if processes::bury_dead() || await_servers() {
        give(choose(None));
    } else if in_use()
        .iter()
        .any(|slot| slot.state.load(Ordering::SeqCst) != state::FREE)
    {
        let how = strategies::of(&page().strategy).when_nobody_can_go(&page().strategy);
        end_all(how);
    } else {
        page().holder.store(0, Ordering::SeqCst);
    }
}

/// Before a run in which nobody can go on is given up: a server of multiprocessing may still be about
/// to write how a process ended. Says whether those who wait for pipes are to look again.
unsafe fn await_servers() -> bool {
    const LOOKS: u32 = 40;
    let page = page();
    let steps = page.steps.load(Ordering::Relaxed);
    if page.looks.0 != steps {
        page.looks = (steps, 0);
    }
    page.looks.1 += 1;
    let mut waiting = 0;
    for slot in in_use() {
        if slot.key == key::IO && slot.state.load(Ordering::SeqCst) == state::BLOCKED {
            slot.tried = false;
            waiting += 1;
        }
    }
    let again = page.served && waiting > 0 && page.looks.1 <= LOOKS;
    if again {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    again
}

/// Ends a replayed run in which nobody comes back to do what the others wait for.
pub unsafe fn diverge() {
    end_all(phase::DIVERGED);
}

/// Ends all processes, unless they have just been left running.
unsafe fn end_all(how: u32) {
    if exchange(&page().phase, phase::RUNNING, how).is_ok() {
        ending::pass_on();
    }
}

/// The calling thread, which had the baton and has left its slot, gives it to somebody.
pub unsafe fn give_on() {
    let page = page();
    if page.phase.load(Ordering::SeqCst) == phase::RUNNING {
        page.chooser.store(std::process::id(), Ordering::SeqCst);
        page.holder.store(CHOOSING, Ordering::SeqCst);
        give(choose(None));
    }
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
        page.chooser.store(std::process::id(), Ordering::SeqCst);
        give(choose(None));
    }
}

/// Takes a baton that nobody has, at a later time.
pub unsafe fn pick_up_at(time: u64) {
    let page = page();
    if exchange(&page.holder, 0, CHOOSING).is_ok() {
        page.chooser.store(std::process::id(), Ordering::SeqCst);
        page.now.fetch_max(time, Ordering::Relaxed);
        give(choose(None));
    }
}

/// Waits for the baton. A signal interrupts the main thread: it goes next, or, if nobody comes to
/// a scheduling point, goes on without the baton. `soon`: it is likely to be back at once.
pub unsafe fn await_baton(me: usize, soon: bool) {
    let page = page();
    let slot = &mut page.slots[me];
    let mut limit = None;
    slot.sleeps.store(1, Ordering::SeqCst);
    while !is_left() {
        // A signal must reach the main thread.
        let Err(error) = slot.go.wait(soon && slot.thread != 1, limit) else {
            slot.go.reset();
            // A watchdog may have woken it once too often.
            let state = slot.state.load(Ordering::SeqCst);
            let ends = page.phase.load(Ordering::SeqCst) != phase::RUNNING;
            if ends || matches!(state, state::RUNNING | state::OUTSIDE) {
                break;
            }
            continue;
        };
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
                slot.sleeps.store(0, Ordering::SeqCst);
                return;
            }
            page.outside.fetch_sub(1, Ordering::SeqCst);
        }
        page.urgent.store(me as u32 + 1, Ordering::SeqCst);
        limit = Some(SIGNAL_PATIENCE);
        pick_up();
    }
    slot.sleeps.store(0, Ordering::SeqCst);
    super::threads::await_left();
    processes::await_departed();
}

/// A thread that was outside queues up for the baton.
unsafe fn come_back(me: usize) {
    let page = page();
    let slot = &mut page.slots[me];
    slot.reason = reason::CHANGED;
    if exchange(&slot.state, state::OUTSIDE, state::READY).is_err() {
        // The process has left the run, and is about to end.
        loop {
            libc::pause();
        }
    }
    page.outside.fetch_sub(1, Ordering::SeqCst);
    page.returns.fetch_add(1, Ordering::SeqCst);
    pick_up();
    await_baton(me, false);
}

/// Sets the holder aside, which waits in something uncontrolled. Called by the watchdog.
pub unsafe fn set_aside(index: usize) {
    let page = page();
    if exchange(&page.slots[index].state, state::RUNNING, state::OUTSIDE).is_ok() {
        page.outside.fetch_add(1, Ordering::SeqCst);
        page.set_aside.fetch_add(1, Ordering::SeqCst);
        give_on();
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

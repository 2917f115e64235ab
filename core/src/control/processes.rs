//! How processes come under control, and how they leave it.
//!
//! A process gets the slot of its first thread from its parent, before it is made. It leaves the run
//! before it ends: its last act is to give the baton on, and the next holder waits until the process
//! has gone. So whatever its end brings about (a child to be waited for, an end of a pipe) has been
//! brought about before anybody goes on. Of one that is killed the watchdogs take the slots away.

use super::baton::{self, await_baton, give_on, pick_up};
use super::departed::{self, free, wake_for_end};
use super::page::{phase, state, Slot, NONE, UNKNOWN};
use super::points::take;
use super::slots::{
    self, become_process, controlled, exchange, in_use, mine, page, process, resume, strategy, MINE,
};
use super::{ending, members, pids, threads, watchdog};
use pyo3::Python;
use std::cell::Cell;
use std::sync::atomic::Ordering;

thread_local! {
    /// The slot + 1 of the process that this thread is making; 0: none.
    static BORN: Cell<usize> = const { Cell::new(0) };
    /// Whether it is made by a fork of this thread.
    static FORKING: Cell<bool> = const { Cell::new(false) };
    /// The slot + 1 of the process that this thread forked last.
    static FORKED: Cell<usize> = const { Cell::new(0) };
}

/// A process of the run has just been killed by the holder of the baton, who goes on when it is dead.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn bury(py: Python<'_>, pid: u32) {
    departed::await_killed(py, pid);
    baton::bury_dead();
}

/// The calling thread is about to make a process: its slot, if that is to be under control.
pub fn bear(_: Python<'_>, path: &str) -> Option<usize> {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        let me = take()?;
        let number = page().processes.fetch_add(1, Ordering::Relaxed) + 1;
        let born = threads::make(number, 0, 1, path, state::UNBORN);
        BORN.set(born.map_or(0, |slot| slot + 1));
        page().slots[me].bears.store(1, Ordering::SeqCst);
        resume(me);
        born
    }
}

/// The calling thread is about to fork the process that it is making.
///
/// Others have the GIL meanwhile.
pub fn forking(py: Python<'_>) {
    FORKING.set(true);
    watchdog::stop(py);
}

/// Whether the calling thread forks a process that it makes.
pub fn forks() -> bool {
    FORKING.get()
}

/// The process has been made: it may be its turn from now on. Its pid, or 0 if it will tell it.
///
/// Others have the GIL meanwhile.
pub fn made(py: Python<'_>, pid: u32) {
    let forked = FORKING.take();
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        if let Some(born) = born() {
            let slot = &mut page().slots[born];
            slot.pid.fetch_max(pid, Ordering::SeqCst);
            pids::add(slot.goes_by, pid);
            // It may be killed before it begins.
            if let Some(parent) = members::parent_of(pid).filter(|_| !forked) {
                made_by(slot, parent);
            }
            let _ = exchange(&slot.state, state::UNBORN, state::READY);
            if forked {
                FORKED.set(born + 1);
            }
        }
    }
    // Python has not looked yet whether a process that forks has other threads, of which it warns.
    if controlled() && !forked {
        watchdog::start(py);
    }
}

/// The process of the slot has that parent: it may be a server that has made it for its maker, one that
/// multiprocessing has started.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
unsafe fn made_by(slot: &mut Slot, parent: u32) {
    if parent != slot.maker {
        slot.server = parent;
        page().served = true;
    }
}

/// The process has not been made.
pub fn not_made() {
    FORKING.set(false);
    if let Some(born) = born() {
        // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
        let word = &unsafe { page() }.slots[born].state;
        if exchange(word, state::UNBORN, state::FREE).is_err() {
            let _ = exchange(word, state::READY, state::FREE); // it was to be in this one's place
        }
    }
}

/// The process that the calling thread is making takes the place of this one: it begins there if
/// the call that makes it does not return.
pub fn becoming(_: Python<'_>) {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        if let Some(born) = BORN.get().checked_sub(1).filter(|_| controlled()) {
            let slot = &page().slots[born];
            slot.pid.store(std::process::id(), Ordering::SeqCst);
            pids::add(slot.goes_by, std::process::id());
            let _ = exchange(&slot.state, state::UNBORN, state::READY);
        }
    }
}

/// The program in whose place the one of that slot runs has gone, and all its threads.
unsafe fn replace(slot: usize) {
    let (own, pid) = (page().slots[slot].process, std::process::id());
    let is_of_former = |slot: &&Slot| slot.process != own && slot.pid.load(Ordering::SeqCst) == pid;
    let mut had_baton = false;
    for former in in_use().iter().filter(is_of_former) {
        had_baton |= free(former);
    }
    if had_baton {
        give_on();
    }
}

/// The fork is over: the process has that pid, which it will tell itself when it runs. None: there is
/// none, although Python told as if there were.
///
/// Others have the GIL meanwhile.
pub fn forked(py: Python<'_>, pid: Option<u32>) {
    if !controlled() {
        return;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        if let Some(born) = FORKED.take().checked_sub(1) {
            let slot = &page().slots[born];
            let _ = match pid {
                Some(pid) => {
                    pids::add(slot.goes_by, pid);
                    exchange(&slot.pid, 0, pid)
                }
                None => exchange(&slot.state, state::READY, state::FREE),
            };
        }
        if mine() {
            strategy().started(py);
        }
    }
    watchdog::start(py);
}

/// The slot that this thread has made for a process, of which it now knows what became.
fn born() -> Option<usize> {
    if mine() {
        let me = MINE.get() - 1;
        // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
        unsafe { page() }.slots[me].bears.store(0, Ordering::SeqCst);
    }
    BORN.take().checked_sub(1).filter(|_| controlled())
}

/// In a forked child, before anything else runs there: it waits for its turn. A child of a thread
/// that is not under control is not either.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn begin_forked(py: Python<'_>) {
    let forking = FORKING.take();
    let born = born().filter(|_| forking);
    threads::forget_end();
    if controlled() {
        strategy().forked();
    }
    match born {
        Some(slot) => {
            // It is the thread that forked, as far as it can tell.
            page().slots[slot].ident = super::idents::own().0;
            begin(py, slot)
        }
        None => {
            slots::abandon();
            super::idents::leave();
        }
    }
}

/// The calling thread is the first of the process of that slot, and waits for its turn.
///
/// # Safety
/// The process has one thread.
pub unsafe fn begin(py: Python<'_>, slot: usize) {
    become_process(page().slots[slot].process);
    page().slots[slot]
        .pid
        .store(std::process::id(), Ordering::SeqCst);
    if page().slots[slot].maker == std::process::id() {
        replace(slot);
    } else {
        made_by(&mut page().slots[slot], libc::getppid() as u32);
    }
    threads::settle(py, slot);
    await_baton(slot, false);
    pids::begin(&page().slots[slot]);
    match page().phase.load(Ordering::SeqCst) {
        phase::RUNNING => {}
        phase::LEFT => slots::abandon(),
        _ => {
            free(&page().slots[slot]);
            ending::pass_on();
            libc::_exit(ending::STATUS);
        }
    }
}

/// This process, under control, goes on after its fork.
///
/// The process has one thread.
pub fn go_on(py: Python<'_>) {
    if mine() {
        watchdog::start(py);
    }
}

/// This process is about to end: it leaves the run. In a replay it dies of the signal that the recording
/// saw it die of, which came while it ended.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn leave(py: Python<'_>) {
    if !mine() {
        return;
    }
    let me = MINE.get() - 1;
    let slot = &page().slots[me];
    let of_signal = slot.ended < 0 && slot.ended != UNKNOWN && slot.next == NONE;
    let number = if of_signal && process() != 1 && strategy().is_settled(py) {
        -slot.ended
    } else {
        0
    };
    depart(me);
    if number != 0 {
        die_of(number);
    }
}

unsafe fn depart(me: usize) {
    let holds = exchange(&page().slots[me].state, state::RUNNING, state::CONTROLLING).is_ok();
    let own = process();
    for slot in in_use().iter().filter(|slot| slot.process == own) {
        free(slot);
    }
    wake_for_end();
    let server = page().slots[me].server;
    page().departing_from.store(server, Ordering::SeqCst);
    page().departing.store(std::process::id(), Ordering::SeqCst);
    MINE.set(0);
    if holds {
        page().leaver = me as u32 + 1;
        give_on();
    } else {
        pick_up();
    }
}

/// This process leaves the run, but goes on: all its threads run freely from now on, those that wait
/// in the controller too.
pub fn release(py: Python<'_>) {
    watchdog::stop(py);
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        if take().is_none() {
            return;
        }
        let own = process();
        slots::abandon();
        for slot in in_use().iter().filter(|slot| slot.process == own) {
            free(slot);
            slot.go.give();
        }
        give_on();
    }
}

/// Whether the calling thread is making a process.
pub fn bears() -> bool {
    BORN.get() != 0
}

/// A process that a signal kills, in a replay: whether it is to die now. Else it has some of its
/// recorded events to make first, and ends by the signal after the last of them; or the recording
/// saw it end in another way.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn dies_now(py: Python<'_>, pid: u32, number: i32) -> bool {
    if !strategy().is_settled(py) {
        return true;
    }
    let own = |slot: &&mut Slot| slot.pid.load(Ordering::SeqCst) == pid;
    let mut slots: Vec<_> = in_use().iter_mut().filter(own).collect();
    let ended = slots.iter().find(|slot| slot.thread == 1);
    if ended.is_some_and(|slot| slot.ended != UNKNOWN && slot.ended != -number) {
        return false;
    }
    let is_done = slots.iter().all(|slot| strategy().is_done(slot));
    for slot in slots.iter_mut().filter(|_| !is_done) {
        slot.doom = number;
    }
    is_done
}

/// The calling thread has made the last of its recorded events. If its process was to die of a signal
/// after that, it dies.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn meet_doom(number: i32) {
    let own = process();
    if in_use()
        .iter()
        .any(|slot| slot.process == own && !strategy().is_done(slot))
    {
        return;
    }
    depart(MINE.get() - 1);
    die_of(number)
}

/// This process, which has left the run, dies of the signal.
unsafe fn die_of(number: i32) -> ! {
    libc::signal(number, libc::SIG_DFL);
    libc::kill(libc::getpid(), number);
    loop {
        libc::pause();
    }
}

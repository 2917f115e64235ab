//! How the baton goes from one thread to another, of whatever process.

use super::choice::choose;
use super::members::is_alive;
use super::page::{key, phase, reason, state, Slot};
use super::slots::{abandon, exchange, in_use, is_left, page, CHOOSING};
use super::{comers, departed, ending, strategies};
use pyo3::ffi;
use std::sync::atomic::Ordering;
use std::sync::OnceLock;
use std::time::Duration;

/// How long the main thread waits for its turn after a signal, in ns, before it just goes on.
const SIGNAL_PATIENCE: u64 = 100_000_000;

/// Starts the watchdog of this process, if it does not run.
static WATCH: OnceLock<fn()> = OnceLock::new();

/// Has somebody watch while nobody has the baton. It is the same function each time.
pub fn watch_by(begin: fn()) {
    WATCH.get_or_init(|| begin);
}

/// Gives the baton to `next` and waits until it comes back.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn hand_over(me: usize, next: Option<usize>) {
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
///
/// # Safety
/// `saved` is what `PyEval_SaveThread` gave in this thread.
pub unsafe fn restore(saved: *mut ffi::PyThreadState) {
    ffi::PyEval_RestoreThread(saved);
    match page().phase.load(Ordering::SeqCst) {
        phase::RUNNING => {}
        phase::LEFT => abandon(),
        _ => ending::end_process(),
    }
}

/// Wakes the new holder; without one, waits for those outside, or ends the run.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn give(next: Option<usize>) {
    if let Some(next) = next {
        page().slots[next].go.give();
    } else if page().outside.load(Ordering::SeqCst) > 0 {
        lay_down();
    } else if somebody_came() || bury_dead() || await_servers() {
        give(choose(None));
    } else if in_use()
        .iter()
        .any(|slot| slot.state.load(Ordering::SeqCst) != state::FREE)
    {
        let how = strategies::of(&page().strategy).when_nobody_can_go(&page().strategy);
        let signals_may_come = match how {
            phase::DEADLOCK => comers::signals_may_come(),
            // A trace that is followed does not say that a signal came, but what the handler did.
            phase::DIVERGED => comers::alarms_may_come(),
            _ => false,
        };
        if comers::threads_may_come() || signals_may_come {
            // It looks again whether anybody may.
            if let Some(begin) = WATCH.get() {
                begin();
            }
            lay_down();
        } else if how == phase::DEADLOCK && interrupt_a_main() {
            give(choose(None));
        } else {
            end_all(how);
        }
    } else {
        page().holder.store(0, Ordering::SeqCst);
    }
}

/// How often those who wait for pipes look again, 5 ms after each other.
const LOOKS: u32 = 200;

/// Whether a server of multiprocessing may be about to write how a process ended, for which somebody
/// waits: it is not under control.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn servers_may_tell() -> bool {
    let page = page();
    let (steps, looks) = page.looks;
    let tired = steps == page.steps.load(Ordering::Relaxed) && looks >= LOOKS;
    let waits =
        |slot: &Slot| slot.key == key::IO && slot.state.load(Ordering::SeqCst) == state::BLOCKED;
    page.served && !tired && page.outside.load(Ordering::SeqCst) == 0 && in_use().iter().any(waits)
}

/// Before a run in which nobody can go on is given up: a server of multiprocessing may still be about
/// to write how a process ended. Says whether those who wait for pipes are to look again.
unsafe fn await_servers() -> bool {
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
        std::thread::sleep(Duration::from_millis(5));
    }
    again
}

/// Before a run is given up, the main threads look, one after the other, whether a signal came just
/// before they went to wait: its handler has not run then. Says whether one is to look.
unsafe fn interrupt_a_main() -> bool {
    let page = page();
    let steps = page.steps.load(Ordering::Relaxed);
    let (at, asked) = page.interrupted;
    let from = if at == steps { asked as usize } else { 0 };
    let waits =
        |slot: &Slot| slot.thread == 1 && slot.state.load(Ordering::SeqCst) == state::BLOCKED;
    let next = in_use().iter().skip(from).position(waits);
    let Some(main) = next.map(|position| from + position) else {
        return false;
    };
    page.interrupted = (steps, main as u32 + 1);
    page.urgent.store(main as u32 + 1, Ordering::SeqCst);
    true
}

/// Ends a replayed run in which nobody has come back for so long to do what the trace says.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn diverge(idle: Duration) {
    page().gave_up_after = idle.as_nanos() as u64;
    end_all(phase::DIVERGED);
    ending::end_soon();
}

/// Ends a run that has come to its bound of steps, and this process.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn end_endless() -> ! {
    end_all(phase::ENDLESS);
    ending::end_process()
}

/// Ends all processes, unless they have just been left running.
unsafe fn end_all(how: u32) {
    if exchange(&page().phase, phase::RUNNING, how).is_ok() {
        ending::pass_on();
    }
}

/// The calling thread, which had the baton and has left its slot, gives it to somebody.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn give_on() {
    let page = page();
    if page.phase.load(Ordering::SeqCst) == phase::RUNNING {
        page.chooser.store(std::process::id(), Ordering::SeqCst);
        page.holder.store(CHOOSING, Ordering::SeqCst);
        give(choose(None));
    }
}

/// Whether a thread has come back from outside, or was woken by a signal, since the last choice.
unsafe fn somebody_came() -> bool {
    let page = page();
    let came_back = page.returns.load(Ordering::SeqCst) != page.returns_seen.load(Ordering::SeqCst);
    page.urgent.load(Ordering::SeqCst) != 0 || came_back
}

/// Nobody has the baton until a thread comes back from outside; one may just have.
unsafe fn lay_down() {
    page().holder.store(0, Ordering::SeqCst);
    if somebody_came() {
        pick_up();
    }
}

/// Takes a baton that nobody has, and gives it to one who can run.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn pick_up() {
    let page = page();
    if exchange(&page.holder, 0, CHOOSING).is_ok() {
        page.chooser.store(std::process::id(), Ordering::SeqCst);
        give(choose(None));
    }
}

/// Takes a baton that nobody has, at a later time.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
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
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
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
    departed::await_left();
    departed::await_departed();
}

/// A thread that was outside queues up for the baton.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn come_back(me: usize) {
    let page = page();
    let slot = &mut page.slots[me];
    slot.reason = reason::CHANGED;
    if exchange(&slot.state, state::OUTSIDE, state::READY).is_err() {
        // The process has left the run, and is about to end.
        loop {
            libc::pause();
        }
    }
    // In this order: whoever finds nobody outside finds that one came back.
    page.returns.fetch_add(1, Ordering::SeqCst);
    page.outside.fetch_sub(1, Ordering::SeqCst);
    pick_up();
    await_baton(me, false);
}

/// Sets the holder aside, which waits in something uncontrolled. Called by the watchdog.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn set_aside(index: usize) {
    let page = page();
    if exchange(&page.slots[index].state, state::RUNNING, state::OUTSIDE).is_ok() {
        page.outside.fetch_add(1, Ordering::SeqCst);
        page.set_aside.fetch_add(1, Ordering::SeqCst);
        give_on();
    }
}

/// Takes the slots of processes that have died without leaving. If one had the baton, it is given to
/// somebody. Says whether there were any.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn bury_dead() -> bool {
    let (found, had_baton) = departed::take_slots_of_dead();
    if had_baton {
        give_on();
    }
    found
}

/// Chooses in the place of a process that has died while it chose.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn choose_for_dead() {
    let page = page();
    let dead = page.chooser.load(Ordering::SeqCst);
    if dead != 0 && !is_alive(dead) && exchange(&page.holder, CHOOSING, 0).is_ok() {
        pick_up();
    }
}

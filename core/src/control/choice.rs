//! Who goes next: the strategy picks among those who can go on. When nobody can, time jumps, or who
//! waits for something from outside looks whether it has come.

use super::page::{key, outward, reason, state, Slot, NEVER, SLOTS};
use super::slots::{exchange, in_use, page, MINE};
use super::strategies::{self, Choice, Switch};
use super::{alarms, members};
use crate::gil::Baton;
use crate::record;
use std::sync::atomic::Ordering;

/// A thread that runs for so many steps while others are ready waits for them: it may be spinning.
pub const PATIENCE: u64 = 1_000;

static READY: Baton<[usize; SLOTS]> = Baton::new([0; SLOTS]);

/// Picks who runs next and gives it the baton, but does not wake it. None if nobody can run.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn choose(current: Option<usize>) -> Option<usize> {
    let returns = page().returns.load(Ordering::SeqCst);
    page().returns_seen.store(returns, Ordering::SeqCst);
    let strategy = strategies::of(&page().strategy);
    loop {
        alarms::send();
        let urgent = page().urgent.swap(0, Ordering::SeqCst) as usize;
        if urgent != 0 && claim(urgent - 1, reason::INTERRUPTED) {
            page().slots[urgent - 1].reason = reason::INTERRUPTED;
            return Some(urgent - 1);
        }
        let (ready, due) = list_ready(current);
        if due == 0 && !strategy.keeps_time() {
            if let Some(next) = look_around() {
                return Some(next);
            }
            if ready.is_empty() {
                if !jump() {
                    return None;
                }
                continue;
            }
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

/// Who can go on: the current thread, the ready, and those whose time has come; then, where time is
/// explored, those whose time may come now, the earliest first. How many the first are, too.
unsafe fn list_ready(current: Option<usize>) -> (&'static mut [usize], usize) {
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
    let due = count;
    if page().explores_time && page().outside.load(Ordering::SeqCst) == 0 {
        for (index, slot) in in_use().iter().enumerate() {
            let waits = slot.state.load(Ordering::SeqCst) == state::BLOCKED;
            if waits && slot.deadline > now && slot.deadline != NEVER {
                ready[count] = index;
                count += 1;
            }
        }
        ready[due..count].sort_unstable_by_key(|&slot| in_use()[slot].deadline);
    }
    (&mut ready[..count], due)
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
            outward::YES => true,
            _ => members::has_others(),
        }
}

/// One that waits for what other programs might have brought, of which none is left: it looks once more,
/// for the last may have brought it, and ended, after the thread has looked. Nobody may look outward.
pub fn looks_last(slots: &mut [Slot], step: u64) -> Option<usize> {
    let next = slots.iter().position(|slot| {
        slot.state.load(Ordering::SeqCst) == state::BLOCKED
            && !matches!(slot.outward, outward::NO | outward::YES)
            && slot.settled != step + 1
    })?;
    slots[next].settled = step + 1;
    Some(next)
}

/// While nobody else can go on: lets those look who wait for a pipe or a socket, each once, and then
/// gives the baton to one that may wait for something from outside.
unsafe fn look_around() -> Option<usize> {
    if let Some(next) = in_use().iter().position(may_look) {
        page().slots[next].tried = true;
        return claim(next, reason::CHANGED).then_some(next);
    }
    if let Some(next) = in_use().iter().position(looks_outward) {
        return claim(next, reason::ALONE).then_some(next);
    }
    let next = looks_last(in_use(), page().steps.load(Ordering::Relaxed))?;
    claim(next, reason::CHANGED).then_some(next)
}

/// The earliest deadline of those who wait, or alarm.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn earliest() -> Option<u64> {
    let waiting = in_use()
        .iter()
        .filter(|slot| slot.state.load(Ordering::SeqCst) == state::BLOCKED);
    waiting
        .map(|slot| slot.deadline)
        .filter(|&at| at != NEVER)
        .chain(alarms::earliest())
        .min()
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
    look_again(in_use());
    true
}

/// Real time has passed: what was still on its way may have come.
pub fn look_again(slots: &mut [Slot]) {
    for slot in slots {
        slot.tried &= slot.outward != outward::LATE;
    }
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
    let slots = &mut page.slots[..page.used.load(Ordering::Relaxed) as usize];
    let leaver = std::mem::take(&mut page.leaver) as usize;
    let chooser = MINE.get().checked_sub(1).or(leaver.checked_sub(1));
    match chooser {
        Some(slot) => slots[slot].choices += 1,
        None => page.nameless += 1,
    }
    let choice = Choice {
        chooser: chooser.map(|slot| (slot, slots[slot].choices)),
        nameless: page.nameless,
        slots,
        ready,
        current,
        step: page.steps.load(Ordering::Relaxed),
    };
    let (usual, (from, count)) = (choice.usual(), choice.place());
    let has_started = choice.starter().is_some() || current.is_none();
    let next = strategy.next(&mut page.strategy, choice)?;
    if let (Some(slot), true) = (chooser, has_started) {
        page.slots[slot].starter = 0;
    }
    if usual != Some(next) && !strategy.keeps_time() {
        page.made.push(Switch {
            from,
            count,
            to: page.slots[next].name,
            preempts: usual == current,
            event: record::page::upcoming(),
        });
    }
    Some(next)
}

/// Makes a waiting thread the holder. `why` is for one that is still blocked.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
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

//! A thread of a manager's server acts for the caller of a proxy: what it makes meanwhile are the
//! caller's events. So it has the caller's next event in its slot in place of its own, and it is its
//! turn when it would be the caller's, who waits for the answer.

use super::run;
use super::script::Script;
use crate::control::page::{state, Slot, NONE};
use crate::control::slots;
use crate::ops;
use pyo3::Python;
use std::sync::atomic::Ordering;

/// In the place of the next event of a thread that another acts for. There is no such event either.
pub const LENT: u64 = NONE - 1;

/// The calling thread has begun with the request of the event.
pub fn executes(script: &Script, slot: &mut Slot, link: u64) {
    let call = script.event(script.position(link));
    slot.serves = call.map_or(0, |call| call.thread);
}

/// From here to `act_no_more` the calling thread makes events of the caller whose request it has.
pub fn act(_: Python<'_>) {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        if let Some((run, me)) = run().zip(slots::MINE.get().checked_sub(1)) {
            lend(&run.script, slots::in_use(), me);
        }
    }
}

/// The thread of the slot `me` gets the next event of the caller whose request it has.
pub(super) fn lend(script: &Script, slots: &mut [Slot], me: usize) {
    let serves = slots[me].serves;
    let caller = slots.iter().position(|one| {
        let next = script.event(one.next);
        next.is_some_and(|event| event.thread == serves)
            && one.state.load(Ordering::SeqCst) != state::FREE
    });
    if let Some(index) = caller {
        let lent = std::mem::replace(&mut slots[index].next, LENT);
        let slot = &mut slots[me];
        slot.acts_for = index as u32 + 1;
        slot.own_next = std::mem::replace(&mut slot.next, lent);
    }
}

/// The calling thread makes its own events again, if it does not do so already.
pub fn act_no_more(_: Python<'_>) {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        if let Some(me) = slots::MINE.get().checked_sub(1) {
            give_back(slots::in_use(), me);
        }
    }
}

/// The thread of the slot `me` gives back what it was lent, if it was.
pub(super) fn give_back(slots: &mut [Slot], me: usize) {
    let slot = &mut slots[me];
    let Some(lender) = (slot.acts_for as usize).checked_sub(1) else {
        return;
    };
    let next = std::mem::replace(&mut slot.next, slot.own_next);
    slot.acts_for = 0;
    // It may have died meanwhile.
    if slots[lender].next == LENT {
        slots[lender].next = next;
    }
}

/// Whether the thread of the slot has made all its events, but for those that another makes for it.
pub unsafe fn is_done(slot: &Slot) -> bool {
    match run() {
        Some(run) => has_made_all(&run.script, slots::in_use(), slot),
        None => slot.next == NONE || slot.next == LENT,
    }
}

pub(super) fn has_made_all(script: &Script, slots: &[Slot], slot: &Slot) -> bool {
    if slot.next != LENT {
        return slot.next == NONE;
    }
    let lent = |one: &&Slot| {
        let lender = (one.acts_for as usize).checked_sub(1);
        lender.is_some_and(|lender| std::ptr::eq(&slots[lender], slot))
    };
    let mut next = slots.iter().find(lent).map_or(NONE, |one| one.next);
    while let Some(event) = script.event(next) {
        if event.op == ops::RESULT {
            return false;
        }
        next = script.after(next);
    }
    true
}

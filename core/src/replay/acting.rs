//! A thread of a manager's server acts for the caller of a proxy: what it makes meanwhile are the
//! caller's events. So it has the caller's next event in its slot in place of its own, and it is its
//! turn when it would be the caller's, who waits for the answer.

use super::run;
use super::script::Script;
use crate::ops;
use crate::schedule::page::{state, Slot, NONE};
use crate::schedule::slots;
use std::sync::atomic::Ordering;

/// In the place of the next event of a thread that another acts for. There is no such event either.
pub const LENT: u64 = NONE - 1;

/// The calling thread has begun with the request of the event.
pub fn executes(script: &Script, slot: &mut Slot, link: u64) {
    let call = script.event(script.position(link));
    slot.serves = call.map_or(0, |call| call.thread);
}

/// From here to `act_no_more` the calling thread makes events of the caller whose request it has.
///
/// # Safety
/// The GIL is held.
pub unsafe fn act() {
    let (Some(run), Some(slot)) = (run(), slots::my_slot()) else {
        return;
    };
    let caller = slots::in_use().iter().position(|one| {
        let next = run.script.event(one.next);
        next.is_some_and(|event| event.thread == slot.serves)
            && one.state.load(Ordering::SeqCst) != state::FREE
    });
    if let Some(index) = caller {
        let lender = &mut slots::page().slots[index];
        slot.acts_for = index as u32 + 1;
        slot.own_next = std::mem::replace(&mut slot.next, lender.next);
        lender.next = LENT;
    }
}

unsafe fn lender(slot: &Slot) -> &'static mut Slot {
    &mut slots::page().slots[slot.acts_for as usize - 1]
}

/// The calling thread makes its own events again, if it does not do so already.
///
/// # Safety
/// The GIL is held.
pub unsafe fn act_no_more() {
    let Some(slot) = slots::my_slot().filter(|slot| slot.acts_for != 0) else {
        return;
    };
    let lender = lender(slot);
    let next = std::mem::replace(&mut slot.next, slot.own_next);
    slot.acts_for = 0;
    // It may have died meanwhile.
    if lender.next == LENT {
        lender.next = next;
    }
}

/// Whether the thread of the slot has made all its events, but for those that another makes for it.
pub unsafe fn is_done(slot: &Slot) -> bool {
    if slot.next != LENT {
        return slot.next == NONE;
    }
    let Some(run) = run() else { return true };
    let lent = |one: &&Slot| one.acts_for != 0 && std::ptr::eq(lender(one), slot);
    let mut next = slots::in_use()
        .iter()
        .find(lent)
        .map_or(NONE, |one| one.next);
    while let Some(event) = run.script.event(next) {
        if event.op == ops::RESULT {
            return false;
        }
        next = run.script.after(next);
    }
    true
}

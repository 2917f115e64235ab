//! Operators of a subclass of a container that are methods of its own, which call the container's:
//! the access is made there, for the operator's site.

use super::hook::Object;
use super::kinds::Slot;
use std::cell::Cell;
use std::ptr::null_mut;

#[derive(Clone, Copy)]
struct Way {
    slot: Slot,
    object: Object,
    site: u32,
}

const NOWHERE: Way = Way {
    slot: Slot::InPlace,
    object: null_mut(),
    site: 0,
};

thread_local! {
    static WAY: Cell<Way> = const { Cell::new(NOWHERE) };
}

/// Does what an operator of `object` stands for; the container's own is recorded at the site.
pub fn at<T>(site: u32, slot: Slot, object: Object, operate: impl FnOnce() -> T) -> T {
    let outer = WAY.replace(Way { slot, object, site });
    let result = operate();
    WAY.set(outer);
    result
}

/// The site of the operator that this thread is on the way through, if it is this one. It is made
/// now, once.
pub fn taken(slot: Slot, object: Object) -> Option<u32> {
    let way = WAY.get();
    if way.object != object || way.slot != slot {
        return None;
    }
    WAY.set(NOWHERE);
    Some(way.site)
}

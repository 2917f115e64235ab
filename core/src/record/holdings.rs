//! Where objects lie: what reports call them after. Most of it is in the events, which say what was
//! stored or read where. Kept here is what no event says: what is bound once and for all, what lies in
//! a class's body or in a container that was written out; and the first place of each, for forked
//! children, whose logs do not have the parent's events, and for what a thread alone changed unseen.

use super::identity::{self, Listener};
use super::locations::{self, Place};
use crate::gil::Gil;
use crate::ops::location as kind;
use crate::reserve::Table;
use rustc_hash::FxHashMap;

static FIRST: Gil<Option<FxHashMap<u32, Place>>> = Gil::new(None);

/// Forgets everything: a new recording.
///
/// # Safety
/// The GIL is held.
pub unsafe fn reset() {
    *FIRST.get() = None;
}

/// The object lies at the place, and no event says so.
///
/// # Safety
/// The GIL is held; `object` is an object's number.
pub unsafe fn hold(place: Place, object: u32) {
    remember(place, object);
    locations::hold(place, object);
}

/// The object lies at the place; an event says so.
///
/// # Safety
/// As of `hold`.
pub unsafe fn remember(place: Place, object: u32) {
    let first = FIRST.get().get_or_insert_with(FxHashMap::default);
    first.spare();
    first.entry(object).or_insert(place);
}

/// Goes on with objects whose place the log does not have, and forgets those that die.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    identity::listen(Listener {
        again,
        forgotten: forget,
    });
}

/// The object, of which the log does not have where it lies, is met for the first time.
unsafe fn again(object: u32) {
    let place = FIRST.get().as_ref().and_then(|first| first.get(&object));
    if let Some(&place) = place.filter(|place| locations::is_known(place) && is_there(place)) {
        locations::hold(place, object);
    }
}

/// Whether a place of the object is known here.
///
/// # Safety
/// As of `hold`.
pub unsafe fn has_place(object: u32) -> bool {
    let first = FIRST.get().as_ref();
    first.is_some_and(|first| first.contains_key(&object))
}

/// Whether the object has a place in something that is still there.
///
/// # Safety
/// As of `hold`.
pub unsafe fn lies(object: u32) -> bool {
    let first = FIRST.get().as_ref();
    let place = first.and_then(|first| first.get(&object));
    place.is_some_and(|place| is_there(place))
}

/// The object lies at the place, and not where it lay before. The log has that when an event next has
/// the object.
///
/// # Safety
/// As of `hold`.
pub unsafe fn moved(place: Place, object: u32) {
    let first = FIRST.get().get_or_insert_with(FxHashMap::default);
    first.spare();
    first.insert(object, place);
    identity::untell(object);
}

unsafe fn is_there(place: &Place) -> bool {
    place.kind == kind::GLOBAL || identity::row(place.of).is_some()
}

/// The object has died.
unsafe fn forget(object: u32) {
    if let Some(first) = FIRST.get() {
        first.remove(&object);
    }
}

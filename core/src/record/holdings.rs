//! Where objects lie: what reports call them after. Most of it is in the events, which say what was
//! stored or read where. Kept here is what no event says: what is bound once and for all, what lies in
//! a class's body or in a container that was written out; and the first place of each, for forked
//! children, whose logs do not have the parent's events, and for what a thread alone changed unseen.

use super::identity::{self, Listener};
use super::locations::{self, Place};
use super::paged::Paged;
use crate::gil::Gil;
use crate::ops::location as kind;
use pyo3::Python;

/// By object.
static FIRST: Gil<Option<Paged<Place>>> = Gil::new(None);

/// Forgets everything: a new recording.
pub fn reset(py: Python<'_>) {
    FIRST.set(py, None);
}

/// The object lies at the place, and no event says so.
///
/// `object` is an object's number.
pub fn hold(py: Python<'_>, place: Place, object: u32) {
    remember(py, place, object);
    locations::hold(py, place, object);
}

/// The object lies at the place; an event says so.
pub fn remember(py: Python<'_>, place: Place, object: u32) {
    let mut first = FIRST.get_or_insert_with(py, Paged::default);
    if first.get(object).is_none() {
        first.put(object, place);
    }
}

/// Goes on with objects whose place the log does not have, and forgets those that die.
pub fn install(py: Python<'_>) {
    identity::listen(
        py,
        Listener {
            again,
            forgotten: forget,
        },
    );
}

/// The object, of which the log does not have where it lies, is met for the first time.
fn again(py: Python<'_>, object: u32) {
    if let Some(place) = first_place(py, object)
        .filter(|place| locations::is_known(py, place) && is_there(py, place))
    {
        locations::hold(py, place, object);
    }
}

/// The place that is known of the object.
fn first_place(py: Python<'_>, object: u32) -> Option<Place> {
    FIRST.get_some(py)?.get(object).copied()
}

/// Whether a place of the object is known here.
pub fn has_place(py: Python<'_>, object: u32) -> bool {
    first_place(py, object).is_some()
}

/// Whether the object has a place in something that is still there.
pub fn lies(py: Python<'_>, object: u32) -> bool {
    first_place(py, object).is_some_and(|place| is_there(py, &place))
}

/// The object lies at the place, and not where it lay before. The log has that when an event next has
/// the object.
pub fn moved(py: Python<'_>, place: Place, object: u32) {
    FIRST
        .get_or_insert_with(py, Paged::default)
        .put(object, place);
    identity::untell(py, object);
}

fn is_there(py: Python<'_>, place: &Place) -> bool {
    place.kind == kind::GLOBAL || identity::is_known(py, place.of)
}

/// The object has died.
fn forget(py: Python<'_>, object: u32) {
    if let Some(mut first) = FIRST.get_some(py) {
        first.remove(object);
    }
}

//! What STEPs are on that are of no object of the program's: an object for each use that is made of
//! them, by name, so that one is never taken for another.

use super::identity;
use super::state::{recording, recordings};
use crate::gil::Gil;
use pyo3::Python;
use rustc_hash::FxHashMap;

/// What kind of object they are.
pub const KIND: &str = "Step";

/// What the STEPs of handlers of signals that begin are on; their values are the signals' numbers.
pub const SIGNAL: &str = "signal";

/// The objects of this recording, by name. A forked child goes on with them.
static OBJECTS: Gil<(u32, Option<FxHashMap<String, u32>>)> = Gil::new((0, None));

/// The object of this use of STEPs; 0 if nothing is recorded.
pub fn object(py: Python<'_>, name: &str) -> u32 {
    if !recording() {
        return 0;
    }
    let (of, objects) = &mut *OBJECTS.get(py);
    if *of != recordings() {
        (*of, *objects) = (recordings(), None);
    }
    let objects = objects.get_or_insert_with(FxHashMap::default);
    if let Some(&object) = objects.get(name) {
        return object;
    }
    let object = identity::define_object(py, KIND, name, 0, 0);
    objects.insert(name.to_owned(), object);
    object
}

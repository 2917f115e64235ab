//! Numbers for locations: the globals, attributes, items and cells of this process's memory.

use super::defs::{self, Entry};
use super::identity::{mention, object_id};
use super::keys::{self, Key};
use super::session::Gil;
use super::strings;
use crate::ops::location as kind;
use pyo3::ffi;
use rustc_hash::FxHashMap;

/// What a location is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    pub kind: u8,
    /// An object, or for a global the module's name.
    pub of: u32,
    pub key: Key,
}

#[derive(Default)]
struct Locations {
    by_place: FxHashMap<Place, u32>,
    /// Row i is that of location i + 1.
    places: Vec<Place>,
}

static LOCATIONS: Gil<Option<Locations>> = Gil::new(None);

unsafe fn locations() -> &'static mut Locations {
    LOCATIONS.get().get_or_insert_with(Locations::default)
}

/// Forgets everything: a new recording, or a forked child, whose memory is another, numbers afresh.
///
/// # Safety
/// The GIL is held.
pub unsafe fn reset() {
    *LOCATIONS.get() = None;
    keys::reset();
}

unsafe fn locate(place: Place) -> u32 {
    match locations().by_place.get(&place) {
        Some(&id) => id,
        None => define(place, place.key),
    }
}

/// `shown` is the key as the program has it, where one that is the same to a dict is the place's.
unsafe fn define(place: Place, shown: Key) -> u32 {
    let locations = locations();
    let id = locations.places.len() as u32 + 1;
    if place.kind != kind::GLOBAL {
        mention(place.of);
    }
    if let Key::Object(_, object) = shown {
        mention(object);
    }
    let (object, module) = if place.kind == kind::GLOBAL {
        (0, place.of)
    } else {
        (place.of, 0)
    };
    let name = if let Key::Name(name) = place.key {
        name
    } else {
        0
    };
    let entry = Entry::new(defs::LOCATION, 6)
        .uint(u64::from(id))
        .uint(u64::from(place.kind))
        .uint(u64::from(object))
        .uint(u64::from(module))
        .uint(u64::from(name));
    let text = |id: u32| strings::get(id).to_vec();
    match shown {
        Key::Nothing | Key::Name(_) | Key::Nil => entry.nil(),
        Key::Bool(value) => entry.bool(value),
        Key::Int(value) => entry.int(value),
        Key::Float(bits) => entry.float(f64::from_bits(bits)),
        Key::Str(value) => entry.str(&String::from_utf8_lossy(&text(value))),
        Key::Bytes(value) => entry.bin(&text(value)),
        Key::Object(name, object) => entry.ids(&[name, object]),
        Key::Text(value) => entry.ids(&[value, 0]),
    }
    .write();
    locations.by_place.insert(place, id);
    locations.places.push(Place {
        key: shown,
        ..place
    });
    id
}

/// What a location of this process is.
///
/// # Safety
/// The GIL is held.
pub unsafe fn place(id: u32) -> Option<Place> {
    let places = &locations().places;
    places.get((id as usize).wrapping_sub(1)).copied()
}

/// The location of `object.name`.
///
/// # Safety
/// The GIL is held; `name` is a live `str`.
pub unsafe fn attribute(object: u32, name: *mut ffi::PyObject) -> u32 {
    if object == 0 {
        return 0;
    }
    let key = Key::Name(strings::intern_object(name));
    locate(Place {
        kind: kind::ATTRIBUTE,
        of: object,
        key,
    })
}

/// The location of `object[key]`; 0 if the key is none that can be named without the program's help.
///
/// # Safety
/// The GIL is held; `key` is live.
pub unsafe fn item(object: u32, key: *mut ffi::PyObject) -> u32 {
    if object == 0 {
        return 0;
    }
    let Some(found) = keys::of(key) else {
        return 0;
    };
    let place = Place {
        kind: kind::ITEM,
        of: object,
        key: found.identity,
    };
    match locations().by_place.get(&place) {
        Some(&id) => id,
        None => define(place, found.shown),
    }
}

/// The location of `object[index]`, of a sequence.
///
/// # Safety
/// The GIL is held.
pub unsafe fn indexed(object: u32, index: isize) -> u32 {
    if object == 0 {
        return 0;
    }
    locate(Place {
        kind: kind::ITEM,
        of: object,
        key: Key::Int(index as i64),
    })
}

/// The location of the container's contents as a whole.
///
/// # Safety
/// The GIL is held.
pub unsafe fn contents(object: u32) -> u32 {
    if object == 0 {
        return 0;
    }
    locate(Place {
        kind: kind::CONTENTS,
        of: object,
        key: Key::Nothing,
    })
}

/// The location of the global `module.name`.
///
/// # Safety
/// The GIL is held; both are live `str`s.
pub unsafe fn global(module: *mut ffi::PyObject, name: *mut ffi::PyObject) -> u32 {
    let of = strings::intern_object(module);
    let key = Key::Name(strings::intern_object(name));
    locate(Place {
        kind: kind::GLOBAL,
        of,
        key,
    })
}

/// The location of a closure cell, called `name` in the source.
///
/// # Safety
/// The GIL is held; both are live.
pub unsafe fn cell(cell: *mut ffi::PyObject, name: *mut ffi::PyObject) -> u32 {
    let of = object_id(cell);
    if of == 0 {
        return 0;
    }
    let key = Key::Name(strings::intern_object(name));
    locate(Place {
        kind: kind::CELL,
        of,
        key,
    })
}

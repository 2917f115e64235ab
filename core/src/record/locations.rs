//! Numbers for locations: the globals, attributes, items and cells of this process's memory.

use super::defs::Entry;
use super::identity::{mention, object_id};
use super::keys::{self, Key};
use super::paged::Paged;
use super::passing::Passing;
use super::strings;
use crate::gil::{Gil, GilMut};
use crate::ops::location as kind;
use crate::spool::format::Definition;
use pyo3::ffi;
use pyo3::Python;

/// What a location is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    pub kind: u8,
    /// An object, or for a global the module's name.
    pub of: u32,
    pub key: Key,
}

/// A place, with its key as the program had it first, and whether the log says what it holds.
#[derive(Clone, Copy)]
struct Row {
    shown: Place,
    holds: bool,
}

#[derive(Default)]
struct Locations {
    by_place: Passing<Place, u32>,
    rows: Paged<Row>,
}

impl Locations {
    #[inline]
    fn find(&mut self, place: &Place) -> Option<u32> {
        let rows = &mut self.rows;
        self.by_place.get(place, |_, id| rows.remove(id))
    }

    fn insert(&mut self, place: Place, shown: Place) -> u32 {
        let Locations { by_place, rows } = self;
        let holds = false;
        let id = rows.push(Row { shown, holds });
        by_place.insert(place, id, |_, id| rows.remove(id));
        id
    }

    /// The place, if the log does not say yet what it holds; it does from now on.
    fn first_held(&mut self, id: u32) -> Option<Place> {
        let row = self.rows.get_mut(id).filter(|row| !row.holds)?;
        row.holds = true;
        Some(row.shown)
    }
}

static LOCATIONS: Gil<Option<Locations>> = Gil::new(None);

fn locations(py: Python<'_>) -> GilMut<'_, Locations> {
    LOCATIONS.get_or_insert_with(py, Locations::default)
}

/// Forgets everything: a new recording, or a forked child, whose memory is another, numbers afresh.
pub fn reset(py: Python<'_>) {
    LOCATIONS.set(py, None);
    keys::reset(py);
}

fn locate(py: Python<'_>, place: Place) -> u32 {
    let known = locations(py).find(&place);
    match known {
        Some(id) => id,
        None => define(py, place, place.key),
    }
}

/// `shown` is the key as the program has it, where one that is the same to a dict is the place's.
fn define(py: Python<'_>, place: Place, shown: Key) -> u32 {
    let shown = Place {
        key: shown,
        ..place
    };
    let id = locations(py).insert(place, shown);
    write(py, id, shown, 0);
    id
}

/// Says of the object that it lies at the location, where no event does. Of each location only the
/// first is kept.
///
/// `object` is an object's number.
pub fn hold(py: Python<'_>, place: Place, object: u32) {
    let id = locate(py, place);
    let first = locations(py).first_held(id);
    if let Some(shown) = first {
        mention(py, object);
        write(py, id, shown, object);
    }
}

/// Whether all that the place consists of is still known.
pub fn is_known(py: Python<'_>, place: &Place) -> bool {
    match place.key {
        Key::Str(id) | Key::Bytes(id) => !strings::get(py, id).is_empty(),
        _ => true,
    }
}

fn write(py: Python<'_>, id: u32, place: Place, holds: u32) {
    if place.kind != kind::GLOBAL {
        mention(py, place.of);
    }
    if let Key::Object(_, object) = place.key {
        mention(py, object);
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
    let entry = Entry::new(Definition::Location, if holds == 0 { 6 } else { 7 })
        .uint(u64::from(id))
        .uint(u64::from(place.kind))
        .uint(u64::from(object))
        .uint(u64::from(module))
        .uint(u64::from(name));
    let text = |id: u32| strings::get(py, id).to_vec();
    let entry = match place.key {
        Key::Nothing | Key::Name(_) | Key::Nil => entry.nil(),
        Key::Bool(value) => entry.bool(value),
        Key::Int(value) => entry.int(value),
        Key::Float(bits) => entry.float(f64::from_bits(bits)),
        Key::Str(value) => entry.str(&String::from_utf8_lossy(&text(value))),
        Key::Bytes(value) => entry.bin(&text(value)),
        Key::Object(name, object) => entry.ids(&[name, object]),
        Key::Text(value) => entry.ids(&[value, 0]),
    };
    match holds {
        0 => entry,
        holds => entry.uint(u64::from(holds)),
    }
    .write(py);
}

/// What a location of this process is; None if it was forgotten.
pub fn place(py: Python<'_>, id: u32) -> Option<Place> {
    locations(py).rows.get(id).map(|row| row.shown)
}

/// The location of `object.name`.
///
/// # Safety
/// `name` is a live `str`.
pub unsafe fn attribute(py: Python<'_>, object: u32, name: *mut ffi::PyObject) -> u32 {
    if object == 0 {
        return 0;
    }
    locate(py, attribute_place(py, object, name))
}

/// # Safety
/// As of `attribute`.
pub unsafe fn attribute_place(py: Python<'_>, object: u32, name: *mut ffi::PyObject) -> Place {
    Place {
        kind: kind::ATTRIBUTE,
        of: object,
        key: Key::Name(strings::intern_object(py, name)),
    }
}

/// The place in an object of what is a part of it, and goes by its name: the lock in a Condition.
pub fn part_place(of: u32) -> Place {
    Place {
        kind: kind::ATTRIBUTE,
        of,
        key: Key::Nothing,
    }
}

/// The location of `object[key]`; 0 if the key is none that can be named without the program's help.
///
/// # Safety
/// `key` is live.
pub unsafe fn item(py: Python<'_>, object: u32, key: *mut ffi::PyObject) -> u32 {
    if object == 0 {
        return 0;
    }
    let Some(found) = keys::of(py, key) else {
        return 0;
    };
    let place = Place {
        kind: kind::ITEM,
        of: object,
        key: found.identity,
    };
    let known = locations(py).find(&place);
    match known {
        Some(id) => id,
        None => define(py, place, found.shown),
    }
}

/// The place of `object[key]` of a dict or sequence, which gets no number; None as of `item_place`.
///
/// # Safety
/// As of `item`.
pub unsafe fn untold_item_place(py: Python<'_>, of: u32, key: *mut ffi::PyObject) -> Option<Place> {
    let key = keys::of(py, key)?.identity;
    let kind = kind::ITEM;
    Some(Place { kind, of, key })
}

/// The place of a closure cell with this number, called `name` in the source.
///
/// # Safety
/// `name` is a live `str`.
pub unsafe fn cell_place(py: Python<'_>, of: u32, name: *mut ffi::PyObject) -> Place {
    let key = Key::Name(strings::intern_object(py, name));
    let kind = kind::CELL;
    Place { kind, of, key }
}

/// The place of `object[key]`; None if the key is none that can be named.
///
/// # Safety
/// As of `item`.
pub unsafe fn item_place(py: Python<'_>, of: u32, key: *mut ffi::PyObject) -> Option<Place> {
    if item(py, of, key) == 0 {
        return None;
    }
    let key = keys::of(py, key)?.identity;
    let kind = kind::ITEM;
    Some(Place { kind, of, key })
}

/// The location of `object[index]`, of a sequence.
pub fn indexed(py: Python<'_>, object: u32, index: isize) -> u32 {
    if object == 0 {
        return 0;
    }
    locate(py, indexed_place(object, index))
}

/// The place of `object[index]`, of a sequence.
pub fn indexed_place(of: u32, index: isize) -> Place {
    let key = Key::Int(index as i64);
    let kind = kind::ITEM;
    Place { kind, of, key }
}

/// The location of the container's contents as a whole.
pub fn contents(py: Python<'_>, object: u32) -> u32 {
    if object == 0 {
        return 0;
    }
    locate(
        py,
        Place {
            kind: kind::CONTENTS,
            of: object,
            key: Key::Nothing,
        },
    )
}

/// The location of the global `module.name`.
///
/// # Safety
/// Both are live `str`s.
pub unsafe fn global(py: Python<'_>, module: *mut ffi::PyObject, name: *mut ffi::PyObject) -> u32 {
    locate(py, global_place(py, module, name))
}

/// # Safety
/// As of `global`.
pub unsafe fn global_place(
    py: Python<'_>,
    module: *mut ffi::PyObject,
    name: *mut ffi::PyObject,
) -> Place {
    Place {
        kind: kind::GLOBAL,
        of: strings::intern_object(py, module),
        key: Key::Name(strings::intern_object(py, name)),
    }
}

/// The location of a closure cell, called `name` in the source.
///
/// # Safety
/// Both are live.
pub unsafe fn cell(py: Python<'_>, cell: *mut ffi::PyObject, name: *mut ffi::PyObject) -> u32 {
    let of = object_id(py, cell);
    if of == 0 {
        return 0;
    }
    locate(py, cell_place(py, of, name))
}

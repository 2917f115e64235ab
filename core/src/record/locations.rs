//! Numbers for locations: the globals, attributes, items and cells of this process's memory.

use super::defs::Entry;
use super::identity::{mention, object_id};
use super::keys::{self, Key};
use super::paged::Paged;
use super::passing::Passing;
use super::strings;
use crate::gil::Gil;
use crate::ops::location as kind;
use crate::spool::format::Definition;
use pyo3::ffi;

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
    match locations().find(&place) {
        Some(id) => id,
        None => define(place, place.key),
    }
}

/// `shown` is the key as the program has it, where one that is the same to a dict is the place's.
unsafe fn define(place: Place, shown: Key) -> u32 {
    let Locations { by_place, rows } = locations();
    let shown = Place {
        key: shown,
        ..place
    };
    let holds = false;
    let id = rows.push(Row { shown, holds });
    by_place.insert(place, id, |_, id| rows.remove(id));
    write(id, shown, 0);
    id
}

/// Says of the object that it lies at the location, where no event does. Of each location only the
/// first is kept.
///
/// # Safety
/// The GIL is held; `object` is an object's number.
pub unsafe fn hold(place: Place, object: u32) {
    let id = locate(place);
    if let Some(row) = locations().rows.get_mut(id).filter(|row| !row.holds) {
        row.holds = true;
        let shown = row.shown;
        mention(object);
        write(id, shown, object);
    }
}

/// Whether all that the place consists of is still known.
pub fn is_known(place: &Place) -> bool {
    match place.key {
        Key::Str(id) | Key::Bytes(id) => !strings::get(id).is_empty(),
        _ => true,
    }
}

fn write(id: u32, place: Place, holds: u32) {
    if place.kind != kind::GLOBAL {
        mention(place.of);
    }
    if let Key::Object(_, object) = place.key {
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
    let entry = Entry::new(Definition::Location, if holds == 0 { 6 } else { 7 })
        .uint(u64::from(id))
        .uint(u64::from(place.kind))
        .uint(u64::from(object))
        .uint(u64::from(module))
        .uint(u64::from(name));
    let text = |id: u32| strings::get(id).to_vec();
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
    .write();
}

/// What a location of this process is; None if it was forgotten.
///
/// # Safety
/// The GIL is held.
pub unsafe fn place(id: u32) -> Option<Place> {
    locations().rows.get(id).map(|row| row.shown)
}

/// The location of `object.name`.
///
/// # Safety
/// The GIL is held; `name` is a live `str`.
pub unsafe fn attribute(object: u32, name: *mut ffi::PyObject) -> u32 {
    if object == 0 {
        return 0;
    }
    locate(attribute_place(object, name))
}

/// # Safety
/// As of `attribute`.
pub unsafe fn attribute_place(object: u32, name: *mut ffi::PyObject) -> Place {
    Place {
        kind: kind::ATTRIBUTE,
        of: object,
        key: Key::Name(strings::intern_object(name)),
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
    match locations().find(&place) {
        Some(id) => id,
        None => define(place, found.shown),
    }
}

/// The place of `object[key]` of a dict or sequence, which gets no number; None as of `item_place`.
///
/// # Safety
/// As of `item`.
pub unsafe fn untold_item_place(of: u32, key: *mut ffi::PyObject) -> Option<Place> {
    let key = keys::of(key)?.identity;
    let kind = kind::ITEM;
    Some(Place { kind, of, key })
}

/// The place of a closure cell with this number, called `name` in the source.
///
/// # Safety
/// The GIL is held; `name` is a live `str`.
pub unsafe fn cell_place(of: u32, name: *mut ffi::PyObject) -> Place {
    let key = Key::Name(strings::intern_object(name));
    let kind = kind::CELL;
    Place { kind, of, key }
}

/// The place of `object[key]`; None if the key is none that can be named.
///
/// # Safety
/// As of `item`.
pub unsafe fn item_place(of: u32, key: *mut ffi::PyObject) -> Option<Place> {
    if item(of, key) == 0 {
        return None;
    }
    let key = keys::of(key)?.identity;
    let kind = kind::ITEM;
    Some(Place { kind, of, key })
}

/// The location of `object[index]`, of a sequence.
///
/// # Safety
/// The GIL is held.
pub unsafe fn indexed(object: u32, index: isize) -> u32 {
    if object == 0 {
        return 0;
    }
    locate(indexed_place(object, index))
}

/// The place of `object[index]`, of a sequence.
pub fn indexed_place(of: u32, index: isize) -> Place {
    let key = Key::Int(index as i64);
    let kind = kind::ITEM;
    Place { kind, of, key }
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
    locate(global_place(module, name))
}

/// # Safety
/// As of `global`.
pub unsafe fn global_place(module: *mut ffi::PyObject, name: *mut ffi::PyObject) -> Place {
    Place {
        kind: kind::GLOBAL,
        of: strings::intern_object(module),
        key: Key::Name(strings::intern_object(name)),
    }
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
    locate(cell_place(of, name))
}

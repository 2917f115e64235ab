//! Numbers for locations: the globals, attributes, items and cells of this process's memory.

use super::defs::{self, Entry};
use super::identity::{mention, object_id};
use super::session::Gil;
use super::{strings, values};
use crate::ops::location as kind;
use pyo3::ffi;
use rustc_hash::FxHashMap;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    Nothing,
    Name(u32),
    Nil,
    Int(i64),
    /// The bits of one that is no whole number.
    Float(u64),
    Str(u32),
    Bytes(u32),
    /// A type name and an object number.
    Object(u32, u32),
    /// A short tuple, by its parts: the id of its text.
    Tuple(u32),
}

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
}

unsafe fn locate(place: Place) -> u32 {
    let locations = locations();
    if let Some(&id) = locations.by_place.get(&place) {
        return id;
    }
    let id = locations.places.len() as u32 + 1;
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
    let entry = Entry::new(defs::LOCATION, 6)
        .uint(u64::from(id))
        .uint(u64::from(place.kind))
        .uint(u64::from(object))
        .uint(u64::from(module))
        .uint(u64::from(name));
    let text = |id: u32| strings::get(id).to_vec();
    match place.key {
        Key::Nothing | Key::Name(_) | Key::Nil => entry.nil(),
        Key::Int(value) => entry.int(value),
        Key::Float(bits) => entry.float(f64::from_bits(bits)),
        Key::Str(value) => entry.str(&String::from_utf8_lossy(&text(value))),
        Key::Bytes(value) => entry.bin(&text(value)),
        Key::Object(name, object) => entry.ids(&[name, object]),
        Key::Tuple(value) => entry.ids(&[value, 0]),
    }
    .write();
    locations.by_place.insert(place, id);
    locations.places.push(place);
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
    match item_key(key) {
        Key::Nothing => 0,
        key => locate(Place {
            kind: kind::ITEM,
            of: object,
            key,
        }),
    }
}

unsafe fn item_key(key: *mut ffi::PyObject) -> Key {
    let kind = ffi::Py_TYPE(key);
    if key == ffi::Py_None() {
        return Key::Nil;
    } else if kind == &raw mut ffi::PyBool_Type {
        // True and 1 are the same key of a dict.
        return Key::Int(i64::from(key == ffi::Py_True()));
    } else if kind == &raw mut ffi::PyLong_Type {
        let mut overflow = 0;
        let value = ffi::PyLong_AsLongLongAndOverflow(key, &mut overflow);
        if overflow == 0 {
            return Key::Int(value);
        }
    } else if kind == &raw mut ffi::PyFloat_Type {
        let value = ffi::PyFloat_AS_DOUBLE(key);
        // 1.0 and 1 are the same key of a dict; not a number is none that can be met again.
        return match value {
            v if v.is_nan() || v.abs() > 9e18 => Key::Nothing,
            v if v.fract() == 0.0 => Key::Int(v as i64),
            v => Key::Float(v.to_bits()),
        };
    } else if kind == &raw mut ffi::PyUnicode_Type {
        if let Some(text) = strings::utf8(key) {
            return Key::Str(strings::intern(text));
        }
    } else if kind == &raw mut ffi::PyBytes_Type {
        let data = ffi::PyBytes_AsString(key).cast::<u8>();
        let bytes = std::slice::from_raw_parts(data, ffi::PyBytes_Size(key) as usize);
        return Key::Bytes(strings::intern(bytes));
    } else if kind == &raw mut ffi::PyTuple_Type && ffi::PyTuple_Size(key) <= 4 {
        return tuple_key(key);
    }
    match object_id(key) {
        0 => Key::Nothing,
        id => Key::Object(values::type_name(key), id),
    }
}

/// Tuples of ints and strings are named by their text; others are not named.
unsafe fn tuple_key(key: *mut ffi::PyObject) -> Key {
    let mut text = String::from("(");
    for i in 0..ffi::PyTuple_Size(key) {
        match item_key(ffi::PyTuple_GetItem(key, i)) {
            Key::Int(value) => text.push_str(&value.to_string()),
            Key::Str(id) => {
                text.push_str(&format!("{:?}", String::from_utf8_lossy(strings::get(id))))
            }
            _ => return Key::Nothing,
        }
        text.push_str(", ");
    }
    text.push(')');
    Key::Tuple(strings::intern(text.as_bytes()))
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

//! The keys of items, told apart by type and value. Nothing of the program's runs: its `__hash__`,
//! `__eq__` and `__repr__` are left alone.

use super::identity::object_id;
use super::strings;
use crate::cpython::deaths;
use crate::gil::Gil;
use crate::reserve::Table;
use crate::text::utf8;
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::ffi::{CStr, CString};

type Object = *mut ffi::PyObject;
type Kind = *mut ffi::PyTypeObject;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    Nothing,
    Name(u32),
    Nil,
    Bool(bool),
    Int(i64),
    /// The bits of one.
    Float(u64),
    Str(u32),
    Bytes(u32),
    /// A type name and an object number.
    Object(u32, u32),
    /// What is known by its text, as it stands in source: a tuple, an enum member, a class …
    Text(u32),
}

/// A key as a location has it.
#[derive(Clone, Copy)]
pub struct Found {
    /// The same for keys that are the same to a dict: True, 1 and 1.0.
    pub identity: Key,
    /// As the program has it.
    pub shown: Key,
}

/// Tuples in tuples, deeper than this, are not told apart.
const DEPTH: u32 = 16;

/// Types of the standard library, written in C, whose text tells the value.
const BY_TEXT: &[&CStr] = &[
    c"datetime.date",
    c"datetime.datetime",
    c"datetime.time",
    c"datetime.timedelta",
    c"datetime.timezone",
    c"decimal.Decimal",
];

/// The texts of objects that go by their names, so that no two have the same.
#[derive(Default)]
struct Names {
    texts: FxHashMap<u32, u32>,
    uses: FxHashMap<String, u32>,
}

static NAMES: Gil<Option<Names>> = Gil::new(None);
static ENUM: Gil<Kind> = Gil::new(std::ptr::null_mut());

/// Forgets everything: a new recording.
pub fn reset(py: Python<'_>) {
    NAMES.set(py, None);
}

impl Found {
    fn same(key: Key) -> Option<Found> {
        Some(Found {
            identity: key,
            shown: key,
        })
    }

    fn shown(self, key: Key) -> Option<Found> {
        Some(Found { shown: key, ..self })
    }
}

/// What a key is; None if it cannot be told without the program's help.
///
/// # Safety
/// `key` is live.
#[inline]
pub unsafe fn of(py: Python<'_>, key: Object) -> Option<Found> {
    let kind = ffi::Py_TYPE(key);
    if kind == &raw mut ffi::PyUnicode_Type {
        string(py, key)
    } else if kind == &raw mut ffi::PyLong_Type {
        integer(py, key)
    } else {
        other(py, key, 0)
    }
}

/// The index that a key of a sequence stands for; None if only the program's code could tell.
///
/// # Safety
/// The GIL is held; `key` is live.
#[inline]
pub unsafe fn index(key: Object) -> Option<isize> {
    let kind = ffi::Py_TYPE(key);
    if kind == &raw mut ffi::PyLong_Type {
        let index = ffi::PyLong_AsSsize_t(key);
        if index == -1 && !ffi::PyErr_Occurred().is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        return Some(index);
    }
    if !(has_index(kind) && is_native(kind)) {
        return None;
    }
    let index = ffi::PyNumber_AsSsize_t(key, std::ptr::null_mut());
    ffi::PyErr_Clear();
    Some(index)
}

/// Whether looking the key up in a dict whose keys are of such types runs nothing of the program's.
///
/// # Safety
/// The GIL is held; `key` is live.
pub unsafe fn is_inert(key: Object) -> bool {
    let kind = ffi::Py_TYPE(key);
    key == ffi::Py_None()
        || kind == &raw mut ffi::PyUnicode_Type
        || kind == &raw mut ffi::PyLong_Type
        || kind == &raw mut ffi::PyFloat_Type
        || kind == &raw mut ffi::PyBytes_Type
        || kind == &raw mut ffi::PyBool_Type
}

/// Whether a type was not made by a `class` statement.
unsafe fn is_native(kind: Kind) -> bool {
    !deaths::is_class(kind)
}

unsafe fn has_index(kind: Kind) -> bool {
    let number = (*kind).tp_as_number;
    number.as_ref().is_some_and(|n| n.nb_index.is_some())
}

/// Whether keys of this type compare as those of its base do.
unsafe fn compares_as(kind: Kind, base: Kind) -> bool {
    let slots = |kind: Kind| {
        let compare = (*kind).tp_richcompare.map(|f| f as usize);
        ((*kind).tp_hash.map(|f| f as usize), compare)
    };
    ffi::PyType_IsSubtype(kind, base) != 0 && (is_native(kind) || slots(kind) == slots(base))
}

unsafe fn string(py: Python<'_>, key: Object) -> Option<Found> {
    match utf8(key) {
        Some(text) => Found::same(Key::Str(strings::intern_passing(py, text))),
        None => {
            ffi::PyErr_Clear(); // a lone surrogate
            text_key(py, taken(ffi::PyObject_ASCII(key))?)
        }
    }
}

unsafe fn integer(py: Python<'_>, key: Object) -> Option<Found> {
    let mut overflow = 0;
    let value = ffi::PyLong_AsLongLongAndOverflow(key, &mut overflow);
    if overflow == 0 {
        return Found::same(Key::Int(value));
    }
    let text = taken(ffi::PyNumber_ToBase(key, 10)); // no more digits than the limit
    text_key(py, text.or_else(|| taken(ffi::PyNumber_ToBase(key, 16)))?)
}

unsafe fn float(py: Python<'_>, value: f64) -> Option<Found> {
    let whole = match value {
        // Not a number is none that can be met again.
        v if v.is_nan() => return None,
        v if v.is_infinite() || v.fract() != 0.0 => return Found::same(Key::Float(v.to_bits())),
        v => ffi::PyLong_FromDouble(v),
    };
    if whole.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    let found = integer(py, whole);
    ffi::Py_DECREF(whole);
    found?.shown(Key::Float(value.to_bits()))
}

unsafe fn complex(py: Python<'_>, key: Object) -> Option<Found> {
    let (real, imaginary) = (
        ffi::PyComplex_RealAsDouble(key),
        ffi::PyComplex_ImagAsDouble(key),
    );
    let plain = ffi::PyComplex_FromDoubles(real + 0.0, imaginary + 0.0);
    let shown = text_key(py, made(plain)?)?;
    match imaginary == 0.0 {
        true => float(py, real)?.shown(shown.shown),
        false => Some(shown),
    }
}

unsafe fn bytes(py: Python<'_>, key: Object) -> Option<Found> {
    let data = ffi::PyBytes_AsString(key).cast::<u8>();
    let bytes = std::slice::from_raw_parts(data, ffi::PyBytes_Size(key) as usize);
    Found::same(Key::Bytes(strings::intern_passing(py, bytes)))
}

#[inline(never)]
unsafe fn other(py: Python<'_>, key: Object, depth: u32) -> Option<Found> {
    let kind = ffi::Py_TYPE(key);
    let is = |base: Kind| compares_as(kind, base);
    if key == ffi::Py_None() {
        Found::same(Key::Nil)
    } else if kind == &raw mut ffi::PyBool_Type {
        let value = key == ffi::Py_True();
        Found::same(Key::Int(i64::from(value)))?.shown(Key::Bool(value))
    } else if is(&raw mut ffi::PyLong_Type) {
        member_or(py, key, integer(py, key)?)
    } else if is(&raw mut ffi::PyFloat_Type) {
        member_or(py, key, float(py, ffi::PyFloat_AS_DOUBLE(key))?)
    } else if is(&raw mut ffi::PyUnicode_Type) {
        member_or(py, key, string(py, key)?)
    } else if is(&raw mut ffi::PyBytes_Type) {
        member_or(py, key, bytes(py, key)?)
    } else if is(&raw mut ffi::PyComplex_Type) {
        member_or(py, key, complex(py, key)?)
    } else if is(&raw mut ffi::PyTuple_Type) {
        tuple(py, key, depth)
    } else if kind == &raw mut ffi::PyFrozenSet_Type {
        frozen_set(py, key, depth)
    } else if is_native(kind) && has_index(kind) {
        // A number of numpy's.
        let whole = ffi::PyNumber_Index(key);
        if whole.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        let found = integer(py, whole);
        ffi::Py_DECREF(whole);
        found
    } else if is_native(kind) && goes_by_text(key) {
        text_key(py, made(ffi::Py_NewRef(key))?)
    } else {
        object(py, key)
    }
}

/// An enum member that is a number or a string, too, is shown by its name.
unsafe fn member_or(py: Python<'_>, key: Object, found: Found) -> Option<Found> {
    match source_name(py, key) {
        Some(name) => found.shown(Key::Text(named(py, object_id(py, key), name))),
        None => Some(found),
    }
}

unsafe fn object(py: Python<'_>, key: Object) -> Option<Found> {
    let number = object_id(py, key);
    if number == 0 {
        return None;
    }
    Found::same(match source_name(py, key) {
        Some(name) => Key::Text(named(py, number, name)),
        None => Key::Object(strings::type_name(py, key), number),
    })
}

/// The parts of a tuple or set, each as the text of its identity and the one that is shown.
unsafe fn part(py: Python<'_>, key: Object, depth: u32) -> Option<(String, String)> {
    if depth >= DEPTH {
        return None;
    }
    let found = match ffi::Py_TYPE(key) {
        kind if kind == &raw mut ffi::PyUnicode_Type => string(py, key)?,
        kind if kind == &raw mut ffi::PyLong_Type => integer(py, key)?,
        _ => other(py, key, depth + 1)?,
    };
    Some((text(py, found.identity)?, text(py, found.shown)?))
}

fn composed(
    py: Python<'_>,
    parts: Vec<(String, String)>,
    put: impl Fn(String, usize) -> String,
) -> Option<Found> {
    let count = parts.len();
    let (identities, shown): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    let key = |texts: Vec<String>| {
        Key::Text(strings::intern_passing(
            py,
            put(texts.join(", "), count).as_bytes(),
        ))
    };
    Found::same(key(identities))?.shown(key(shown))
}

unsafe fn tuple(py: Python<'_>, key: Object, depth: u32) -> Option<Found> {
    let size = ffi::PyTuple_Size(key);
    let parts: Option<Vec<_>> = (0..size)
        .map(|i| part(py, ffi::PyTuple_GetItem(key, i), depth))
        .collect();
    composed(py, parts?, |inside, count| match count {
        1 => format!("({inside},)"),
        _ => format!("({inside})"),
    })
}

unsafe fn frozen_set(py: Python<'_>, key: Object, depth: u32) -> Option<Found> {
    let iterator = ffi::PyObject_GetIter(key);
    let mut parts = Some(Vec::new());
    while !iterator.is_null() {
        let item = ffi::PyIter_Next(iterator);
        if item.is_null() {
            break;
        }
        parts = match (parts, part(py, item, depth)) {
            (Some(mut parts), Some(part)) => {
                parts.push(part);
                Some(parts)
            }
            _ => None,
        };
        ffi::Py_DECREF(item);
    }
    ffi::Py_XDECREF(iterator);
    ffi::PyErr_Clear();
    let mut parts = parts?;
    parts.sort();
    composed(py, parts, |inside, count| match count {
        0 => "frozenset()".to_owned(),
        _ => format!("frozenset({{{inside}}})"),
    })
}

/// A key inside another, as it stands in source.
fn text(py: Python<'_>, key: Key) -> Option<String> {
    let of = |id: u32| String::from_utf8_lossy(strings::get(py, id)).into_owned();
    let size = |bytes: &[u8]| bytes.len() as isize;
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        Some(match key {
            Key::Nothing | Key::Name(_) => return None,
            Key::Nil => "None".to_owned(),
            Key::Bool(true) => "True".to_owned(),
            Key::Bool(false) => "False".to_owned(),
            Key::Int(value) => value.to_string(),
            Key::Float(bits) => made(ffi::PyFloat_FromDouble(f64::from_bits(bits)))?,
            Key::Str(id) => {
                let bytes = strings::get(py, id);
                let data = bytes.as_ptr().cast();
                made(ffi::PyUnicode_FromStringAndSize(data, size(bytes)))?
            }
            Key::Bytes(id) => {
                let bytes = strings::get(py, id);
                let data = bytes.as_ptr().cast();
                made(ffi::PyBytes_FromStringAndSize(data, size(bytes)))?
            }
            Key::Object(kind, number) => of(named(py, number, format!("<{}>", of(kind)))),
            Key::Text(id) => of(id),
        })
    }
}

/// The `repr` of an object of a native type, whose reference it takes over.
unsafe fn made(object: Object) -> Option<String> {
    if object.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    let text = taken(ffi::PyObject_Repr(object));
    ffi::Py_DECREF(object);
    text
}

/// The text of a `str`, whose reference it takes over.
unsafe fn taken(text: Object) -> Option<String> {
    if text.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    let result = utf8(text).map(|text| String::from_utf8_lossy(text).into_owned());
    ffi::Py_DECREF(text);
    result
}

fn text_key(py: Python<'_>, text: String) -> Option<Found> {
    Found::same(Key::Text(strings::intern_passing(py, text.as_bytes())))
}

unsafe fn goes_by_text(key: Object) -> bool {
    let name = CStr::from_ptr((*ffi::Py_TYPE(key)).tp_name);
    if !BY_TEXT.contains(&name) {
        return false;
    }
    // A time zone may be the program's.
    let zone = ffi::PyObject_GetAttrString(key, c"tzinfo".as_ptr());
    if zone.is_null() {
        ffi::PyErr_Clear();
        return true;
    }
    let known = is_native(ffi::Py_TYPE(zone));
    ffi::Py_DECREF(zone);
    known
}

/// The text of the object with this number; that of the second one of a name ends in `#2`.
fn named(py: Python<'_>, number: u32, name: String) -> u32 {
    let mut names = NAMES.get_or_insert_with(py, Names::default);
    if let Some(&known) = names.texts.get(&number) {
        return known;
    }
    names.uses.spare();
    names.texts.spare();
    let uses = names.uses.entry(name.clone()).or_insert(0);
    *uses += 1;
    let text = match *uses {
        1 => name,
        count => format!("{name}#{count}"),
    };
    let id = strings::intern(py, text.as_bytes());
    names.texts.insert(number, id);
    id
}

/// What source calls a class, a function or an enum member; None for any other object.
unsafe fn source_name(py: Python<'_>, key: Object) -> Option<String> {
    let kind = ffi::Py_TYPE(key);
    if ffi::PyType_Check(key) != 0 {
        return Some(class_name(key.cast()));
    }
    if kind == &raw mut ffi::PyFunction_Type {
        let name = taken(ffi::PyObject_GetAttrString(key, c"__qualname__".as_ptr()))?;
        return Some(without_locals(&name).to_owned());
    }
    if !is_enum(py, kind) {
        return None;
    }
    let dict = ffi::PyObject_GenericGetDict(key, std::ptr::null_mut());
    if dict.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    let name = ffi::PyDict_GetItemString(dict, c"_name_".as_ptr());
    let is_text = !name.is_null() && ffi::Py_TYPE(name) == &raw mut ffi::PyUnicode_Type;
    let name = match is_text {
        true => taken(ffi::Py_NewRef(name)),
        false => None,
    };
    ffi::Py_DECREF(dict);
    Some(format!("{}.{}", class_name(kind), name?))
}

unsafe fn class_name(kind: Kind) -> String {
    match taken(ffi::PyType_GetQualName(kind)) {
        Some(name) => without_locals(&name).to_owned(),
        None => CStr::from_ptr((*kind).tp_name).to_string_lossy().into(),
    }
}

fn without_locals(name: &str) -> &str {
    name.rsplit("<locals>.").next().unwrap_or(name)
}

unsafe fn is_enum(py: Python<'_>, kind: Kind) -> bool {
    if ENUM.copied(py).is_null() {
        let name = CString::from(c"enum");
        let text = ffi::PyUnicode_FromString(name.as_ptr());
        let module = ffi::PyImport_GetModule(text);
        ffi::Py_XDECREF(text);
        if !module.is_null() {
            ENUM.set(
                py,
                ffi::PyObject_GetAttrString(module, c"EnumMeta".as_ptr()).cast(),
            );
            ffi::Py_DECREF(module);
        }
        ffi::PyErr_Clear();
    }
    let known = ENUM.copied(py);
    !known.is_null() && ffi::PyType_IsSubtype(ffi::Py_TYPE(kind.cast()), known) != 0
}

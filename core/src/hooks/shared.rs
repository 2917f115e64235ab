//! Memory that processes share: multiprocessing's Value, Array, RawValue, RawArray, ShareableList,
//! and the buffer of a SharedMemory.
//!
//! The memory itself is a ctypes object or a memoryview, which has a number that all processes know. Accesses to
//! it are made and recorded here, under a lock that all processes share. A *wrapper* (what Value
//! returns) takes the program's lock first and reaches the ctypes object in code of the standard
//! library; the hook of rewritten code only leaves word of its site for then.

use super::hook::{Hook, Object};
use crate::cpython::deaths;
use crate::gil::Gil;
use crate::ops::{flag, READ, WRITE};
use crate::record::stripes::Stripe;
use crate::record::{self, access, gate, identity, locations, recording, sites};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

/// More items than this in one slice are one access to the contents.
const MOST_ITEMS: isize = 1024;

static ACTIVE: AtomicBool = AtomicBool::new(false);
static WRAPPERS: Gil<Vec<*mut ffi::PyTypeObject>> = Gil::new(Vec::new());
static RAW: Gil<Vec<*mut ffi::PyTypeObject>> = Gil::new(Vec::new());

thread_local! {
    /// The site, and the flags of a write, of an access that is on its way through a wrapper.
    static PENDING: Cell<(u32, u8)> = const { Cell::new((0, 0)) };
}

/// Whether the program may have shared memory at all.
#[inline(always)]
pub fn active() -> bool {
    ACTIVE.load(Ordering::Relaxed)
}

unsafe fn is_one_of(object: Object, kinds: &[*mut ffi::PyTypeObject]) -> bool {
    let kind = ffi::Py_TYPE(object);
    kinds
        .iter()
        .any(|&base| ffi::PyType_IsSubtype(kind, base) != 0)
}

/// The number of a ctypes object in shared memory; 0 for anything else.
unsafe fn raw_number(py: Python<'_>, object: Object) -> u32 {
    if is_one_of(object, &RAW.get(py)) {
        identity::known(py, object)
    } else {
        0
    }
}

/// Whether getting at such a value runs no code of the program's.
unsafe fn is_inert(value: Object) -> bool {
    let kind = ffi::Py_TYPE(value);
    value == ffi::Py_None()
        || kind == &raw mut ffi::PyLong_Type
        || kind == &raw mut ffi::PyFloat_Type
        || kind == &raw mut ffi::PyBool_Type
        || kind == &raw mut ffi::PyBytes_Type
        || kind == &raw mut ffi::PyUnicode_Type
}

fn through_wrapper<T>(site: u32, flags: u8, access: impl FnOnce() -> T) -> T {
    let outer = PENDING.replace((site, flags));
    let result = access();
    PENDING.set(outer);
    result
}

unsafe fn flags_of(hook: *mut Hook) -> u8 {
    if (*hook).augments {
        flag::AUGMENTED
    } else {
        0
    }
}

/// What of the memory an access is about.
#[derive(Clone, Copy)]
enum Part {
    Attribute(Object),
    Item(Object),
}

impl Part {
    unsafe fn get(self, object: Object) -> Object {
        match self {
            Part::Attribute(name) => ffi::PyObject_GetAttr(object, name),
            Part::Item(key) => ffi::PyObject_GetItem(object, key),
        }
    }

    unsafe fn set(self, object: Object, value: Object) -> bool {
        match self {
            Part::Attribute(name) => ffi::PyObject_SetAttr(object, name, value) == 0,
            Part::Item(key) => ffi::PyObject_SetItem(object, key, value) == 0,
        }
    }

    /// The locations, with the position of each in a slice; none if it cannot be told.
    unsafe fn locations(self, py: Python<'_>, object: Object, number: u32) -> Vec<u32> {
        match self {
            Part::Attribute(name) => vec![locations::attribute(py, number, name)],
            Part::Item(key) if ffi::Py_TYPE(key) == &raw mut ffi::PyLong_Type => {
                let mut index = ffi::PyLong_AsSsize_t(key);
                if index < 0 {
                    index += ffi::PyObject_Size(object);
                }
                ffi::PyErr_Clear();
                vec![locations::indexed(py, number, index)]
            }
            Part::Item(key) if ffi::Py_TYPE(key) == &raw mut ffi::PySlice_Type => {
                let (mut start, mut stop, mut step) = (0, 0, 0);
                if ffi::PySlice_Unpack(key, &mut start, &mut stop, &mut step) < 0 {
                    ffi::PyErr_Clear();
                    return Vec::new();
                }
                let length = ffi::PyObject_Size(object);
                let count = ffi::PySlice_AdjustIndices(length, &mut start, &mut stop, step);
                if count > MOST_ITEMS {
                    return vec![locations::contents(py, number)];
                }
                (0..count)
                    .map(|i| locations::indexed(py, number, start + i * step))
                    .collect()
            }
            Part::Item(_) => Vec::new(),
        }
    }
}

/// Records an access to each location; `value` is a sequence if there are several.
unsafe fn record_all(
    py: Python<'_>,
    op: u8,
    locations: &[u32],
    site: u32,
    value: Object,
    flags: u8,
) {
    if let [location] = locations {
        return access(py, op, *location, site, value, flags);
    }
    let list = ffi::Py_TYPE(value) == &raw mut ffi::PyList_Type;
    for (i, location) in locations.iter().enumerate() {
        let part = if list && (i as isize) < ffi::PyList_Size(value) {
            ffi::PyList_GetItem(value, i as isize)
        } else {
            std::ptr::null_mut()
        };
        access(py, op, *location, site, part, flags);
    }
}

unsafe fn read_raw(py: Python<'_>, object: Object, number: u32, part: Part, site: u32) -> Object {
    let locations = part.locations(py, object, number);
    let stripe = Stripe::lock(identity::key(py, number));
    let value = part.get(object);
    if !value.is_null() {
        record_all(py, READ, &locations, site, value, 0);
    }
    drop(stripe);
    value
}

unsafe fn write_raw(
    py: Python<'_>,
    object: Object,
    number: u32,
    part: Part,
    site: u32,
    value: Object,
    flags: u8,
) -> bool {
    let locations = part.locations(py, object, number);
    let stripe = is_inert(value).then(|| Stripe::lock(identity::key(py, number)));
    let stored = part.set(object, value);
    if stored {
        record_all(py, WRITE, &locations, site, value, flags);
    }
    drop(stripe);
    stored
}

unsafe fn read(py: Python<'_>, hook: *mut Hook, object: Object, part: Part) -> Option<Object> {
    if !recording() {
        None
    } else if is_one_of(object, &WRAPPERS.get(py)) {
        gate::before(py, READ, 0, (*hook).id);
        Some(through_wrapper((*hook).id, 0, || part.get(object)))
    } else {
        match raw_number(py, object) {
            0 => None,
            number => {
                gate::before(py, READ, 0, (*hook).id);
                Some(read_raw(py, object, number, part, (*hook).id))
            }
        }
    }
}

unsafe fn write(
    py: Python<'_>,
    hook: *mut Hook,
    object: Object,
    part: Part,
    value: Object,
) -> Option<bool> {
    let flags = flags_of(hook);
    if !recording() {
        None
    } else if is_one_of(object, &WRAPPERS.get(py)) {
        let set = || part.set(object, value);
        gate::before(py, WRITE, 0, (*hook).id);
        Some(through_wrapper((*hook).id, flags, set))
    } else {
        match raw_number(py, object) {
            0 => None,
            number => {
                gate::before(py, WRITE, 0, (*hook).id);
                Some(write_raw(
                    py,
                    object,
                    number,
                    part,
                    (*hook).id,
                    value,
                    flags,
                ))
            }
        }
    }
}

/// Reads `object.name` if that is shared memory; null with an exception if it fails.
///
/// # Safety
/// `object` is live.
pub unsafe fn read_attribute(py: Python<'_>, hook: *mut Hook, object: Object) -> Option<Object> {
    read(py, hook, object, Part::Attribute((*hook).name))
}

/// Writes `object.name` if that is shared memory; false with an exception if it fails.
///
/// # Safety
/// `object` and `value` are live.
pub unsafe fn write_attribute(
    py: Python<'_>,
    hook: *mut Hook,
    object: Object,
    value: Object,
) -> Option<bool> {
    write(py, hook, object, Part::Attribute((*hook).name), value)
}

/// Reads `object[key]` if that is shared memory. A slice of a memoryview reads nothing yet.
///
/// # Safety
/// `object` and `key` are live.
pub unsafe fn read_item(
    py: Python<'_>,
    hook: *mut Hook,
    object: Object,
    key: Object,
) -> Option<Object> {
    if ffi::PyMemoryView_Check(object) != 0 && ffi::PySlice_Check(key) != 0 {
        return None;
    }
    read(py, hook, object, Part::Item(key))
}

/// Writes `object[key]` if that is shared memory.
///
/// # Safety
/// `object`, `key` and `value` are live.
pub unsafe fn write_item(
    py: Python<'_>,
    hook: *mut Hook,
    object: Object,
    key: Object,
    value: Object,
) -> Option<bool> {
    write(py, hook, object, Part::Item(key), value)
}

/// Tells of types: those of objects that may be shared memory, and of wrappers.
#[pyfunction]
fn shared_types(py: Python<'_>, raw: Vec<Bound<'_, PyType>>, wrappers: Vec<Bound<'_, PyType>>) {
    let known = |kinds: &[*mut ffi::PyTypeObject], kind| kinds.contains(&kind);
    // SAFETY: the object is live.
    unsafe {
        for kind in raw {
            let kind = kind.into_ptr().cast();
            if !known(&RAW.get(py), kind) {
                deaths::watch(kind);
                RAW.get(py).push(kind);
            }
        }
        for kind in wrappers {
            let kind = kind.into_ptr().cast();
            if !known(&WRAPPERS.get(py), kind) {
                WRAPPERS.get(py).push(kind);
            }
        }
    }
    ACTIVE.store(true, Ordering::Relaxed);
    if recording() {
        record::alone::no_more(py);
    }
}

/// The site and the flags of the access that is on its way through a wrapper; zeros if there is
/// none. It is made now.
pub fn take_pending() -> (u32, u8) {
    PENDING.replace((0, 0))
}

/// The site and the flags of the access that this thread is making, through a wrapper or not.
fn pending(py: Python<'_>) -> (u32, u8) {
    match take_pending() {
        (0, _) => (sites::current_site(py), 0),
        known => known,
    }
}

fn get(py: Python<'_>, object: &Bound<'_, PyAny>, part: Part) -> PyResult<Py<PyAny>> {
    let object = object.as_ptr();
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let number = if record::memory() {
            raw_number(py, object)
        } else {
            0
        };
        let value = if number == 0 {
            part.get(object)
        } else {
            gate::before(py, READ, 0, 0);
            read_raw(py, object, number, part, pending(py).0)
        };
        Bound::from_owned_ptr_or_err(py, value).map(Bound::unbind)
    }
}

fn set(
    py: Python<'_>,
    object: &Bound<'_, PyAny>,
    part: Part,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let (object, value) = (object.as_ptr(), value.as_ptr());
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let number = if record::memory() {
            raw_number(py, object)
        } else {
            0
        };
        let stored = if number == 0 {
            part.set(object, value)
        } else {
            gate::before(py, WRITE, 0, 0);
            let (site, flags) = pending(py);
            write_raw(py, object, number, part, site, value, flags)
        };
        if stored {
            Ok(())
        } else {
            Err(PyErr::fetch(py))
        }
    }
}

/// `object.name` in shared memory, for code of the standard library.
#[pyfunction]
fn shared_get(object: &Bound<'_, PyAny>, name: &Bound<'_, PyString>) -> PyResult<Py<PyAny>> {
    get(object.py(), object, Part::Attribute(name.as_ptr()))
}

/// `object.name = value` in shared memory.
#[pyfunction]
fn shared_set(
    object: &Bound<'_, PyAny>,
    name: &Bound<'_, PyString>,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    set(object.py(), object, Part::Attribute(name.as_ptr()), value)
}

/// `object[key]` in shared memory.
#[pyfunction]
fn shared_get_item(object: &Bound<'_, PyAny>, key: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    get(object.py(), object, Part::Item(key.as_ptr()))
}

/// `object[key] = value` in shared memory.
#[pyfunction]
fn shared_set_item(
    object: &Bound<'_, PyAny>,
    key: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    set(object.py(), object, Part::Item(key.as_ptr()), value)
}

/// Records an access to an item of a shared object that was made by other means.
#[pyfunction]
fn shared_item(py: Python<'_>, op: u8, number: u32, index: isize, value: &Bound<'_, PyAny>) {
    if record::memory() && number != 0 {
        // SAFETY: the object is live.
        unsafe {
            let (site, flags) = pending(py);
            access(
                py,
                op,
                locations::indexed(py, number, index),
                site,
                value.as_ptr(),
                flags,
            );
        }
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(shared_types, m)?)?;
    m.add_function(wrap_pyfunction!(shared_get, m)?)?;
    m.add_function(wrap_pyfunction!(shared_set, m)?)?;
    m.add_function(wrap_pyfunction!(shared_get_item, m)?)?;
    m.add_function(wrap_pyfunction!(shared_set_item, m)?)?;
    m.add_function(wrap_pyfunction!(shared_item, m)?)
}

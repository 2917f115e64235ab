//! Which values are given a number when they are first read or stored: those that the program may go
//! on to access, so that it is known by which way it came to them.

use crate::cpython::{deaths, types};
use crate::gil::Gil;
use crate::text::utf8;
use pyo3::ffi;
use pyo3::Python;

/// The packages whose locks order nothing that a program may rely on: the standard library's that make
/// primitives for themselves, and ours.
const INTERNAL: &[&str] = &[
    "threading",
    "queue",
    "logging",
    "importlib",
    "_weakrefset",
    "weakref",
    "tempfile",
    "random",
    "multiprocessing",
    "concurrent",
    "racetrace",
];

/// Whether a module belongs to one of these.
pub fn is_internal_module(name: &str) -> bool {
    let package = name.split_once('.').map_or(name, |(package, _)| package);
    INTERNAL.contains(&package)
}

/// What was last found, in the place that the type has by its address. A type's version tells it from
/// another that had its address before.
static RECENT: Gil<[(usize, u32, bool); 64]> = Gil::new([(0, 0, false); 64]);

/// Whether instances of the type are containers, or instances of a class of Python code that is none
/// of the primitives: those are numbered when they are made.
///
/// # Safety
/// `kind` is live.
#[inline]
pub unsafe fn numbering(py: Python<'_>, kind: *mut ffi::PyTypeObject) -> bool {
    let version = types::version(kind);
    let index = (kind as usize >> 4) % 64;
    let recent = RECENT.at(py, index);
    if recent.0 == kind as usize && recent.1 == version && version != 0 {
        return recent.2;
    }
    let worth = judge(py, kind);
    RECENT.set_at(py, index, (kind as usize, version, worth));
    worth
}

#[cold]
unsafe fn judge(py: Python<'_>, kind: *mut ffi::PyTypeObject) -> bool {
    deaths::watch_late(py);
    if !deaths::watches(kind) || kind == &raw mut ffi::PyCell_Type {
        return false;
    }
    let name = std::ffi::CStr::from_ptr((*kind).tp_name).to_bytes();
    if name.starts_with(b"_thread.") || name.starts_with(b"_queue.") {
        return false;
    }
    if ffi::PyType_HasFeature(kind, ffi::Py_TPFLAGS_HEAPTYPE) == 0 {
        return true; // a container of C's
    }
    let bases = (*kind).tp_mro;
    if bases.is_null() {
        return false;
    }
    (0..ffi::PyTuple_Size(bases)).all(|index| !is_primitive(ffi::PyTuple_GetItem(bases, index)))
}

/// Whether a class is of the packages that make primitives, or of threads' own data.
unsafe fn is_primitive(class: *mut ffi::PyObject) -> bool {
    match module_of(class.cast()) {
        Some(name) => name == "_thread" || name == "_queue" || is_internal_module(name),
        None => false,
    }
}

/// The name of the module that a class of Python code belongs to, as the class has it.
///
/// # Safety
/// The GIL is held; `class` lives as long as the name is used.
pub unsafe fn module_of<'a>(class: *mut ffi::PyTypeObject) -> Option<&'a str> {
    if ffi::PyType_HasFeature(class, ffi::Py_TPFLAGS_HEAPTYPE) == 0 || (*class).tp_dict.is_null() {
        return None;
    }
    let name = ffi::PyDict_GetItemString((*class).tp_dict, c"__module__".as_ptr());
    if name.is_null() || ffi::PyUnicode_Check(name) == 0 {
        return None;
    }
    utf8(name).and_then(|text| std::str::from_utf8(text).ok())
}

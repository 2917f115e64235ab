//! The slot behind `next` and `for`.
//!
//! Versions: 3.11 to 3.13. The slot is public. What goes without it is not: `__next__` has a copy of it, and
//! loops over some iterators have their own way from 3.12 on.
//! Check: the copy is changed only where it is the original; where a generator has its name is seen from one.
//! Elsewhere: the use of such an iterator is not seen.
//! Safe: the types live for ever, and a generator's name is only compared.

use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;
pub type Next = unsafe extern "C" fn(Object) -> Object;

/// The descriptor of a slot, as it begins.
#[repr(C)]
struct Wrapper {
    head: ffi::PyObject,
    kind: *mut ffi::PyTypeObject,
    name: Object,
    qualified_name: Object,
    base: *mut libc::c_void,
    wrapped: *mut libc::c_void,
}

/// Puts `next` in the place of a type's slot, which was `original`, and `called` in the place of `__next__`.
///
/// # Safety
/// The GIL is held; the type lives for ever.
pub unsafe fn replace(kind: *mut ffi::PyTypeObject, original: Next, next: Next, called: Next) {
    (*kind).tp_iternext = Some(next);
    let descriptor = ffi::PyObject_GetAttrString(kind.cast(), c"__next__".as_ptr());
    if descriptor.is_null() {
        return ffi::PyErr_Clear();
    }
    let wrapper = descriptor.cast::<Wrapper>();
    // SAFETY: the type of the descriptor says that it is one of a slot.
    if ffi::Py_TYPE(descriptor) == &raw mut ffi::PyWrapperDescr_Type
        && (*wrapper).wrapped as usize == original as usize
    {
        (*wrapper).wrapped = called as *mut libc::c_void;
    }
    ffi::Py_DECREF(descriptor);
}

/// Whether loops over iterators of the type go without the slot.
///
/// # Safety
/// None but that of the interpreter's types.
pub unsafe fn has_loop(kind: *mut ffi::PyTypeObject) -> bool {
    cfg!(Py_3_12)
        && (kind == &raw mut ffi::PyListIter_Type
            || kind == &raw mut ffi::PyTupleIter_Type
            || kind == &raw mut ffi::PyRangeIter_Type
            || kind == &raw mut ffi::PyGen_Type)
}

/// Where a generator has its name.
const GENERATOR_NAME: usize = if cfg!(Py_3_12) { 24 } else { 32 };

/// The name that generators of generator expressions have; null where it is not where it is looked for.
static EXPRESSION: Gil<Object> = Gil::new(null_mut());

unsafe fn name_of(generator: Object) -> Object {
    // SAFETY: the caller has a generator; its name has the same size and kind on all versions.
    generator
        .cast::<u8>()
        .add(GENERATOR_NAME)
        .cast::<Object>()
        .read()
}

/// Learns the name from one such generator.
///
/// # Safety
/// What it is given is live.
pub unsafe fn learn_expression(py: Python<'_>, generator: Object) {
    let name = ffi::PyObject_GetAttrString(generator, c"__name__".as_ptr());
    if name == name_of(generator) {
        // The reference is kept, so the name stays.
        EXPRESSION.set(py, name);
    } else {
        ffi::Py_XDECREF(name);
    }
}

/// Whether the object is the generator of a generator expression.
///
/// # Safety
/// What it is given is live.
pub unsafe fn is_expression(py: Python<'_>, object: Object) -> bool {
    ffi::Py_TYPE(object) == &raw mut ffi::PyGen_Type && name_of(object) == EXPRESSION.copied(py)
}

//! Attributes and items as targets of a loop, a `with` or an unpacking: an object whose item
//! assignment does the store and records it.

use super::{attributes, items, new_ref, table, Args};
use crate::record::session::Gil;
use pyo3::ffi;
use std::ffi::c_void;
use std::ptr::null_mut;

#[repr(C)]
struct Target {
    base: ffi::PyObject,
    object: *mut ffi::PyObject,
    /// Null for an attribute, whose name the site has.
    key: *mut ffi::PyObject,
    site: *mut table::Hooked,
}

static KIND: Gil<*mut ffi::PyTypeObject> = Gil::new(null_mut());

unsafe extern "C" fn store(
    this: *mut ffi::PyObject,
    _: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
) -> i32 {
    let target = this.cast::<Target>();
    let site = (*target).site;
    let stored = if (*target).key.is_null() {
        attributes::write(site, (*target).object, value)
    } else {
        items::write(site, (*target).object, (*target).key, value)
    };
    if stored {
        0
    } else {
        -1
    }
}

unsafe extern "C" fn dealloc(this: *mut ffi::PyObject) {
    let target = this.cast::<Target>();
    ffi::Py_DECREF((*target).object);
    ffi::Py_XDECREF((*target).key);
    let kind = ffi::Py_TYPE(this);
    ffi::PyObject_Free(this.cast());
    ffi::Py_DECREF(kind.cast());
}

/// Makes the type. False with an exception set on failure.
///
/// # Safety
/// The GIL is held.
pub unsafe fn init() -> bool {
    let mut slots = [
        ffi::PyType_Slot {
            slot: ffi::Py_mp_ass_subscript,
            pfunc: store as *mut c_void,
        },
        ffi::PyType_Slot {
            slot: ffi::Py_tp_dealloc,
            pfunc: dealloc as *mut c_void,
        },
        ffi::PyType_Slot {
            slot: 0,
            pfunc: null_mut(),
        },
    ];
    let mut spec = ffi::PyType_Spec {
        name: c"tracer._core.Target".as_ptr(),
        basicsize: std::mem::size_of::<Target>() as i32,
        itemsize: 0,
        flags: (ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION) as u32,
        slots: slots.as_mut_ptr(),
    };
    *KIND.get() = ffi::PyType_FromSpec(&mut spec).cast();
    !(*KIND.get()).is_null()
}

unsafe fn make(
    object: *mut ffi::PyObject,
    key: *mut ffi::PyObject,
    site: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let made = ffi::PyType_GenericAlloc(*KIND.get(), 0);
    if !made.is_null() {
        let target = made.cast::<Target>();
        (*target).object = new_ref(object);
        (*target).key = if key.is_null() { key } else { new_ref(key) };
        (*target).site = table::get(site);
    }
    made
}

/// `target_attribute(object, site)`.
pub unsafe extern "C" fn target_attribute(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    make(*args, null_mut(), *args.add(1))
}

/// `target_item(object, key, site)`.
pub unsafe extern "C" fn target_item(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    make(*args, *args.add(1), *args.add(2))
}

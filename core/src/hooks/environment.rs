//! The variables of `os.environ`, which keeps them encoded and tells the system of each change.

use super::hook::{Hook, Object};
use super::kinds::Slot;
use super::looks::{looked, Look};
use super::Held;
use crate::gil::Gil;
use crate::inputs::environment as inputs;
use crate::ops::{flag, DELETE, READ, WRITE};
use crate::record::{access, gate, identity, locations};
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::ptr::null_mut;

/// `os.environ`, and the functions that tell the system of its changes.
struct System {
    environment: Object,
    put: Object,
    remove: Object,
}

static SYSTEM: Gil<System> = Gil::new(System {
    environment: null_mut(),
    put: null_mut(),
    remove: null_mut(),
});

/// Looks it up. False with an exception set on failure.
pub fn init(py: Python<'_>) -> bool {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let os = Held(ffi::PyImport_ImportModule(c"os".as_ptr()));
        if os.0.is_null() {
            return false;
        }
        let of_os = |name: &CStr| ffi::PyObject_GetAttrString(os.0, name.as_ptr());
        SYSTEM.set(
            py,
            System {
                environment: of_os(c"environ"),
                put: of_os(c"putenv"),
                remove: of_os(c"unsetenv"),
            },
        );
        ffi::PyErr_Occurred().is_null()
    }
}

/// Whether the object is `os.environ`.
pub unsafe fn is_it(py: Python<'_>, object: Object) -> bool {
    object == SYSTEM.get(py).environment
}

/// The location of a variable of the environment, which other processes do not share.
unsafe fn variable(py: Python<'_>, key: Object) -> u32 {
    let environment = SYSTEM.get(py).environment;
    let number = identity::object_id(py, environment);
    if number != 0 && !identity::labelled(py, number) {
        identity::label(py, number, "os.environ");
    }
    locations::item(py, number, key)
}

unsafe fn encoded(text: Object) -> Option<Held> {
    if ffi::Py_TYPE(text) != &raw mut ffi::PyUnicode_Type {
        return None;
    }
    let bytes = Held(ffi::PyUnicode_EncodeFSDefault(text));
    if bytes.0.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    Some(bytes)
}

/// What is under the key; recorded. `dict` is what the environment keeps it in, here and below.
pub unsafe fn look_up(
    py: Python<'_>,
    hook: *mut Hook,
    dict: Object,
    key: Object,
    slot: Slot,
) -> Look {
    let Some(name) = encoded(key) else {
        return Look::Unknown;
    };
    inputs::asked(py, dict, name.0);
    gate::before(py, READ, 0, (*hook).id);
    let bytes = ffi::PyDict_GetItemWithError(dict, name.0);
    let mut value = null_mut();
    if !bytes.is_null() && ffi::PyBytes_CheckExact(bytes) != 0 {
        let text = ffi::PyBytes_AsString(bytes);
        value = ffi::PyUnicode_DecodeFSDefaultAndSize(text, ffi::PyBytes_Size(bytes));
    }
    if value.is_null() != bytes.is_null() || !ffi::PyErr_Occurred().is_null() {
        ffi::PyErr_Clear();
        return Look::Unknown;
    }
    looked(py, hook, variable(py, key), value, slot)
}

/// Stores a variable; None, with nothing done, if it is refused.
pub unsafe fn write(
    py: Python<'_>,
    hook: *mut Hook,
    dict: Object,
    key: Object,
    value: Object,
) -> Option<bool> {
    let (name, text) = (encoded(key)?, encoded(value)?);
    gate::before(py, WRITE, 0, (*hook).id);
    inputs::changed(py, name.0);
    let none = null_mut::<ffi::PyObject>();
    let function = SYSTEM.get(py).put;
    let put = ffi::PyObject_CallFunctionObjArgs(function, name.0, text.0, none);
    if Held(put).0.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    let before = ffi::PyDict_Size(dict);
    if ffi::PyDict_SetItem(dict, name.0, text.0) < 0 {
        return Some(false);
    }
    let mut flags = match ffi::PyDict_Size(dict) == before {
        true => 0,
        false => flag::STRUCTURAL,
    };
    if (*hook).augments {
        flags |= flag::AUGMENTED;
    }
    access(py, WRITE, variable(py, key), (*hook).id, value, flags);
    Some(true)
}

/// Deletes a variable; false with an exception set, None if it is no name.
pub unsafe fn delete(py: Python<'_>, hook: *mut Hook, dict: Object, key: Object) -> Option<bool> {
    let name = encoded(key)?;
    inputs::asked(py, dict, name.0);
    gate::before(py, DELETE, 0, (*hook).id);
    inputs::changed(py, name.0);
    let none = null_mut::<ffi::PyObject>();
    let function = SYSTEM.get(py).remove;
    let done = ffi::PyObject_CallFunctionObjArgs(function, name.0, none);
    if Held(done).0.is_null() {
        return Some(false);
    }
    if ffi::PyDict_DelItem(dict, name.0) < 0 {
        access(py, READ, variable(py, key), (*hook).id, null_mut(), 0);
        return Some(false);
    }
    let flags = flag::STRUCTURAL;
    access(py, DELETE, variable(py, key), (*hook).id, null_mut(), flags);
    Some(true)
}

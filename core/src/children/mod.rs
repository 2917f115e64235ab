//! Child processes as the program itself makes and awaits them: `os.fork`, `os.wait` and their like.
//! What they tell of a child that is of the run is a JOIN of the thread that asked, and how the
//! child ended.

mod ends;
mod forks;
mod sent;
mod told;
mod wait_calls;
mod waitid;

use crate::control::{self, pids};
use crate::cpython::methods::{replace, Fast};
use crate::gil::{Gil, GilMut};
use crate::record::threads;
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction};
use rustc_hash::FxHashMap;

type Object = *mut ffi::PyObject;

/// The children that have not been waited for: their objects, by pid.
static CHILDREN: Gil<Option<FxHashMap<i32, u32>>> = Gil::new(None);

fn children(py: Python<'_>) -> GilMut<'_, FxHashMap<i32, u32>> {
    CHILDREN.get_or_insert_with(py, FxHashMap::default)
}

/// Forgets the children: they are another recording's, or the parent's.
pub fn reset(py: Python<'_>) {
    children(py).clear();
}

/// An int among a call's arguments.
unsafe fn int(arguments: *const Object, count: isize, position: isize) -> Option<i32> {
    if position >= count {
        return None;
    }
    let argument = *arguments.offset(position);
    if ffi::PyLong_Check(argument) == 0 {
        return None;
    }
    let value = ffi::PyLong_AsLong(argument);
    ffi::PyErr_Clear();
    i32::try_from(value).ok()
}

/// Puts what the program knows the process by in the place of the pid, the first of a result's fields.
unsafe fn tell_known(result: Object) {
    if result.is_null() || ffi::PyTuple_Check(result) == 0 {
        return;
    }
    let Some(pid) = item(result, 0).filter(|&pid| pids::known(pid) != pid) else {
        return;
    };
    // Nobody else has the result yet.
    let place = &raw mut (*result.cast::<ffi::PyTupleObject>()).ob_item;
    let place = place.cast::<Object>();
    let told = ffi::PyLong_FromLong(pids::known(pid).into());
    ffi::Py_DECREF(std::mem::replace(&mut *place, told));
}

unsafe fn item_of(result: Object, position: isize) -> Option<i32> {
    match result.is_null() {
        true => None,
        false => item(result, position),
    }
}

unsafe fn item(tuple: Object, position: isize) -> Option<i32> {
    let value = ffi::PyLong_AsLong(ffi::PyTuple_GetItem(tuple, position));
    ffi::PyErr_Clear();
    i32::try_from(value).ok()
}

/// Replaces the functions; a second call does nothing.
pub fn install(py: Python<'_>) {
    if forks::are_installed(py) {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"posix".as_ptr());
        forks::install(py, module);
        wait_calls::install(py, module);
        replace::<Fast>(
            py,
            module,
            c"waitid",
            ffi::METH_FASTCALL,
            &waitid::ORIGINAL,
            waitid::waitid,
        );
        told::install(py, module);
        sent::install(py);
        // A function that this Python does not have, or has in another form, stays as it is.
        ffi::PyErr_Clear();
    }
}

/// The child with this pid, made by `method`, is the process of this object.
pub fn insert(py: Python<'_>, pid: i32, number: u32, method: &str) {
    threads::child_made(py, pid as u32, number, method);
    children(py).insert(pid, number);
}

#[pyfunction]
fn child_made(py: Python<'_>, pid: i32, number: u32, method: &str) {
    insert(py, pids::real(pid), number, method);
}

/// In a replay, the recorded pid of the parent of this process, the run's first; 0: not known, as
/// where pids are made up.
#[pyfunction]
fn parent_was(pid: u32) {
    let known = match pid {
        0 => control::idents::supervisor(),
        known => known,
    };
    // SAFETY: getppid() takes nothing; the GIL is held, so nobody else changes the pairs.
    unsafe { pids::add(known, libc::getppid() as u32) };
}

/// What the program knows the thread of this process by which has the ident.
#[pyfunction]
fn known_ident(py: Python<'_>, ident: u64) -> u64 {
    control::idents::told(py, ident)
}

/// What the program knows the process by.
#[pyfunction]
fn known_pid(pid: i32) -> i32 {
    pids::known(pid)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    forks::register(m)?;
    m.add_function(wrap_pyfunction!(known_pid, m)?)?;
    m.add_function(wrap_pyfunction!(known_ident, m)?)?;
    m.add_function(wrap_pyfunction!(parent_was, m)?)?;
    m.add_function(wrap_pyfunction!(child_made, m)?)
}

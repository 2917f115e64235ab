//! What rewritten code calls: one native function for each kind of access. Each does the operation
//! (or gets its value as an argument) and records it, with nothing in between.

mod attributes;
mod containers;
mod items;
mod labels;
mod modules;
mod names;
mod points;
mod sites;
mod table;
mod targets;

use crate::record::session::Gil;
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;
pub use sites::reset;
use std::ffi::CStr;
use std::ptr::null_mut;
pub use table::after_fork;

type Args = *mut *mut ffi::PyObject;
type Fast = unsafe extern "C" fn(*mut ffi::PyObject, Args, isize) -> *mut ffi::PyObject;
type Keywords = unsafe extern "C" fn(
    *mut ffi::PyObject,
    *const *mut ffi::PyObject,
    isize,
    *mut ffi::PyObject,
) -> *mut ffi::PyObject;

#[inline(always)]
unsafe fn new_ref(object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    ffi::Py_INCREF(object);
    object
}

#[inline(always)]
unsafe fn none() -> *mut ffi::PyObject {
    new_ref(ffi::Py_None())
}

/// What a hook that stores returns: None, or null with the exception of the store.
#[inline(always)]
unsafe fn done(stored: bool) -> *mut ffi::PyObject {
    if stored {
        none()
    } else {
        std::ptr::null_mut()
    }
}

/// The operator of a site that has none.
unsafe extern "C" fn no_operator(
    _: *mut ffi::PyObject,
    _: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    none()
}

unsafe extern "C" fn power(
    left: *mut ffi::PyObject,
    right: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    ffi::PyNumber_InPlacePower(left, right, ffi::Py_None())
}

fn operator(text: &str) -> Option<table::Binary> {
    Some(match text {
        "+=" => ffi::PyNumber_InPlaceAdd,
        "-=" => ffi::PyNumber_InPlaceSubtract,
        "*=" => ffi::PyNumber_InPlaceMultiply,
        "@=" => ffi::PyNumber_InPlaceMatrixMultiply,
        "/=" => ffi::PyNumber_InPlaceTrueDivide,
        "//=" => ffi::PyNumber_InPlaceFloorDivide,
        "%=" => ffi::PyNumber_InPlaceRemainder,
        "**=" => power,
        "<<=" => ffi::PyNumber_InPlaceLshift,
        ">>=" => ffi::PyNumber_InPlaceRshift,
        "&=" => ffi::PyNumber_InPlaceAnd,
        "|=" => ffi::PyNumber_InPlaceOr,
        "^=" => ffi::PyNumber_InPlaceXor,
        _ => return None,
    })
}

static THREAD_LOCAL: Gil<*mut ffi::PyTypeObject> = Gil::new(null_mut());

/// Whether a type is `threading.local` or derives from it.
unsafe fn thread_local(kind: *mut ffi::PyTypeObject) -> bool {
    ffi::PyType_IsSubtype(kind, *THREAD_LOCAL.get()) != 0
}

const FAST: &[(&CStr, Fast)] = &[
    (c"@label", labels::label),
    (c"@read_global", names::read_global),
    (c"@read_cell", names::read_cell),
    (c"@write_global", names::write_global),
    (c"@write_cell", names::write_cell),
    (c"@bound_global", names::bound_global),
    (c"@bound_cell", names::bound_cell),
    (c"@delete_global", names::delete_global),
    (c"@delete_cell", names::delete_cell),
    (c"@in_place", names::in_place),
    (c"@before_read_global", points::before_read_global),
    (c"@before_read_cell", points::before_read_cell),
    (c"@before_write_global", points::before_write_global),
    (c"@before_write_cell", points::before_write_cell),
    (c"@before_delete_global", points::before_delete_global),
    (c"@before_delete_cell", points::before_delete_cell),
    (c"@augment_global", names::augment_global),
    (c"@read_attribute", attributes::read_attribute),
    (c"@read_attribute_value", attributes::read_attribute_value),
    (c"@write_attribute", attributes::write_attribute),
    (c"@delete_attribute", attributes::delete_attribute),
    (c"@augment_attribute", attributes::augment_attribute),
    (c"@begin_attribute", attributes::begin_attribute),
    (c"@finish_attribute", attributes::finish_attribute),
    (c"@read_item", items::read_item),
    (c"@write_item", items::write_item),
    (c"@delete_item", items::delete_item),
    (c"@augment_item", items::augment_item),
    (c"@begin_item", items::begin_item),
    (c"@finish_item", items::finish_item),
    (c"@contains", items::contains),
    (c"@not_contains", items::not_contains),
    (c"@iterate", items::iterate),
    (c"@length", items::length),
    (c"@truth", items::truth),
    (c"@target_attribute", targets::target_attribute),
    (c"@target_item", targets::target_item),
];

const KEYWORDS: &[(&CStr, Keywords)] = &[
    (c"@call_method", items::call_method),
    (c"@call_reader", items::call_reader),
];

unsafe fn add_builtin(name: &'static CStr, function: ffi::PyMethodDefPointer, flags: i32) -> bool {
    let definition = Box::leak(Box::new(ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: function,
        ml_flags: flags,
        ml_doc: null_mut(),
    }));
    let made = ffi::PyCFunction_NewEx(definition, null_mut(), null_mut());
    if made.is_null() {
        return false;
    }
    let failed = ffi::PyDict_SetItemString(ffi::PyEval_GetBuiltins(), name.as_ptr(), made) < 0;
    ffi::Py_DECREF(made);
    !failed
}

unsafe fn install() -> bool {
    let local = ffi::PyImport_ImportModule(c"_thread".as_ptr());
    if local.is_null() {
        return false;
    }
    *THREAD_LOCAL.get() = ffi::PyObject_GetAttrString(local, c"_local".as_ptr()).cast();
    ffi::Py_DECREF(local);
    if (*THREAD_LOCAL.get()).is_null() || !containers::init() || !labels::init() || !targets::init()
    {
        return false;
    }
    FAST.iter().all(|&(name, function)| {
        let pointer = ffi::PyMethodDefPointer {
            PyCFunctionFast: function,
        };
        add_builtin(name, pointer, ffi::METH_FASTCALL)
    }) && KEYWORDS.iter().all(|&(name, function)| {
        let pointer = ffi::PyMethodDefPointer {
            PyCFunctionFastWithKeywords: function,
        };
        add_builtin(name, pointer, ffi::METH_FASTCALL | ffi::METH_KEYWORDS)
    }) && ffi::PyDict_SetItemString(
        ffi::PyEval_GetBuiltins(),
        c"@slice".as_ptr(),
        (&raw mut ffi::PySlice_Type).cast(),
    ) == 0
}

/// Puts the hooks into `builtins`, under names that no source can spell.
#[pyfunction]
fn install_hooks(py: Python<'_>) -> PyResult<()> {
    static INSTALLED: Gil<bool> = Gil::new(false);
    unsafe {
        if *INSTALLED.get() {
            return Ok(());
        }
        if !install() {
            return Err(PyErr::fetch(py));
        }
        *INSTALLED.get() = true;
    }
    Ok(())
}

unsafe fn interned(text: &Bound<'_, PyString>) -> *mut ffi::PyObject {
    let mut object = text.clone().into_ptr();
    ffi::PyUnicode_InternInPlace(&mut object);
    object
}

/// Tells the hooks about a site that `add_site` numbered; `partner` has been added before.
#[pyfunction]
fn add_hook(
    site: u32,
    name: Option<Bound<'_, PyString>>,
    module: Bound<'_, PyString>,
    operator: &str,
    partner: u32,
) -> PyResult<()> {
    let function = self::operator(operator);
    if function.is_none() && !operator.is_empty() {
        return Err(PyValueError::new_err(format!(
            "no such operator: {operator}"
        )));
    }
    let dunder = name.as_ref().is_some_and(|name| {
        let text = name.to_string_lossy();
        text.starts_with("__") && text.ends_with("__")
    });
    unsafe {
        let name = name.as_ref().map_or(null_mut(), |name| interned(name));
        table::add(site, name, interned(&module), function, partner, dunder);
    }
    Ok(())
}

/// Tells the hooks about a rewritten module: its `__name__`, what its globals are called in the
/// trace, and which of them hold data.
#[pyfunction]
fn add_module(name: String, label: Bound<'_, PyString>, data: Vec<String>) {
    unsafe { modules::add(name, interned(&label), data) };
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(install_hooks, m)?)?;
    m.add_function(wrap_pyfunction!(add_hook, m)?)?;
    m.add_function(wrap_pyfunction!(add_module, m)?)?;
    m.add_function(wrap_pyfunction!(sites::add_site, m)?)?;
    Ok(())
}

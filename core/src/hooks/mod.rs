//! What rewritten code reaches in place of an access: a hook, of one kind for each kind of access.
//! Each does the operation (or gets its value) and records it, with nothing in between.

mod attributes;
mod builtins;
mod containers;
mod description;
mod environment;
pub mod flows;
mod hook;
mod items;
mod iteration;
mod kinds;
mod labels;
mod library;
mod looks;
mod managed;
mod memory;
mod merges;
mod methods;
mod modules;
mod names;
mod namespaces;
mod natively;
mod objects;
mod places;
mod points;
pub mod shared;
mod sites;
mod steps;
mod texts;
mod through;
mod twins;
mod wrapped;
mod wrappers;

use crate::gil::Gil;
use attributes::Attribute;
pub use hook::after_fork;
use hook::{Object, Way};
use items::Item;
pub use managed::Managed;
use places::Place;
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::ptr::null_mut;

#[inline(always)]
unsafe fn new_ref(object: Object) -> Object {
    ffi::Py_INCREF(object);
    object
}

#[inline(always)]
fn none(_: Python<'_>) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe { new_ref(ffi::Py_None()) }
}

/// A reference that is given back.
struct Held(Object);

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the reference is its own.
        unsafe { ffi::Py_XDECREF(self.0) };
    }
}

/// The two parts of an operand; borrowed.
#[inline(always)]
unsafe fn pair(both: Object) -> (Object, Object) {
    (
        ffi::PyTuple_GET_ITEM(both, 0),
        ffi::PyTuple_GET_ITEM(both, 1),
    )
}

unsafe extern "C" fn power(left: Object, right: Object) -> Object {
    ffi::PyNumber_InPlacePower(left, right, ffi::Py_None())
}

fn operator(text: &str) -> Option<hook::Binary> {
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

/// At the start of a recording, when its spool is open.
pub fn reset(py: Python<'_>) {
    sites::reset(py);
    flows::reset(py);
    hook::reset(py);
    memory::reset(py);
    namespaces::reset(py);
}

static THREAD_LOCAL: Gil<*mut ffi::PyTypeObject> = Gil::new(null_mut());

/// Whether a type is `threading.local` or derives from it.
unsafe fn thread_local(py: Python<'_>, kind: *mut ffi::PyTypeObject) -> bool {
    ffi::PyType_IsSubtype(kind, THREAD_LOCAL.copied(py)) != 0
}

/// The kinds of hook, by the names that the rewriter knows.
const WAYS: &[(&str, Way)] = &[
    ("label", Way::Load(labels::label)),
    ("label_shared", Way::Load(labels::label_shared)),
    ("label_global", Way::Load(labels::label_global)),
    ("label_class", Way::Load(labels::label_class)),
    ("read_global", Way::Load(names::read_global)),
    ("read_cell", Way::Load(names::read_cell)),
    (
        "write_global",
        Way::Both(names::write_global, names::store_global),
    ),
    ("write_cell", Way::Load(names::write_cell)),
    ("bound_global", Way::Load(names::bound_global)),
    ("bound_cell", Way::Load(names::bound_cell)),
    ("delete_global", Way::Load(names::delete_global)),
    ("delete_cell", Way::Load(names::delete_cell)),
    ("in_place", Way::Load(names::in_place)),
    ("before_read_global", Way::Load(points::before_read_global)),
    ("before_read_cell", Way::Load(points::before_read_cell)),
    (
        "before_write_global",
        Way::Load(points::before_write_global),
    ),
    ("before_write_cell", Way::Load(points::before_write_cell)),
    (
        "before_delete_global",
        Way::Load(points::before_delete_global),
    ),
    ("before_delete_cell", Way::Load(points::before_delete_cell)),
    ("augment_global", Way::Load(names::augment_global)),
    ("read_attribute", Way::Load(Attribute::read)),
    ("read_method", Way::Load(twins::read_method)),
    ("write_attribute", Way::Store(Attribute::write)),
    ("delete_attribute", Way::Store(attributes::delete_attribute)),
    ("augment_attribute", AUGMENT_ATTRIBUTE),
    ("begin_attribute", Way::Load(places::begin::<Attribute>)),
    ("finish_attribute", Way::Load(places::finish::<Attribute>)),
    ("read_item", Way::Load(Item::read)),
    ("write_item", Way::Store(Item::write)),
    ("delete_item", Way::Store(items::delete_item)),
    ("augment_item", AUGMENT_ITEM),
    ("begin_item", Way::Load(places::begin::<Item>)),
    ("finish_item", Way::Load(places::finish::<Item>)),
    ("contains", Way::Load(items::contains)),
    ("not_contains", Way::Load(items::not_contains)),
    ("searched", Way::Load(items::searched)),
    ("iterate", Way::Load(items::iterate)),
    ("length", Way::Load(items::length)),
    ("truth", Way::Load(items::truth)),
    ("call_method", Way::Call(items::call_method)),
    ("call_getattr", Way::Call(builtins::call_getattr)),
    ("call_hasattr", Way::Call(builtins::call_hasattr)),
    ("call_setattr", Way::Call(builtins::call_setattr)),
    ("call_delattr", Way::Call(builtins::call_delattr)),
    ("of_globals", Way::Load(namespaces::of_globals)),
    ("read_dict", Way::Load(namespaces::read_dict)),
    ("call_text", Way::Call(texts::call_text)),
    ("call_vars", Way::Call(namespaces::call_vars)),
    ("call_reader", Way::Call(items::call_reader)),
    ("call_library", Way::Call(library::call_library)),
];

const AUGMENT_ATTRIBUTE: Way = Way::Both(
    places::augment_pair::<Attribute>,
    places::augment::<Attribute>,
);
const AUGMENT_ITEM: Way = Way::Both(places::augment_pair::<Item>, places::augment::<Item>);

fn init(py: Python<'_>) -> bool {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let local = ffi::PyImport_ImportModule(c"_thread".as_ptr());
        if local.is_null() {
            return false;
        }
        objects::mean(py, twins::meant);
        THREAD_LOCAL.set(
            py,
            ffi::PyObject_GetAttrString(local, c"_local".as_ptr()).cast(),
        );
        ffi::Py_DECREF(local);
        !THREAD_LOCAL.copied(py).is_null()
            && containers::init(py)
            && wrappers::init(py)
            && items::init(py)
            && labels::init(py)
            && hook::init(py)
    }
}

fn initialised(py: Python<'_>) -> PyResult<()> {
    static DONE: Gil<bool> = Gil::new(false);

    if !DONE.copied(py) {
        if !init(py) {
            return Err(PyErr::fetch(py));
        }
        DONE.set(py, true);
    }

    Ok(())
}

fn interned(text: &Bound<'_, PyString>) -> Object {
    let mut object = text.clone().into_ptr();
    // SAFETY: the GIL is held, and the objects are live.
    unsafe { ffi::PyUnicode_InternInPlace(&mut object) };
    object
}

/// The operator (`+=`) of an augmented assignment, or none, and the hook of the write that belongs to its
/// read.
struct Operator<'a, 'py> {
    text: &'a str,
    partner: Option<Bound<'py, PyAny>>,
}

/// Makes a hook of this kind for the site with this number; 0: none.
fn make_hook<'py>(
    kind: &str,
    site: u32,
    name: Option<Bound<'py, PyString>>,
    module: &Bound<'py, PyString>,
    operator: Operator<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = module.py();
    let refused = |text: String| Err(PyValueError::new_err(text));
    let Some(&(_, way)) = WAYS.iter().find(|(known, _)| *known == kind) else {
        return refused(format!("no such kind of hook: {kind}"));
    };
    let function = self::operator(operator.text);
    if function.is_none() && !operator.text.is_empty() {
        return refused(format!("no such operator: {}", operator.text));
    }
    let partner = operator.partner.map_or(null_mut(), |hook| hook.as_ptr());
    let dunder = name.as_ref().is_some_and(|name| {
        let text = name.to_string_lossy();
        text.starts_with("__") && text.ends_with("__")
    });
    // SAFETY: the references are given to the hook, which lives for ever.
    unsafe {
        let made = hook::make(
            py,
            hook::New {
                way,
                number: site,
                name: name.as_ref().map_or(null_mut(), |name| interned(name)),
                module: interned(module),
                operator: function,
                adds: matches!(operator.text, "+=" | "-="),
                partner: partner.cast(),
                dunder,
            },
        );
        // One reference is the caller's, one is kept for ever.
        ffi::Py_XINCREF(made.cast());
        Bound::from_owned_ptr_or_err(py, made.cast())
    }
}

/// Tells the hooks about a rewritten module: its `__name__`, what its globals are called in the
/// trace, and which of them hold data.
#[pyfunction]
fn add_module(py: Python<'_>, name: String, label: Bound<'_, PyString>, data: Vec<String>) {
    // SAFETY: the references are given to what is kept of the module.
    unsafe { modules::add(py, name, interned(&label), data) };
}

/// Says of the objects of the recording where they lie in modules that had been imported before it began.
#[pyfunction]
fn place_globals(py: Python<'_>) {
    labels::lie_in_modules(py);
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    managed::register(m)?;
    shared::register(m)?;
    texts::register(m)?;
    m.add_function(wrap_pyfunction!(description::enter, m)?)?;
    m.add_function(wrap_pyfunction!(add_module, m)?)?;
    m.add_function(wrap_pyfunction!(place_globals, m)?)
}

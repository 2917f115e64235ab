//! What the program sees of code that runs with our hooks in it: the code that it wrote.
//!
//! The code object that runs stays the one object that everybody gets (`f.__code__`, `frame.f_code`), but
//! all that can be read of it is the original's: who pickles, compiles or prints it takes that. What
//! says where in the code a frame is (`f_lasti`, `tb_lasti`) is told as the place in the original. So
//! the slots with which the types of code, frames and tracebacks find attributes are replaced.
//!
//! Versions: 3.11 and newer. Slots are public; that the interpreter asks these for attributes, and not the
//! structures, holds for what Python code does.
//! Check: a slot is changed only where there is one; what is in a code object is read through its attributes.
//! Elsewhere: the program sees the code that runs.
//! Safe: the types live for ever, and of code that is not ours the original answers.

use super::methods;
use super::methods::{Fast, FastWithKeywords};
use super::places::{instructions, places};
use crate::gil::{Gil, GilMut};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyCode, PyDict, PyFrozenSet, PyList, PySet, PyTuple, PyType};
use rustc_hash::FxHashMap;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// The original of a code object. Both live as long as the process.
struct Original {
    code: Object,
    /// Its `co_consts`, with the code that runs in them; null until somebody asks.
    constants: Object,
    /// For each instruction that runs the byte offset of that in the original; empty until then.
    places: Vec<i32>,
}

static ORIGINALS: Gil<Option<FxHashMap<usize, Original>>> = Gil::new(None);

/// The interned names that are asked about, in the order of `NAMES`.
static INTERNED: Gil<[Object; NAMES.len()]> = Gil::new([null_mut(); NAMES.len()]);
const NAMES: [&std::ffi::CStr; 5] = [
    c"co_consts",
    c"replace",
    c"__replace__",
    c"f_lasti",
    c"tb_lasti",
];
const CONSTANTS: usize = 0;
const REPLACE: usize = 1;
const REPLACE_DUNDER: usize = 2;
const FRAME_AT: usize = 3;
const TRACEBACK_AT: usize = 4;

static HASH: Gil<Option<ffi::hashfunc>> = Gil::new(None);
static COMPARE: Gil<Option<ffi::richcmpfunc>> = Gil::new(None);

/// What code of the main interpreter stands for; the others know none of it.
unsafe fn original(py: Python<'_>, code: Object) -> Option<GilMut<'_, Original>> {
    if ffi::PyInterpreterState_Get() != ffi::PyInterpreterState_Main() {
        return None;
    }
    ORIGINALS.find(py, |originals| {
        originals.as_mut()?.get_mut(&(code as usize))
    })
}

/// The original if there is one, else the code itself; borrowed.
unsafe fn shown(py: Python<'_>, code: Object) -> Object {
    original(py, code).map_or(code, |original| original.code)
}

unsafe fn is(py: Python<'_>, name: Object, known: usize) -> bool {
    name == INTERNED.at(py, known)
}

unsafe extern "C" fn code_attribute(code: Object, name: Object) -> Object {
    let py = Python::assume_attached();
    if original(py, code).is_none() {
        return ffi::PyObject_GenericGetAttr(code, name);
    }
    if is(py, name, CONSTANTS) {
        return constants(py, code);
    }
    if is(py, name, REPLACE) || is(py, name, REPLACE_DUNDER) {
        return replacing(code);
    }
    ffi::PyObject_GenericGetAttr(shown(py, code), name)
}

unsafe extern "C" fn hash(code: Object) -> ffi::Py_hash_t {
    let py = Python::assume_attached();
    let plain = HASH.copied(py).expect("kept when this took its place");
    plain(shown(py, code))
}

unsafe extern "C" fn compare(left: Object, right: Object, operator: i32) -> Object {
    let py = Python::assume_attached();
    let plain = COMPARE.copied(py).expect("kept when this took its place");
    plain(shown(py, left), shown(py, right), operator)
}

unsafe extern "C" fn frame_attribute(frame: Object, name: Object) -> Object {
    let py = Python::assume_attached();
    let value = ffi::PyObject_GenericGetAttr(frame, name);
    match is(py, name, FRAME_AT) && !value.is_null() {
        true => in_original(py, frame, value),
        false => value,
    }
}

unsafe extern "C" fn traceback_attribute(traceback: Object, name: Object) -> Object {
    let py = Python::assume_attached();
    let value = ffi::PyObject_GenericGetAttr(traceback, name);
    if !is(py, name, TRACEBACK_AT) || value.is_null() {
        return value;
    }
    let frame = ffi::PyObject_GetAttrString(traceback, c"tb_frame".as_ptr());
    if frame.is_null() {
        ffi::Py_DECREF(value);
        return frame;
    }
    let value = in_original(py, frame, value);
    ffi::Py_DECREF(frame);
    value
}

/// Where in the code that runs a traceback's frame was; a new reference, or null.
///
/// # Safety
/// The GIL is held; `traceback` is one.
pub unsafe fn place_in_traceback(traceback: Object) -> Object {
    let name = ffi::PyUnicode_InternFromString(NAMES[TRACEBACK_AT].as_ptr());
    if name.is_null() {
        return name;
    }
    let place = ffi::PyObject_GenericGetAttr(traceback, name);
    ffi::Py_DECREF(name);
    place
}

/// A place in the frame's code as one in the original; takes over the reference to `at`.
unsafe fn in_original(py: Python<'_>, frame: Object, at: Object) -> Object {
    let code = ffi::PyFrame_GetCode(frame.cast()).cast::<ffi::PyObject>();
    let is_shown_as_another = original(py, code).is_some();
    let place = match is_shown_as_another {
        true => place_of(py, code, ffi::PyLong_AsLong(at)),
        false => Ok(None),
    };
    ffi::Py_DECREF(code);
    match place {
        Ok(None) => at,
        Ok(Some(place)) => {
            ffi::Py_DECREF(at);
            ffi::PyLong_FromLong(place.into())
        }
        Err(error) => {
            ffi::Py_DECREF(at);
            error.restore(Python::assume_attached());
            null_mut()
        }
    }
}

/// None for a frame that has not begun.
unsafe fn place_of(py: Python<'_>, code: Object, at: i64) -> PyResult<Option<i32>> {
    let Some(unit) = usize::try_from(at).ok().map(|at| at / 2) else {
        return Ok(None);
    };
    if original(py, code).is_some_and(|original| original.places.is_empty()) {
        let ours = instructions(&Bound::from_borrowed_ptr(py, code))?;
        let theirs = instructions(&Bound::from_borrowed_ptr(py, shown(py, code)))?;
        if let Some(mut original) = original(py, code) {
            original.places = places(&ours, &theirs);
        }
    }
    Ok(original(py, code).and_then(|original| original.places.get(unit).copied()))
}

/// `co_consts`; a new reference.
unsafe fn constants(py: Python<'_>, code: Object) -> Object {
    let Some(known) = original(py, code) else {
        return null_mut();
    };
    let (shown, constants) = (known.code, known.constants);
    drop(known);
    if !constants.is_null() {
        return ffi::Py_NewRef(constants);
    }
    match shown_constants(py, code, shown) {
        Ok(made) => {
            let made = made.into_ptr();
            if let Some(mut known) = original(py, code) {
                known.constants = made;
            }
            ffi::Py_NewRef(made)
        }
        Err(error) => {
            error.restore(py);
            null_mut()
        }
    }
}

unsafe fn shown_constants<'py>(
    py: Python<'py>,
    code: Object,
    original: Object,
) -> PyResult<Bound<'py, PyTuple>> {
    let ours = own_constants(py, &Bound::from_borrowed_ptr(py, code))?;
    let theirs = own_constants(py, &Bound::from_borrowed_ptr(py, original))?;
    if !theirs.iter().any(|one| one.is_instance_of::<PyCode>()) {
        return Ok(theirs); // which may be that of other code, too
    }
    let running = |constant: Bound<'py, PyAny>| {
        let same = ours
            .iter()
            .find(|code| shown(py, code.as_ptr()) == constant.as_ptr());
        same.unwrap_or(constant)
    };
    PyTuple::new(py, theirs.iter().map(running).collect::<Vec<_>>())
}

/// What `co_consts` really are.
fn own_constants<'py>(py: Python<'_>, code: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    // SAFETY: the GIL is held, `code` is live, and the name was interned by `install`.
    let constants = unsafe {
        let name = INTERNED.at(py, CONSTANTS);
        Bound::from_owned_ptr_or_err(code.py(), ffi::PyObject_GenericGetAttr(code.as_ptr(), name))?
    };
    Ok(constants.cast_into()?)
}

/// What can be another in code that runs and its original alike: nothing that the code does.
const NAMING: [&str; 4] = ["co_filename", "co_name", "co_qualname", "co_firstlineno"];

/// `code.replace`: as the original's, and of both where the two can still go together.
unsafe fn replacing(code: Object) -> Object {
    let py = Python::assume_attached();
    let code: Py<PyAny> = Bound::from_borrowed_ptr(py, code).unbind();
    let replace = move |args: &Bound<'_, PyTuple>, changed: Option<&Bound<'_, PyDict>>| {
        let py = args.py();
        let code = code.bind(py);
        // SAFETY: the GIL is held, `code` is live, and originals live as long as the process.
        let original = unsafe { Bound::from_borrowed_ptr(py, shown(py, code.as_ptr())) };
        let function = code.get_type().getattr("replace")?;
        let call = |code: &Bound<'_, PyAny>| -> PyResult<Py<PyAny>> {
            let mut all = vec![code.clone()];
            all.extend(args.iter());
            let result = function.call(PyTuple::new(py, all)?, changed)?;
            Ok(result.unbind())
        };
        let new = call(&original)?;
        let named = changed.is_none_or(|changed| {
            let mut names = changed.keys().into_iter();
            names.all(|name| NAMING.iter().any(|known| name.eq(known).unwrap_or(false)))
        });
        if !named {
            return Ok(new);
        }
        let ours = call(code)?;
        // SAFETY: the GIL is held, and both are code.
        unsafe { show(py, ours.as_ptr(), new.as_ptr())? };
        Ok::<_, PyErr>(ours)
    };
    match PyCFunction::new_closure(py, Some(c"replace"), None, replace) {
        Ok(function) => function.into_ptr(),
        Err(error) => {
            error.restore(py);
            null_mut()
        }
    }
}

/// From now on `code` is seen as the original, and so is the code in both.
///
/// # Safety
/// Both are code objects.
pub unsafe fn show(py: Python<'_>, code: Object, original: Object) -> PyResult<()> {
    install(py)?;
    if code == original {
        return Ok(());
    }
    let row = Original {
        code: ffi::Py_NewRef(original),
        constants: null_mut(),
        places: Vec::new(),
    };
    ffi::Py_INCREF(code); // so that the address stays its own
    ORIGINALS
        .get_or_insert_with(py, FxHashMap::default)
        .insert(code as usize, row);
    let ours = inner(py, &Bound::from_borrowed_ptr(py, code))?;
    let mut theirs = inner(py, &Bound::from_borrowed_ptr(py, original))?;
    for (name, one) in ours {
        // Several of one name and line stand in the same order in both.
        if let Some(place) = theirs.iter().position(|(other, _)| *other == name) {
            let (_, other) = theirs.remove(place);
            show(py, one.as_ptr(), other.as_ptr())?;
        }
    }
    Ok(())
}

/// A code object with what tells it from others in the same code: its name and first line.
type Inner<'py> = ((String, i32), Bound<'py, PyAny>);

/// The code objects among the constants.
fn inner<'py>(py: Python<'_>, code: &Bound<'py, PyAny>) -> PyResult<Vec<Inner<'py>>> {
    let codes = own_constants(py, code)?.into_iter();
    codes
        .filter(|constant| constant.is_instance_of::<PyCode>())
        .map(|one| {
            let name = one.getattr("co_qualname")?.extract()?;
            Ok(((name, one.getattr("co_firstlineno")?.extract()?), one))
        })
        .collect()
}

/// The value with the originals of all code in it; itself if there is none.
fn exported<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let kind = value.get_type();
    let is = |other: Bound<'_, PyType>| kind.is(&other);
    if is(py.get_type::<PyCode>()) {
        // SAFETY: as in `replacing`.
        let plain = unsafe { Bound::from_borrowed_ptr(py, shown(py, value.as_ptr())) };
        let constants = own_constants(py, &plain)?.into_any();
        let ours = exported(&constants)?;
        if ours.is(&constants) {
            return Ok(plain);
        }
        let changed = PyDict::new(py);
        changed.set_item("co_consts", ours)?;
        return plain.call_method("replace", (), Some(&changed));
    }
    if is(py.get_type::<PyDict>()) {
        let items = value.call_method0("items")?;
        let items: Vec<_> = items.try_iter()?.collect::<PyResult<_>>()?;
        return rebuilt(value, items);
    }
    let sequence = is(py.get_type::<PyTuple>()) || is(py.get_type::<PyList>());
    if sequence || is(py.get_type::<PySet>()) || is(py.get_type::<PyFrozenSet>()) {
        return rebuilt(value, value.try_iter()?.collect::<PyResult<_>>()?);
    }
    Ok(value.clone())
}

fn rebuilt<'py>(
    container: &Bound<'py, PyAny>,
    items: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let new: Vec<_> = items.iter().map(exported).collect::<PyResult<_>>()?;
    if new.iter().zip(&items).all(|(new, old)| new.is(old)) {
        return Ok(container.clone());
    }
    container
        .get_type()
        .call1((PyList::new(container.py(), new)?,))
}

/// Of `marshal.dumps` and `marshal.dump`, in either form.
static FAST: [Gil<Option<Fast>>; 2] = [const { Gil::new(None) }; 2];
static WITH_KEYWORDS: [Gil<Option<FastWithKeywords>>; 2] = [const { Gil::new(None) }; 2];

/// Calls with the first argument; if that cannot be written, with the originals of what is in it.
unsafe fn marshalled(
    given: *const Object,
    count: isize,
    call: impl Fn(*const Object) -> Object,
) -> Object {
    let result = call(given);
    if !result.is_null() || count == 0 || ffi::PyErr_ExceptionMatches(ffi::PyExc_ValueError) == 0 {
        return result;
    }
    let py = Python::assume_attached();
    let error = PyErr::fetch(py);
    let value = Bound::from_borrowed_ptr(py, *given);
    match exported(&value) {
        Ok(plain) if !plain.is(&value) => {
            let mut given = std::slice::from_raw_parts(given, count as usize).to_vec();
            given[0] = plain.as_ptr();
            call(given.as_ptr())
        }
        _ => {
            error.restore(py);
            null_mut()
        }
    }
}

unsafe extern "C-unwind" fn fast<const AT: usize>(
    module: Object,
    given: *const Object,
    count: isize,
) -> Object {
    let py = Python::assume_attached();
    let plain = FAST[AT].copied(py).expect("kept when this took its place");
    marshalled(given, count, |given| plain(module, given, count))
}

unsafe extern "C-unwind" fn with_keywords<const AT: usize>(
    module: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let plain = WITH_KEYWORDS[AT]
        .copied(py)
        .expect("kept when this took its place");
    let all = match names.is_null() {
        true => count,
        false => count + ffi::PyTuple_Size(names),
    };
    marshalled(given, all, |given| plain(module, given, count, names))
}

/// Replaces the slots and functions; a second call does nothing.
fn install(py: Python<'_>) -> PyResult<()> {
    if HASH.copied(py).is_some() {
        return Ok(());
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        for (name, interned) in NAMES.iter().zip(INTERNED.get(py).iter_mut()) {
            *interned = ffi::PyUnicode_InternFromString(name.as_ptr());
            if interned.is_null() {
                return Err(PyErr::fetch(py));
            }
        }
        let code = &raw mut ffi::PyCode_Type;
        let types: [(_, ffi::getattrofunc); 3] = [
            (code, code_attribute),
            (&raw mut ffi::PyFrame_Type, frame_attribute),
            (&raw mut ffi::PyTraceBack_Type, traceback_attribute),
        ];
        for (kind, attribute) in types {
            (*kind).tp_getattro = Some(attribute);
            ffi::PyType_Modified(kind);
        }
        COMPARE.set(py, (*code).tp_richcompare.replace(compare));
        HASH.set(py, (*code).tp_hash.replace(hash));
        let marshal = ffi::PyImport_ImportModule(c"marshal".as_ptr());
        let fast_form = ffi::METH_FASTCALL;
        let form = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        methods::replace::<Fast>(py, marshal, c"dumps", fast_form, &FAST[0], fast::<0>);
        methods::replace::<Fast>(py, marshal, c"dump", fast_form, &FAST[1], fast::<1>);
        let [dumps, dump] = &WITH_KEYWORDS;
        methods::replace::<FastWithKeywords>(
            py,
            marshal,
            c"dumps",
            form,
            dumps,
            with_keywords::<0>,
        );
        methods::replace::<FastWithKeywords>(py, marshal, c"dump", form, dump, with_keywords::<1>);
        Ok(())
    }
}

/// The program sees `code`, and the code in it, as `original` and what is in that.
#[pyfunction]
fn show_original(code: &Bound<'_, PyCode>, original: &Bound<'_, PyCode>) -> PyResult<()> {
    // SAFETY: the GIL is held, and both are code.
    unsafe { show(code.py(), code.as_ptr(), original.as_ptr()) }
}

/// The code's own constants, hooks among them.
#[pyfunction]
fn running_constants<'py>(
    py: Python<'_>,
    code: &Bound<'py, PyCode>,
) -> PyResult<Bound<'py, PyTuple>> {
    install(code.py())?;
    own_constants(py, code)
}

/// Whether code is seen as another one.
#[pyfunction]
fn has_original(py: Python<'_>, code: &Bound<'_, PyCode>) -> bool {
    // SAFETY: the GIL is held.
    unsafe { original(py, code.as_ptr()) }.is_some()
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(show_original, m)?)?;
    m.add_function(wrap_pyfunction!(running_constants, m)?)?;
    m.add_function(wrap_pyfunction!(has_original, m)?)
}

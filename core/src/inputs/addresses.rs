//! Where objects lie, as far as a program asks: `id(object)`, and texts like `<C object at 0x7f…>`.
//! The texts come from the slots (`slots::repr`) of the types that show an address.

use super::{replace, Object, Source, ASKERS};
use crate::control;
use crate::cpython::slots::{self, Repr};
use crate::cpython::{frames, types::weak_reference};
use crate::gil::Gil;
use crate::ops;
use crate::record::askers::Asker;
use crate::record::{self, gate, values};
use crate::reserve::Table;
use crate::text::utf8;
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction};
use rustc_hash::FxHashMap;
use std::ffi::CStr;

type Kind = *mut ffi::PyTypeObject;

pub static SOURCES: [Source; 2] = [Source::new("id"), Source::new("repr")];
const ID: usize = 0;
const REPR: usize = 1;

/// Functions of the standard library that ask for an address to show it.
const SHOWING: &[&[u8]] = &[b"__repr__", b"__str__", b"_repr_info"];
/// The function of `threading` that has the exception shown which has ended a thread.
const LAST: &[&[u8]] = &[b"invoke_excepthook"];
/// What is among the globals of code that uses an address to look there.
const LOOKING: &[&CStr] = &[c"ctypes", c"cast", c"py_object", c"POINTER"];

const ADDRESS: &str = " at 0x";
/// Made-up addresses: where the system puts nothing by itself.
const FIRST: u64 = 0x4000_0000_0000;
const STEP: u64 = 0x40;
static MADE_UP: Gil<Option<FxHashMap<u64, u64>>> = Gil::new(None);

const SLOTS: usize = 24;
static ORIGINAL: Gil<[Option<Repr>; SLOTS]> = Gil::new([None; SLOTS]);
/// The names of codes that have been asked for.
static NAMES: Gil<Option<FxHashMap<usize, Vec<u8>>>> = Gil::new(None);

/// Forgets the codes: they may be others' by now.
pub fn reset(py: Python<'_>) {
    NAMES.take(py);
}

/// Whether code of the program has called what runs, or nobody has: an exception that has ended a
/// thread is shown.
fn shown_to_program(py: Python<'_>) -> bool {
    let (mut found, mut innermost) = (false, 0);
    // SAFETY: the frames are those that run, and keep their code alive.
    unsafe {
        frames::walk_codes(py, |code| {
            if innermost == 0 {
                innermost = code;
            }
            found = ASKERS.asker(py, code) == Asker::Program;
            found
        });
        match innermost {
            0 => true,
            _ if is_one_of(py, LAST, innermost) => true,
            _ => found && (is_one_of(py, SHOWING, innermost) || !is_internal(py, innermost)),
        }
    }
}

/// Whether the code is of the standard library's primitives: a `deque.remove` in there that finds
/// nothing makes a text for nobody, and may not find it only in a replay.
unsafe fn is_internal(py: Python<'_>, code: usize) -> bool {
    const INTERNAL: &[&[u8]] = &[
        b"/threading.py",
        b"/queue.py",
        b"/_weakrefset.py",
        b"/weakref.py",
        b"/multiprocessing/",
        b"/concurrent/",
    ];
    ASKERS.asker(py, code) == Asker::Other
        && frames::with_file_of(code, |file| {
            let holds = |part: &&[u8]| file.windows(part.len()).any(|window| window == *part);
            INTERNAL.iter().any(holds)
        })
        .unwrap_or(false)
}

fn innermost(py: Python<'_>) -> usize {
    let mut code = 0;
    frames::walk_codes(py, |innermost| {
        code = innermost;
        true
    });
    code
}

/// Whether the code is that of a function with one of the names.
unsafe fn is_one_of(py: Python<'_>, names: &[&[u8]], code: usize) -> bool {
    let is_known = NAMES
        .get_some(py)
        .is_some_and(|known| known.contains_key(&code));
    if !is_known {
        frames::keep(code);
        let name = ffi::PyObject_GetAttrString(code as Object, c"co_name".as_ptr());
        let text = match name.is_null() {
            true => None,
            false => utf8(name).map(<[u8]>::to_vec),
        };
        ffi::Py_XDECREF(name);
        ffi::PyErr_Clear();
        NAMES
            .get_or_insert_with(py, FxHashMap::default)
            .insert(code, text.unwrap_or_default());
    }
    let known = NAMES.get_some(py);
    let name = known.as_ref().and_then(|known| known.get(&code));
    name.is_some_and(|name| names.contains(&name.as_slice()))
}

/// Whether the running code uses addresses to look there: it is told real ones.
fn looks_there(py: Python<'_>) -> bool {
    let globals = frames::globals(py);
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        !globals.is_null()
            && LOOKING
                .iter()
                .any(|name| !ffi::PyDict_GetItemString(globals, name.as_ptr()).is_null())
    }
}

fn is_asked(py: Python<'_>) -> bool {
    let code = innermost(py);
    // SAFETY: the frames are those that run, and keep their code alive.
    unsafe {
        code != 0
            && match ASKERS.asker(py, code) {
                Asker::Program => !looks_there(py),
                _ => is_one_of(py, SHOWING, code) && shown_to_program(py),
            }
    }
}

unsafe extern "C-unwind" fn id(module: Object, object: Object) -> Object {
    let py = Python::assume_attached();
    let source = &SOURCES[ID];
    if !record::recording() || !is_asked(py) {
        return source.ask(py, module, object);
    }
    source.answer(py, || {
        let real = source.ask(py, module, object);
        if real.is_null() || !control::makes_up(py) {
            return real;
        }
        ffi::Py_DECREF(real);
        ffi::PyLong_FromUnsignedLongLong(made_up(py, object as u64))
    })
}

/// In a run that is to be the same again, the address that the program is told: they are numbered in
/// the order in which it asks.
fn made_up(py: Python<'_>, real: u64) -> u64 {
    let mut known = MADE_UP.get_or_insert_with(py, FxHashMap::default);
    known.spare();
    let next = FIRST + known.len() as u64 * STEP;
    match real {
        FIRST.. if real < next => real,
        _ => *known.entry(real).or_insert(next),
    }
}

/// The text with made-up addresses; it is given up.
unsafe fn with_made_up(py: Python<'_>, text: Object) -> Object {
    let Some(bytes) = utf8(text) else {
        ffi::PyErr_Clear();
        return text;
    };
    let known = String::from_utf8_lossy(bytes);
    let mut parts = known.split(ADDRESS);
    let mut made = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_hexdigit());
        let (digits, rest) = part.split_at(end.unwrap_or(part.len()));
        let address = u64::from_str_radix(digits, 16).map_or(0, |real| made_up(py, real));
        made += &format!("{ADDRESS}{address:x}{rest}");
    }
    ffi::Py_DECREF(text);
    ffi::PyUnicode_FromStringAndSize(made.as_ptr().cast(), made.len() as ffi::Py_ssize_t)
}

unsafe extern "C" fn repr<const N: usize>(object: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = ORIGINAL.at(py, N) else {
        return std::ptr::null_mut();
    };
    let text = with_known_owner(py, original(object));
    if text.is_null() || !record::recording() || !has_address(text) || !shown_to_program(py) {
        return text;
    }
    told(py, text)
}

/// The text of an RLock, which is given up, with its owner as the program knows that.
unsafe fn with_known_owner(py: Python<'_>, text: Object) -> Object {
    const OWNER: &str = " owner=";
    if !control::controlled() || text.is_null() {
        return text;
    }
    let known = utf8(text).and_then(|bytes| {
        let (before, rest) = std::str::from_utf8(bytes).ok()?.split_once(OWNER)?;
        let (owner, after) = rest.split_once(' ')?;
        let known = control::idents::told(py, owner.parse().ok()?);
        Some(format!("{before}{OWNER}{known} {after}"))
    });
    ffi::PyErr_Clear();
    let Some(known) = known else { return text };
    ffi::Py_DECREF(text);
    ffi::PyUnicode_FromStringAndSize(known.as_ptr().cast(), known.len() as ffi::Py_ssize_t)
}

unsafe fn has_address(text: Object) -> bool {
    let text = utf8(text);
    ffi::PyErr_Clear();
    let address = ADDRESS.as_bytes();
    text.is_some_and(|text| text.windows(address.len()).any(|part| part == address))
}

/// The text that the program is told in the place of this one, which is given up.
unsafe fn told(py: Python<'_>, text: Object) -> Object {
    let answer = gate::ask(py, ops::INPUT, 0);
    let mut told = match control::makes_up(py) {
        true => with_made_up(py, text),
        false => text,
    };
    if let Some(recorded) = answer.text() {
        let size = recorded.len() as ffi::Py_ssize_t;
        let known = ffi::PyUnicode_FromStringAndSize(recorded.as_ptr().cast(), size);
        match known.is_null() {
            true => ffi::PyErr_Clear(),
            false => {
                ffi::Py_DECREF(told);
                told = known;
            }
        }
    }
    if told.is_null() {
        return told;
    }
    let (tag, bits) = values::encode(py, told, values::WHOLE);
    SOURCES[REPR].record(py, tag, bits);
    told
}

/// What a program is told of how something stands that other threads change, a text.
#[pyfunction]
fn shown<'py>(text: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = text.py();
    if !record::recording() || !shown_to_program(py) {
        return Ok(text);
    }
    // SAFETY: the text is given up; what comes back is a new reference, or null with an exception.
    unsafe { Bound::from_owned_ptr_or_err(py, told(py, text.into_ptr())) }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(shown, m)?)
}

const REPRS: [Repr; SLOTS] = [
    repr::<0>, repr::<1>, repr::<2>, repr::<3>, repr::<4>, repr::<5>, repr::<6>, repr::<7>,
    repr::<8>, repr::<9>, repr::<10>, repr::<11>, repr::<12>, repr::<13>, repr::<14>, repr::<15>,
    repr::<16>, repr::<17>, repr::<18>, repr::<19>, repr::<20>, repr::<21>, repr::<22>, repr::<23>,
];

pub fn install(py: Python<'_>) {
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let builtins = ffi::PyImport_ImportModule(c"builtins".as_ptr());
        replace(py, builtins, c"id", &SOURCES[ID], id);
        ffi::Py_XDECREF(builtins);
        let own = [
            &raw mut ffi::PyBaseObject_Type,
            &raw mut ffi::PyFunction_Type,
            &raw mut ffi::PyCFunction_Type,
            &raw mut ffi::PyGen_Type,
            &raw mut ffi::PyCoro_Type,
            &raw mut ffi::PyAsyncGen_Type,
            &raw mut ffi::PyCode_Type,
            &raw mut ffi::PyFrame_Type,
            &raw mut ffi::PyCell_Type,
            &raw mut ffi::PyMemoryView_Type,
            weak_reference(),
            &raw mut ffi::PyCapsule_Type,
        ];
        let imported = [
            (c"_thread", c"LockType"),
            (c"_thread", c"RLock"),
            (c"types", c"MethodType"),
            (c"types", c"MethodWrapperType"),
        ];
        let mut kinds: Vec<Kind> = own.to_vec();
        for (module, name) in imported {
            let module = ffi::PyImport_ImportModule(module.as_ptr());
            if !module.is_null() {
                let kind = ffi::PyObject_GetAttrString(module, name.as_ptr());
                if !kind.is_null() && ffi::PyType_Check(kind) != 0 {
                    kinds.push(kind.cast()); // and is kept
                }
                ffi::Py_DECREF(module);
            }
            ffi::PyErr_Clear();
        }
        for kind in kinds {
            put_in(py, kind);
        }
    }
}

/// Puts ours into the slot of the type, and of all below it that have inherited its own.
unsafe fn put_in(py: Python<'_>, kind: Kind) {
    let mut originals = ORIGINAL.get(py);
    let Some(found) = slots::repr(kind) else {
        return;
    };
    if REPRS.iter().any(|&own| own as usize == found as usize) {
        return;
    }
    let Some(free) = originals.iter().position(Option::is_none) else {
        return;
    };
    originals[free] = Some(found);
    slots::replace_repr(kind, found, REPRS[free]);
}

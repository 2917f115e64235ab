//! Iterators of C code: `itertools.count`, `zip`, that of a list. The slot behind `next` and `for` is replaced.

use super::{may_be_shared, program_uses};
use crate::cpython::iterators::{self, Next};
use crate::cpython::locals;
use crate::gil::Gil;
use crate::record::askers::{Asker, Askers};
use crate::record::sites;
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::CStr;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

const MOST: usize = 48;
static ORIGINAL: Gil<[Option<Next>; MOST]> = Gil::new([None; MOST]);

const NEXT: &str = "next";

pub static ASKERS: Askers = Askers::new(asker_in);

fn asker_in(py: Python<'_>, file: &[u8]) -> Asker {
    match sites::is_internal_name(py, file) {
        true => Asker::Other,
        false => Asker::Program,
    }
}

/// Whether there is a reference to the iterator other than those of the code that uses it: its loop or
/// call, its local variables, and the arguments of a function that a generator expression was written
/// for, as of `any(… for …)`. Without one no other thread has it.
unsafe fn is_known_elsewhere(py: Python<'_>, iterator: Object) -> bool {
    let own =
        locals::own_references(py, iterator) + usize::from(iterators::is_expression(py, iterator));
    ffi::Py_REFCNT(iterator) as usize > own
}

unsafe extern "C" fn next<const N: usize>(iterator: Object) -> Object {
    let py = Python::assume_attached();
    if ffi::Py_REFCNT(iterator) > 1
        && may_be_shared(py)
        && ASKERS.asked_by_program(py)
        && is_known_elsewhere(py, iterator)
    {
        program_uses(py, NEXT);
    }
    original::<N>(py, iterator)
}

/// The same, called as `__next__`: what is shared may be that method, which has the only reference.
unsafe extern "C" fn called<const N: usize>(iterator: Object) -> Object {
    let py = Python::assume_attached();
    if may_be_shared(py) && ASKERS.asked_by_program(py) {
        program_uses(py, NEXT);
    }
    original::<N>(py, iterator)
}

unsafe fn original<const N: usize>(py: Python<'_>, iterator: Object) -> Object {
    match ORIGINAL.at(py, N) {
        Some(original) => original(iterator),
        None => null_mut(),
    }
}

const NEXTS: [Next; MOST] = each!(next: 0 1 2 3 4 5);
const CALLED: [Next; MOST] = each!(called: 0 1 2 3 4 5);

/// Expressions whose values are iterators, but for those of `itertools` and `builtins`.
const EXPRESSIONS: &[&CStr] = &[
    c"iter([])",
    c"iter(())",
    c"iter(range(0))",
    c"iter(range(1 << 80))",
    c"iter('')",
    c"iter('\\xe9')",
    c"iter(b'')",
    c"iter({})",
    c"iter({}.values())",
    c"iter({}.items())",
    c"iter(set())",
    c"iter(int, 0)",
    c"reversed([])",
    c"reversed({})",
    c"(0 for _ in ())",
    c"__import__('_io').StringIO()",
    c"__import__('_io').BytesIO()",
];

const BUILTINS: &[&CStr] = &[c"enumerate", c"filter", c"map", c"reversed", c"zip"];

const ITERTOOLS: &[&CStr] = &[
    c"accumulate",
    c"batched",
    c"chain",
    c"combinations",
    c"combinations_with_replacement",
    c"compress",
    c"count",
    c"cycle",
    c"dropwhile",
    c"filterfalse",
    c"groupby",
    c"islice",
    c"pairwise",
    c"permutations",
    c"product",
    c"repeat",
    c"starmap",
    c"takewhile",
    c"zip_longest",
];

/// Replaces the slot of a type that lives for ever.
///
/// # Safety
/// `kind` is a type, which lives for ever.
pub unsafe fn watch(py: Python<'_>, kind: *mut ffi::PyTypeObject) {
    if kind.is_null() {
        return ffi::PyErr_Clear();
    }
    let Some(original) = (*kind).tp_iternext else {
        return;
    };
    let known = NEXTS.iter().any(|&next| next as usize == original as usize);
    let free = ORIGINAL.get(py).iter().position(Option::is_none);
    let Some(place) = free.filter(|_| !known) else {
        return;
    };
    ORIGINAL.set_at(py, place, Some(original));
    iterators::replace(kind, original, NEXTS[place], CALLED[place]);
}

/// Replaces the slots.
pub fn install(py: Python<'_>) {
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        for (module, names) in [(c"builtins", BUILTINS), (c"itertools", ITERTOOLS)] {
            let module = ffi::PyImport_ImportModule(module.as_ptr());
            for name in names {
                // Not all Pythons have all.
                watch(
                    py,
                    ffi::PyObject_GetAttrString(module, name.as_ptr()).cast(),
                );
            }
        }
        let globals = ffi::PyDict_New();
        ffi::PyDict_SetItemString(globals, c"__builtins__".as_ptr(), ffi::PyEval_GetBuiltins());
        for text in EXPRESSIONS {
            let made = ffi::PyRun_String(text.as_ptr(), ffi::Py_eval_input, globals, globals);
            if made.is_null() {
                ffi::PyErr_Clear();
                continue;
            }
            watch(py, ffi::Py_TYPE(made));
            if ffi::Py_TYPE(made) == &raw mut ffi::PyGen_Type {
                iterators::learn_expression(py, made);
            }
            ffi::Py_DECREF(made);
        }
        ffi::Py_DECREF(globals);
        let module = ffi::PyImport_ImportModule(c"_io".as_ptr());
        for name in [c"TextIOWrapper", c"_IOBase"] {
            watch(
                py,
                ffi::PyObject_GetAttrString(module, name.as_ptr()).cast(),
            );
        }
    }
}

/// Goes through an iterator by its slot: newer interpreters have loops of their own for those of
/// lists, tuples and ranges, and for generators.
#[pyclass(module = "racetrace.tracer._core")]
struct Through {
    iterator: Py<PyAny>,
}

#[pymethods]
impl Through {
    fn __iter__(own: PyRef<'_, Self>) -> PyRef<'_, Self> {
        own
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        // SAFETY: the slot is that of the type of the iterator, which is live.
        unsafe {
            let iterator = self.iterator.as_ptr();
            let step = (*ffi::Py_TYPE(iterator)).tp_iternext;
            let item = step.map_or(null_mut(), |step| step(iterator));
            match Bound::from_owned_ptr_or_opt(py, item) {
                Some(item) => Ok(Some(item.unbind())),
                None => match PyErr::take(py) {
                    Some(error)
                        if !error.is_instance_of::<pyo3::exceptions::PyStopIteration>(py) =>
                    {
                        Err(error)
                    }
                    _ => Ok(None),
                },
            }
        }
    }
}

/// What a loop is to go through in the place of an iterator; null: that itself.
///
/// # Safety
/// The caller has one reference to the object.
pub unsafe fn in_loop(py: Python<'_>, object: Object) -> Object {
    let kind = ffi::Py_TYPE(object);
    if !iterators::has_loop(kind) || !may_be_shared(py) || !is_known_elsewhere(py, object) {
        return null_mut();
    }
    let iterator = Bound::from_borrowed_ptr(py, object).unbind();
    match Bound::new(py, Through { iterator }) {
        Ok(made) => made.into_ptr(),
        Err(_) => null_mut(),
    }
}

//! Files of the system: opened, read, written, renamed and removed by several threads or processes, in an
//! order that a replay has again. The call and its STEP are one, for all processes of the run.

use super::{is_anything_shared, program_uses, ASKERS};
use crate::control;
use crate::cpython::descriptors;
use crate::cpython::methods::{find, Fast, FastWithKeywords, TwoArguments, WithClass};
use crate::cpython::slots::{self, Init};
use crate::gil::Gil;
use crate::record::stripes::Stripe;
use pyo3::ffi;
use pyo3::Python;
use std::cell::Cell;
use std::ffi::CStr;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

const MOST: usize = 48;

static ORIGINAL: Gil<[Option<ffi::PyMethodDefPointer>; MOST]> = Gil::new([None; MOST]);
static INIT: Gil<Option<Init>> = Gil::new(None);

thread_local! {
    /// Whether the calling thread is in one of these calls.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

const FILE: &str = "file";

/// Whether a use of files is one of those that are recorded: asked before the system is, as most reads and
/// writes of processes are those of their pipes.
fn is_recorded(py: Python<'_>) -> bool {
    is_anything_shared(py) && !INSIDE.get() && ASKERS.asked_by_program(py)
}

/// Calls what uses files, and is recorded.
fn using<T>(py: Python<'_>, call: impl FnOnce() -> T) -> T {
    INSIDE.set(true);
    // One for all files: a name, and what it leads to, are two.
    let stripe = match control::controlled() {
        true => None,
        false => Stripe::lock_for_call(py, FILE.as_bytes()),
    };
    program_uses(py, FILE);
    let result = call();
    drop(stripe);
    INSIDE.set(false);
    result
}

/// Whether the descriptor is of a file on one of the system's disks.
fn is_file(fd: i32) -> bool {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        fd > 2 && libc::fstat(fd, &mut stat) == 0 && stat.st_mode & libc::S_IFMT == libc::S_IFREG
    }
}

/// What the call's first argument, or its object, is.
unsafe fn used_by(
    py: Python<'_>,
    owner: Object,
    first: Option<Object>,
    call: impl FnOnce() -> Object,
) -> Object {
    if !is_recorded(py) {
        return call();
    }
    let is_used = match first {
        _ if ffi::PyModule_Check(owner) == 0 => is_file(descriptors::of(owner)),
        Some(first) if ffi::PyLong_Check(first) != 0 => {
            control::descriptor(&raw const first, 1).is_some_and(is_file)
        }
        Some(path) => !waits(path),
        None => true,
    };
    match is_used {
        true => using(py, call),
        false => call(),
    }
}

/// Whether to open the path may wait for somebody else: a FIFO, a terminal.
unsafe fn waits(path: Object) -> bool {
    if ffi::PyUnicode_Check(path) == 0 {
        return false;
    }
    let bytes = ffi::PyUnicode_EncodeFSDefault(path);
    if bytes.is_null() {
        ffi::PyErr_Clear();
        return false;
    }
    let mut stat: libc::stat = std::mem::zeroed();
    let known = libc::stat(ffi::PyBytes_AsString(bytes), &mut stat) == 0;
    ffi::Py_DECREF(bytes);
    known && matches!(stat.st_mode & libc::S_IFMT, libc::S_IFIFO | libc::S_IFCHR)
}

unsafe extern "C-unwind" fn one<const N: usize>(owner: Object, argument: Object) -> Object {
    let py = Python::assume_attached();
    match ORIGINAL.at(py, N) {
        Some(original) => used_by(py, owner, None, || (original.PyCFunction)(owner, argument)),
        None => null_mut(),
    }
}

unsafe fn first(given: *const Object, count: isize) -> Option<Object> {
    (count > 0).then(|| *given)
}

unsafe extern "C-unwind" fn many<const N: usize>(
    owner: Object,
    given: *const Object,
    count: isize,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = ORIGINAL.at(py, N) else {
        return null_mut();
    };
    let original = std::mem::transmute::<ffi::PyMethodDefPointer, Fast>(original);
    used_by(py, owner, first(given, count), || {
        original(owner, given, count)
    })
}

unsafe extern "C-unwind" fn named<const N: usize>(
    owner: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = ORIGINAL.at(py, N) else {
        return null_mut();
    };
    let original = std::mem::transmute::<ffi::PyMethodDefPointer, FastWithKeywords>(original);
    used_by(py, owner, first(given, count), || {
        original(owner, given, count, names)
    })
}

unsafe extern "C-unwind" fn of_class<const N: usize>(
    owner: Object,
    class: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = ORIGINAL.at(py, N) else {
        return null_mut();
    };
    let original = std::mem::transmute::<ffi::PyMethodDefPointer, WithClass>(original);
    used_by(py, owner, None, || {
        original(owner, class, given, count, names)
    })
}

unsafe extern "C" fn opened(file: Object, args: Object, keywords: Object) -> i32 {
    let py = Python::assume_attached();
    let Some(original) = INIT.copied(py) else {
        return -1;
    };
    let name = match ffi::PyTuple_Size(args) {
        0 => None,
        _ => Some(ffi::PyTuple_GetItem(args, 0)),
    };
    match is_recorded(py) && !name.is_some_and(|name| waits(name)) {
        true => using(py, || original(file, args, keywords)),
        false => original(file, args, keywords),
    }
}

const ONE: [TwoArguments; MOST] = each!(one: 0 1 2 3 4 5);
const MANY: [Fast; MOST] = each!(many: 0 1 2 3 4 5);
const NAMED: [FastWithKeywords; MOST] = each!(named: 0 1 2 3 4 5);
const OF_CLASS: [WithClass; MOST] = each!(of_class: 0 1 2 3 4 5);

const METHODS: [&CStr; 6] = [
    c"write",
    c"read",
    c"readinto",
    c"readall",
    c"truncate",
    c"seek",
];

const FUNCTIONS: [&CStr; 26] = [
    c"access",
    c"chmod",
    c"fdatasync",
    c"fsync",
    c"ftruncate",
    c"link",
    c"listdir",
    c"lseek",
    c"lstat",
    c"mkdir",
    c"open",
    c"pread",
    c"pwrite",
    c"read",
    c"readlink",
    c"readv",
    c"remove",
    c"rename",
    c"replace",
    c"rmdir",
    c"scandir",
    c"stat",
    c"symlink",
    c"truncate",
    c"unlink",
    c"write",
];

unsafe fn replace_all(py: Python<'_>, owner: Object, names: &[&CStr], from: usize) -> usize {
    let mut place = from;
    for name in names {
        let Some(method) = find(owner, name).filter(|_| place < MOST) else {
            continue;
        };
        let named_form = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        let with = match (*method).ml_flags {
            ffi::METH_O | ffi::METH_NOARGS => {
                std::mem::transmute::<TwoArguments, ffi::PyMethodDefPointer>(ONE[place])
            }
            ffi::METH_FASTCALL => std::mem::transmute::<Fast, ffi::PyMethodDefPointer>(MANY[place]),
            form if form == named_form => {
                std::mem::transmute::<FastWithKeywords, ffi::PyMethodDefPointer>(NAMED[place])
            }
            form if form == named_form | ffi::METH_METHOD => {
                std::mem::transmute::<WithClass, ffi::PyMethodDefPointer>(OF_CLASS[place])
            }
            _ => continue,
        };
        ORIGINAL.set_at(py, place, Some((*method).ml_meth));
        (*method).ml_meth = with;
        place += 1;
    }
    place
}

/// Replaces the functions, those of files and of the module `posix`.
pub fn install(py: Python<'_>) {
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"_io".as_ptr());
        let class = ffi::PyObject_GetAttrString(module, c"FileIO".as_ptr());
        if class.is_null() {
            return;
        }
        INIT.set(py, slots::replace_init(class.cast(), opened));
        let next = replace_all(py, class, &METHODS, 0);
        replace_all(
            py,
            ffi::PyImport_ImportModule(c"posix".as_ptr()),
            &FUNCTIONS,
            next,
        );
    }
}

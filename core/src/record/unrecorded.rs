//! Which code threads run that was not rewritten, so that its accesses are not recorded.
//!
//! For a while after a thread begins each Python frame that starts is looked at, by a frame evaluation
//! function (PEP 523): `CALLS` frames of the threads, and again as many whenever something new was found.
//! Then that function is taken out, and calls cost what they always do. What a thread runs for the
//! first time after very many calls is missed.
//!
//! With such a function calls of Python code nest on the C stack. So it is taken out, too, where
//! frames are nested deeply, or little of the stack is left.

use super::buffer::{self, MAIN_THREAD};
use super::defs::Entry;
use super::sites;
use super::state::memory;
use crate::cpython::evaluation;
use crate::cpython::frames::{self, keep, Frame};
use crate::gil::{Gil, GilMut};
use crate::spool::format::{Definition, Gap};
use crate::text::utf8;
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::Cell;
use std::ffi::CStr;
use std::ptr::null_mut;

/// So many calls in a row with nothing new in them are looked at.
const CALLS: u32 = 10_000;
/// Those of the main thread count for a tenth.
const SHARE_OF_MAIN: u32 = 10;
const MOST_NESTED: i32 = 150;
const STACK_LEFT: usize = 256 << 10;
/// No more code objects than this are kept alive for being known.
const MOST_KNOWN: usize = 1 << 16;

const INSTALLED: [&str; 2] = ["/site-packages/", "/dist-packages/"];

/// The file of the import system's code begins with this.
const IMPORTER: &[u8] = b"<frozen importlib";

/// What a code object is: recorded, or nobody's business, or code that is not recorded, of a kind
/// and with a name (its place in `Known::subjects`).
type Subject = Option<u32>;

#[derive(Default)]
struct Known {
    rewritten: FxHashSet<usize>,
    codes: FxHashMap<usize, Subject>,
    /// Whether code objects are the import system's.
    importing: FxHashMap<usize, bool>,
    subjects: Vec<(Gap, String)>,
    /// Which subjects which threads have been found to run, in this session.
    ran: FxHashSet<(u32, u32)>,
}

static KNOWN: Gil<Option<Known>> = Gil::new(None);
static CALLS_LEFT: Gil<u32> = Gil::new(0);

thread_local! {
    /// The lowest address that the thread's frames may come to.
    static STACK_LIMIT: Cell<usize> = const { Cell::new(0) };
}

fn known(py: Python<'_>) -> GilMut<'_, Known> {
    KNOWN.get_or_insert_with(py, Known::default)
}

/// This code, and the code inside it, is recorded.
///
/// # Safety
/// `code` is a code object.
pub unsafe fn add_rewritten(py: Python<'_>, code: *mut ffi::PyObject) {
    if known(py).rewritten.insert(code as usize) {
        keep(code as usize);
        known(py).codes.remove(&(code as usize));
    }
    let constants = ffi::PyObject_GetAttrString(code, c"co_consts".as_ptr());
    if constants.is_null() {
        return ffi::PyErr_Clear();
    }
    for index in 0..ffi::PyTuple_Size(constants) {
        let constant = ffi::PyTuple_GetItem(constants, index);
        if ffi::PyCode_Check(constant) != 0 {
            add_rewritten(py, constant);
        }
    }
    ffi::Py_DECREF(constants);
}

/// A new session: nothing has been found to run yet.
pub fn reset(py: Python<'_>) {
    known(py).ran.clear();
}

/// Looks at what runs from now on. Does nothing where frames cannot be read, or somebody else
/// evaluates them.
pub fn watch(py: Python<'_>) {
    if memory() && evaluation::watch(py, look) {
        CALLS_LEFT.set(py, CALLS * SHARE_OF_MAIN);
    }
}

/// Looks no more.
pub fn rest(py: Python<'_>) {
    evaluation::rest(py);
}

unsafe fn look(py: Python<'_>, state: *mut ffi::PyThreadState, frame: Frame) {
    let thread = buffer::thread();
    let counts = if thread > MAIN_THREAD {
        SHARE_OF_MAIN
    } else {
        1
    };
    let left = CALLS_LEFT.copied(py).saturating_sub(counts);
    CALLS_LEFT.set(py, left);
    if left == 0 || frames::nested(state.cast()) > MOST_NESTED || !has_stack() {
        return rest(py);
    }
    if thread <= MAIN_THREAD || !memory() {
        return;
    }
    let code = frames::code_of(frame);
    let subject = known(py).codes.get(&code).copied();
    let subject = match subject {
        Some(subject) => subject,
        None if known(py).rewritten.contains(&code) => return,
        None if is_imported(py) => {
            CALLS_LEFT.set(py, left.saturating_add(counts));
            return;
        }
        None => learn(py, code, frame),
    };
    if let Some(subject) = subject {
        let is_new = known(py).ran.insert((subject, thread));
        if is_new {
            tell(py, subject, thread);
        }
    }
}

/// Whether what is about to run does so for an import: what a thread does only because a module is
/// imported is nothing that it does with others.
fn is_imported(py: Python<'_>) -> bool {
    let mut found = false;
    // SAFETY: the frames are those that run, and keep their code alive.
    unsafe {
        frames::walk_codes(py, |code| {
            let importing = known(py).importing.get(&code).copied();
            found = match importing {
                Some(importing) => importing,
                None => {
                    let importing = frames::with_file_of(code, |file| file.starts_with(IMPORTER));
                    let importing = importing.unwrap_or(false);
                    known(py).importing.insert(code, importing);
                    importing
                }
            };
            found
        })
    };
    found
}

/// Whether there is enough of the thread's stack for calls to nest on it.
fn has_stack() -> bool {
    if STACK_LIMIT.get() == 0 {
        STACK_LIMIT.set(stack_limit().unwrap_or(usize::MAX));
    }
    let here = 0u8;
    &raw const here as usize > STACK_LIMIT.get()
}

fn stack_limit() -> Option<usize> {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut attributes = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return None;
        }
        let (mut low, mut size) = (null_mut(), 0);
        let failed = libc::pthread_attr_getstack(&attributes, &mut low, &mut size) != 0;
        libc::pthread_attr_destroy(&mut attributes);
        (!failed).then(|| low as usize + STACK_LEFT)
    }
}

#[cold]
fn tell(py: Python<'_>, subject: u32, thread: u32) {
    let (kind, name) = &known(py).subjects[subject as usize];
    Entry::new(Definition::Gap, 3)
        .str(kind.name())
        .str(name)
        .uint(u64::from(thread))
        .write(py);
}

#[cold]
unsafe fn learn(py: Python<'_>, code: usize, frame: Frame) -> Subject {
    CALLS_LEFT.set(py, CALLS * SHARE_OF_MAIN);
    if known(py).codes.len() >= MOST_KNOWN {
        return None;
    }
    let subject = subject_of(py, code, frame).map(|subject| {
        let subjects = &mut known(py).subjects;
        let place = subjects.iter().position(|other| *other == subject);
        place.unwrap_or_else(|| {
            subjects.push(subject);
            subjects.len() - 1
        }) as u32
    });
    keep(code);
    known(py).codes.insert(code, subject);
    subject
}

/// The kind and the name of what the code belongs to; None for what need not be recorded.
unsafe fn subject_of(py: Python<'_>, code: usize, frame: Frame) -> Option<(Gap, String)> {
    let object = code as *mut ffi::PyObject;
    if sites::is_internal(py, code) {
        return None;
    }
    let file = text_of(object, c"co_filename")?;
    let name = module_of(frame);
    if file.starts_with('<') {
        return is_own_generated(py, object, frame, name.as_deref())
            .then(|| (Gap::OwnCode, file.clone()));
    }
    if !is_installed(&file) {
        return Some((Gap::OwnCode, file));
    }
    let name = name.unwrap_or_else(|| package_of(&file));
    let top = name.split('.').next().unwrap_or_default();
    Some((Gap::Package, top.to_owned()))
}

/// Whether the calling thread runs code of the program, or what that has called.
pub fn in_program(py: Python<'_>) -> bool {
    let mut found = false;
    // SAFETY: the frames are those that run, and keep their code alive.
    unsafe {
        frames::walk_codes(py, |code| {
            found = !sites::is_internal(py, code)
                && frames::with_file_of(code, |file| {
                    !file.starts_with(b"<") && !is_installed(&String::from_utf8_lossy(file))
                })
                .unwrap_or(false);
            found
        })
    };
    found
}

fn is_installed(file: &str) -> bool {
    INSTALLED.iter().any(|folder| file.contains(folder))
}

/// What the folder of installed packages has the file in.
fn package_of(file: &str) -> String {
    let inside = INSTALLED
        .iter()
        .find_map(|folder| file.rsplit_once(folder).map(|(_, inside)| inside));
    let first = inside.unwrap_or(file).split('/').next().unwrap_or_default();
    first.trim_end_matches(".py").to_owned()
}

/// Whether code without a file is the program's: of a notebook's cell, say, and not what a library
/// makes for its classes and functions. Those go by special names, or have globals of their own.
unsafe fn is_own_generated(
    py: Python<'_>,
    code: *mut ffi::PyObject,
    frame: Frame,
    module: Option<&str>,
) -> bool {
    let function = text_of(code, c"co_name").unwrap_or_default();
    if function.starts_with("__") {
        return false;
    }
    let file = match module {
        None => return false,
        Some("__main__" | "__mp_main__") => return true,
        Some(_) => frames::globals_of(frame),
    };
    let file = ffi::PyDict_GetItemString(file, c"__file__".as_ptr());
    let file = (!file.is_null()).then(|| utf8(file)).flatten();
    file.is_some_and(|file| {
        !sites::is_internal_name(py, file) && !is_installed(&String::from_utf8_lossy(file))
    })
}

/// The name of the module whose globals the frame has.
unsafe fn module_of(frame: Frame) -> Option<String> {
    let name = ffi::PyDict_GetItemString(frames::globals_of(frame), c"__name__".as_ptr());
    if name.is_null() {
        return None;
    }
    utf8(name).map(|name| String::from_utf8_lossy(name).into_owned())
}

unsafe fn text_of(code: *mut ffi::PyObject, attribute: &CStr) -> Option<String> {
    let value = ffi::PyObject_GetAttrString(code, attribute.as_ptr());
    if value.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    let text = utf8(value).map(|text| String::from_utf8_lossy(text).into_owned());
    ffi::Py_DECREF(value);
    text
}

//! Child processes as the program itself makes and awaits them: `os.fork`, `os.wait` and their like.
//! What they tell of a child that is of the run is a JOIN of the thread that asked, and how the
//! child ended.

mod told;
mod waitid;

use crate::control::page::{key, outward};
use crate::control::{self, members, pids, processes, Woken};
use crate::cpython::frames;
use crate::cpython::methods::{replace, Fast, FastWithKeywords, TwoArguments};
use crate::gil::{Gil, GilMut};
use crate::ops::{self, outcome};
use crate::record::threads;
use crate::record::{self, gate, uses, values};
use crate::replay;
use crate::traffic::steps::{self, Told};
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction, PyErr};
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::time::{Duration, Instant};
use told::Meant;

type Object = *mut ffi::PyObject;

static FORK: Gil<Option<TwoArguments>> = Gil::new(None);
static FORKPTY: Gil<Option<TwoArguments>> = Gil::new(None);
static WAIT: Gil<Option<TwoArguments>> = Gil::new(None);
static WAITPID: Gil<Option<Fast>> = Gil::new(None);
static WAIT3: Gil<Option<FastWithKeywords>> = Gil::new(None);
static WAIT4: Gil<Option<FastWithKeywords>> = Gil::new(None);

/// The children that have not been waited for: their objects, by pid.
static CHILDREN: Gil<Option<FxHashMap<i32, u32>>> = Gil::new(None);

thread_local! {
    /// The object of the child that this thread is forking.
    static FORKING: Cell<u32> = const { Cell::new(0) };
}

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

unsafe fn item(tuple: Object, position: isize) -> Option<i32> {
    let value = ffi::PyLong_AsLong(ffi::PyTuple_GetItem(tuple, position));
    ffi::PyErr_Clear();
    i32::try_from(value).ok()
}

/// multiprocessing asks for its Process objects, whose joins are recorded there.
fn asked_by_multiprocessing(py: Python<'_>) -> bool {
    // Its code; a pool asks for each of its workers all the time.
    static ASKING: Gil<usize> = Gil::new(0);
    let mut code = 0;
    frames::walk_codes(py, |innermost| {
        code = innermost;
        true
    });
    if code == 0 || code == ASKING.copied(py) {
        return code != 0;
    }
    let asks = frames::caller(py, |_, _| false)
        .is_some_and(|file| file.ends_with(b"/multiprocessing/popen_fork.py"));
    // SAFETY: the frames are those that run, and keep their code alive.
    unsafe {
        if asks {
            frames::keep(code);
            ASKING.set(py, code);
        }
    }
    asks
}

/// What STEPs are on that tell of looks at children, and of waits for any program.
const LOOK: &str = "wait";
const ANY: &str = "wait for any";

/// One call that waits for `pid`, or for any child if that is not positive.
struct Wait {
    silent: bool,
    requested: u32,
    waits: bool,
}

impl Wait {
    fn begin(py: Python<'_>, pid: i32, options: i32) -> Option<Wait> {
        let object = children(py).get(&pid).copied();
        if !record::recording() || children(py).is_empty() || pid > 0 && object.is_none() {
            return None;
        }
        let mut wait = Wait {
            silent: asked_by_multiprocessing(py),
            requested: object.unwrap_or(0),
            waits: false,
        };
        if !wait.silent {
            let looks = uses::object(py, LOOK);
            match replay::comes(py, ops::STEP, looks) {
                true => gate::before(py, ops::STEP, looks, 0),
                false => gate::before(py, ops::JOIN, wait.requested, 0),
            }
        }
        if !wait.silent && options & libc::WNOHANG == 0 && must_wait(py, pid) {
            wait.waits = true;
            let (tag, bits) = values::text(py, b"join");
            record::event(py, ops::REQUEST, wait.requested, outcome::OK, tag, bits);
        }
        Some(wait)
    }

    /// The call has returned a pid and a status of the kernel's form, or null.
    unsafe fn end(&self, py: Python<'_>, result: Object) {
        if result.is_null() {
            self.failed(py);
        } else if let (Some(pid), Some(status)) = (item(result, 0), item(result, 1)) {
            if libc::WIFEXITED(status) {
                self.learned(py, pid, libc::WEXITSTATUS(status));
            } else if libc::WIFSIGNALED(status) {
                self.learned(py, pid, -libc::WTERMSIG(status));
            }
        }
    }

    fn learned(&self, py: Python<'_>, pid: i32, status: i32) {
        let Some(object) = children(py).remove(&pid) else {
            return;
        };
        threads::child_ended(py, pid as u32, status);
        if !self.silent {
            if !control::passed(py) {
                gate::before(py, ops::JOIN, object, 0);
            }
            let bits = i64::from(status) as u64;
            record::event(py, ops::JOIN, object, outcome::OK, values::INT, bits);
        }
    }

    fn failed(&self, py: Python<'_>) {
        if !self.waits {
            return;
        }
        let error = PyErr::take(py);
        let how = match &error {
            Some(error) if error.is_instance_of::<pyo3::exceptions::PyKeyboardInterrupt>(py) => {
                outcome::INTERRUPTED
            }
            _ => outcome::RAISED,
        };
        record::event(py, ops::JOIN, self.requested, how, values::ABSENT, 0);
        if let Some(error) = error {
            error.restore(py);
        }
    }
}

/// Whether a wait for the child would return at once; the child stays to be waited for.
fn has_ended(pid: i32) -> bool {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let kind = if pid > 0 { libc::P_PID } else { libc::P_ALL };
        let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        libc::waitid(kind, pid.max(0) as u32, &mut info, options) != 0 || info.si_pid() != 0
    }
}

/// Whether the program is told that it waits. A replay may be past the child's last event, and the
/// child not have ended.
fn must_wait(py: Python<'_>, pid: i32) -> bool {
    !replay::expects(py, ops::JOIN) && (replay::expects(py, ops::REQUEST) || !has_ended(pid))
}

/// Under control, lets others go on until a wait for the child would return at once. False, with an
/// exception, if the handler of a signal raised.
fn let_others_run(py: Python<'_>, pid: i32, op: u8) -> bool {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        while control::mine() && !has_ended(pid) {
            let is_member = |pid: i32| members::is_member(pid as u32);
            let wait = control::Wait {
                key: key::PROCESS_END,
                op,
                outward: match pid > 0 && is_member(pid)
                    || pid <= 0 && children(py).keys().any(|&pid| is_member(pid))
                {
                    true => outward::NO,
                    false => outward::YES,
                },
                ..control::Wait::default()
            };
            match control::block(py, wait) {
                Woken::Interrupted if ffi::PyErr_CheckSignals() < 0 => return false,
                Woken::Alone | Woken::Uncontrolled => break,
                _ => {}
            }
        }
    }
    true
}

/// The answer of a call that waits for `pid`, or for any child.
fn asked(
    py: Python<'_>,
    wait: &Option<Wait>,
    pid: i32,
    options: i32,
    ask: impl FnOnce() -> Object,
) -> Object {
    let silent = wait.as_ref().is_none_or(|wait| wait.silent);
    let waits = options & libc::WNOHANG == 0 || !silent && replay::expects(py, ops::JOIN);
    let op = if silent { 0 } else { ops::JOIN };
    match !waits || let_others_run(py, pid, op) {
        true => ask(),
        false => std::ptr::null_mut(),
    }
}

/// How long a replay waits for a program that had ended by then.
const PATIENCE: Duration = Duration::from_secs(10);

/// The answer of a look that finds no child that has ended.
fn nothing(_: Python<'_>) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe { ffi::Py_BuildValue(c"(ii)".as_ptr(), 0, 0) }
}

/// Waits in a replay until the child has ended, which had by then. False, with an exception, if the handler
/// of a signal raised.
fn await_end(py: Python<'_>, pid: i32, op: u8) -> bool {
    if !let_others_run(py, pid, op) {
        return false;
    }
    let end = Instant::now() + PATIENCE;
    // SAFETY: the GIL is held, and is taken again before anything of Python is touched.
    unsafe {
        let saved = ffi::PyEval_SaveThread();
        while !has_ended(pid) && Instant::now() < end {
            std::thread::sleep(Duration::from_micros(200));
        }
        ffi::PyEval_RestoreThread(saved);
        true
    }
}

/// The child of the run that a wait for any finds by the trace.
fn found_next(py: Python<'_>) -> Option<i32> {
    let known = children(py);
    let comes = |(_, object): &(&i32, &u32)| replay::comes(py, ops::JOIN, **object);
    let found = replay::exactly(py).then(|| known.iter().find(comes));
    found.flatten().map(|(&pid, _)| pid)
}

/// Waits for this one child in the place of any.
fn wait_for(py: Python<'_>, pid: i32, with_usage: bool) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"posix".as_ptr());
        let given = [ffi::PyLong_FromLong(pid.into()), ffi::PyLong_FromLong(0)];
        let result = match (WAITPID.copied(py), WAIT4.copied(py)) {
            (Some(original), _) if !with_usage => original(module, given.as_ptr(), 2),
            (_, Some(original)) => original(module, given.as_ptr(), 2, std::ptr::null_mut()),
            _ => std::ptr::null_mut(),
        };
        given.iter().for_each(|&one| ffi::Py_DECREF(one));
        ffi::Py_DECREF(module);
        result
    }
}

/// A wait for any child, of which none is of the run: which program was found is a step.
fn waited_for_any(
    py: Python<'_>,
    options: i32,
    with_usage: bool,
    ask: impl FnOnce() -> Object,
) -> Object {
    let result = match steps::turn(py, ANY) {
        Some(Told::Came("0")) if !with_usage => nothing(py),
        Some(Told::Came(words)) => {
            let pid = pids::real(words.parse().unwrap_or(-1));
            match await_end(py, pid, 0) {
                true if pid > 0 => wait_for(py, pid, with_usage),
                true => ask(),
                false => std::ptr::null_mut(),
            }
        }
        _ => match options & libc::WNOHANG != 0 || let_others_run(py, -1, 0) {
            true => ask(),
            false => std::ptr::null_mut(),
        },
    };
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        match item_of(result, 0) {
            Some(pid) => steps::step(py, ANY, &pids::known(pid).to_string()),
            None => steps::failed(py, ANY),
        }
    }
    result
}

/// A look at a program that is not of the run, whether it has ended: what it told is a step.
unsafe fn looked(py: Python<'_>, pid: i32, ask: impl FnOnce() -> Object) -> Object {
    let result = match steps::turn(py, LOOK) {
        Some(Told::Came("0")) => nothing(py),
        Some(Told::Came(_)) => match await_end(py, pid, 0) {
            true => ask(),
            false => std::ptr::null_mut(),
        },
        _ => ask(),
    };
    match (result.is_null(), item_of(result, 0), item_of(result, 1)) {
        (false, Some(0), _) => steps::step(py, LOOK, "0"),
        (false, _, Some(status)) => steps::step(py, LOOK, &format!("ended {status}")),
        _ => steps::failed(py, LOOK),
    }
    result
}

unsafe fn item_of(result: Object, position: isize) -> Option<i32> {
    match result.is_null() {
        true => None,
        false => item(result, position),
    }
}

fn waited(
    py: Python<'_>,
    pid: i32,
    options: i32,
    with_usage: bool,
    ask: impl FnOnce() -> Object,
) -> Object {
    let wait = Wait::begin(py, pid, options);
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if wait.is_none() && pid <= 0 && record::recording() && !asked_by_multiprocessing(py) {
            let result = waited_for_any(py, options, with_usage, ask);
            tell_known(result);
            return result;
        }
        let looks = wait.is_none() && pid > 0 && options & libc::WNOHANG != 0;
        if looks && record::recording() && !asked_by_multiprocessing(py) {
            let result = looked(py, pid, ask);
            tell_known(result);
            return result;
        }
        let told = wait.as_ref().is_some_and(|wait| !wait.silent);
        if told && !with_usage && matches!(steps::told(py, LOOK), Some(Told::Came("0"))) {
            steps::step(py, LOOK, "0");
            return nothing(py);
        }
        let result = match found_next(py).filter(|_| told && pid <= 0) {
            Some(found) => match await_end(py, found, ops::JOIN) {
                true => wait_for(py, found, with_usage),
                false => std::ptr::null_mut(),
            },
            None => asked(py, &wait, pid, options, ask),
        };
        if told && item_of(result, 0) == Some(0) {
            steps::step(py, LOOK, "0");
        }
        if let Some(wait) = wait {
            wait.end(py, result);
        }
        tell_known(result);
        result
    }
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

unsafe extern "C-unwind" fn wait(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = WAIT.copied(py) else {
        return std::ptr::null_mut();
    };
    waited(py, -1, 0, false, || original(module, unused))
}

unsafe extern "C-unwind" fn waitpid(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = WAITPID.copied(py) else {
        return std::ptr::null_mut();
    };
    let meant = Meant::new(given, count, 0);
    let given = meant.arguments();
    let options = int(given, count, 1).unwrap_or(libc::WNOHANG);
    let pid = int(given, count, 0).unwrap_or(-1);
    waited(py, pid, options, false, || original(module, given, count))
}

unsafe extern "C-unwind" fn wait3(
    module: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = WAIT3.copied(py) else {
        return std::ptr::null_mut();
    };
    let options = int(given, count, 0).unwrap_or(libc::WNOHANG);
    waited(py, -1, options, true, || {
        original(module, given, count, names)
    })
}

unsafe extern "C-unwind" fn wait4(
    module: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = WAIT4.copied(py) else {
        return std::ptr::null_mut();
    };
    let named = match names.is_null() {
        true => 0,
        false => ffi::PyTuple_Size(names),
    };
    let meant = Meant::new(given, count + named, 0);
    let given = meant.arguments();
    let options = int(given, count, 1).unwrap_or(libc::WNOHANG);
    let pid = int(given, count, 0).unwrap_or(-1);
    waited(py, pid, options, true, || {
        original(module, given, count, names)
    })
}

fn forked(py: Python<'_>, pid: Option<i32>) {
    let object = FORKING.take();
    processes::forked(py, pid.map(|pid| pid as u32));

    if control::mine() {
        replay::signal(py);
    }

    if let Some(pid) = pid.filter(|pid| *pid > 0 && object != 0) {
        insert(py, pid, object, "fork");
    }
}

unsafe extern "C-unwind" fn fork(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = FORK.copied(py) else {
        return std::ptr::null_mut();
    };
    let result = original(module, unused);
    let pid = match result.is_null() {
        true => None,
        false => i32::try_from(ffi::PyLong_AsLong(result)).ok(),
    };
    forked(py, pid);
    match pid.filter(|&pid| pids::known(pid) != pid) {
        Some(pid) => {
            ffi::Py_DECREF(result);
            ffi::PyLong_FromLong(pids::known(pid).into())
        }
        None => result,
    }
}

unsafe extern "C-unwind" fn forkpty(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = FORKPTY.copied(py) else {
        return std::ptr::null_mut();
    };
    let result = original(module, unused);
    forked(
        py,
        match result.is_null() {
            true => None,
            false => item(result, 0),
        },
    );
    tell_known(result);
    result
}

/// Replaces the functions; a second call does nothing.
pub fn install(py: Python<'_>) {
    if FORK.copied(py).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"posix".as_ptr());
        let keywords = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        replace::<TwoArguments>(py, module, c"fork", ffi::METH_NOARGS, &FORK, fork);
        replace::<TwoArguments>(py, module, c"forkpty", ffi::METH_NOARGS, &FORKPTY, forkpty);
        replace::<TwoArguments>(py, module, c"wait", ffi::METH_NOARGS, &WAIT, wait);
        replace::<Fast>(
            py,
            module,
            c"waitpid",
            ffi::METH_FASTCALL,
            &WAITPID,
            waitpid,
        );
        replace::<Fast>(
            py,
            module,
            c"waitid",
            ffi::METH_FASTCALL,
            &waitid::ORIGINAL,
            waitid::waitid,
        );
        replace::<FastWithKeywords>(py, module, c"wait3", keywords, &WAIT3, wait3);
        replace::<FastWithKeywords>(py, module, c"wait4", keywords, &WAIT4, wait4);
        told::install(py, module);
        // A function that this Python does not have, or has in another form, stays as it is.
        ffi::PyErr_Clear();
    }
}

/// The fork that the calling thread is in makes the process of this object.
#[pyfunction]
fn forking(number: u32) {
    FORKING.set(number);
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
    m.add_function(wrap_pyfunction!(forking, m)?)?;
    m.add_function(wrap_pyfunction!(known_pid, m)?)?;
    m.add_function(wrap_pyfunction!(known_ident, m)?)?;
    m.add_function(wrap_pyfunction!(parent_was, m)?)?;
    m.add_function(wrap_pyfunction!(child_made, m)?)
}

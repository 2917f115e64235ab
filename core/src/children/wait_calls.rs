//! `os.wait`, `os.waitpid`, `os.wait3` and `os.wait4`.

use super::ends::{asked, asked_by_multiprocessing, await_end, let_others_run, nothing};
use super::ends::{Wait, ANY, LOOK};
use super::told::Meant;
use super::{children, int, item_of, tell_known, Object};
use crate::control::pids;
use crate::cpython::methods::{replace, Fast, FastWithKeywords, TwoArguments};
use crate::gil::Gil;
use crate::ops;
use crate::record::{self, gate};
use crate::traffic::steps::{self, Told};
use pyo3::ffi;
use pyo3::Python;

static WAIT: Gil<Option<TwoArguments>> = Gil::new(None);
static WAITPID: Gil<Option<Fast>> = Gil::new(None);
static WAIT3: Gil<Option<FastWithKeywords>> = Gil::new(None);
static WAIT4: Gil<Option<FastWithKeywords>> = Gil::new(None);

/// The child of the run that a wait for any finds by the trace.
fn found_next(py: Python<'_>) -> Option<i32> {
    let known = children(py);
    let comes = |(_, object): &(&i32, &u32)| gate::next(py, ops::JOIN, **object).is_this();
    let found = gate::is_settled(py).then(|| known.iter().find(comes));
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

/// Replaces the functions.
pub unsafe fn install(py: Python<'_>, module: Object) {
    let keywords = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
    replace::<TwoArguments>(py, module, c"wait", ffi::METH_NOARGS, &WAIT, wait);
    replace::<Fast>(
        py,
        module,
        c"waitpid",
        ffi::METH_FASTCALL,
        &WAITPID,
        waitpid,
    );
    replace::<FastWithKeywords>(py, module, c"wait3", keywords, &WAIT3, wait3);
    replace::<FastWithKeywords>(py, module, c"wait4", keywords, &WAIT4, wait4);
}

//! `os.waitid`.

use super::ends::{asked, asked_by_multiprocessing, await_end, let_others_run};
use super::ends::{Wait, ANY, LOOK};
use super::told::Meant;
use super::{int, item, item_of, tell_known, Object};
use crate::control::pids;
use crate::cpython::methods::Fast;
use crate::gil::Gil;
use crate::record;
use crate::traffic::steps::{self, Told};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

pub static ORIGINAL: Gil<Option<Fast>> = Gil::new(None);

pub unsafe extern "C-unwind" fn waitid(
    module: Object,
    given: *const Object,
    count: isize,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = ORIGINAL.copied(py) else {
        return std::ptr::null_mut();
    };
    let meant = Meant::new(given, count, 1);
    let given = meant.arguments();
    let options = int(given, count, 2).unwrap_or(libc::WNOHANG);
    let of_one = int(given, count, 0) == Some(libc::P_PID as i32);
    let pid = int(given, count, 1).filter(|_| of_one).unwrap_or(-1);
    let wait = Wait::begin(py, pid, options);
    if wait.is_none() && record::recording() && !asked_by_multiprocessing(py) {
        let result = of_others(py, module, given, options, of_one.then_some(pid), original);
        tell_known(result);
        return result;
    }
    let result = asked(py, &wait, pid, options, || original(module, given, count));
    if let Some(wait) = wait {
        if result.is_null() {
            wait.failed(py);
        } else if result != ffi::Py_None() {
            // Its fields are pid, uid, signal, status, code.
            let fields = [0, 3, 4].map(|position| item(result, position));
            if let [Some(pid), Some(status), Some(code)] = fields {
                match code {
                    libc::CLD_EXITED => wait.learned(py, pid, status),
                    libc::CLD_KILLED | libc::CLD_DUMPED => wait.learned(py, pid, -status),
                    _ => {}
                }
            }
        }
    }
    tell_known(result);
    result
}

/// Of programs that are not of the run: which has ended, or that none has, is a step. A wait for the
/// `one` is none.
unsafe fn of_others(
    py: Python<'_>,
    module: Object,
    given: *const Object,
    options: i32,
    one: Option<i32>,
    original: Fast,
) -> Object {
    let looks = options & libc::WNOHANG != 0;
    let ask = || match looks || let_others_run(py, one.unwrap_or(-1), 0) {
        true => original(module, given, 3),
        false => null_mut(),
    };
    let name = match one {
        Some(_) if !looks => return ask(),
        Some(_) => LOOK,
        None => ANY,
    };
    let result = match steps::turn(py, name) {
        Some(Told::Came("0")) => ffi::Py_NewRef(ffi::Py_None()),
        Some(Told::Came(words)) => {
            let found = one.or_else(|| words.parse().ok().map(pids::real));
            match found.filter(|&pid| pid > 0) {
                None => ask(),
                Some(pid) if await_end(py, pid, 0) => of_one(module, given, pid, original),
                Some(_) => null_mut(),
            }
        }
        _ => ask(),
    };
    let found = match result == ffi::Py_None() {
        true => None,
        false => item_of(result, 0),
    };
    match (one, found) {
        _ if result.is_null() => steps::failed(py, name),
        (_, None) => steps::step(py, name, "0"),
        (None, Some(pid)) => steps::step(py, name, &pids::known(pid).to_string()),
        (Some(_), Some(_)) => {
            let status = item_of(result, 3).unwrap_or(0);
            steps::step(py, name, &format!("ended {status}"));
        }
    }
    result
}

/// The same call for this one child.
unsafe fn of_one(module: Object, given: *const Object, pid: i32, original: Fast) -> Object {
    let (kind, child) = (libc::P_PID as i64, pid.into());
    let made = [kind, child].map(|number| ffi::PyLong_FromLongLong(number));
    let result = original(module, [made[0], made[1], *given.add(2)].as_ptr(), 3);
    made.iter().for_each(|&number| ffi::Py_XDECREF(number));
    result
}

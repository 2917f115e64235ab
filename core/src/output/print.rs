//! `print`: one event, although it writes in pieces.

use super::text::Text;
use super::turns::Turn;
use crate::control;
use crate::ops::{self, flag};
use crate::record::{self, gate, uses, values};
use crate::thread_owned::{Owned, ThreadOwned};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCFunction, PyDict, PyModule, PyString, PyTuple};

/// A `print` under way in this thread: what it has written, and how many writes it still makes.
struct Print {
    text: Text,
    writes_left: usize,
    /// Whether it has begun, or gone on after a step.
    begun: bool,
    error: bool,
    /// Its turn to write, if it keeps that: until what it writes is where `flush` brings it.
    turn: Option<Turn>,
}

thread_local! {
    static PRINT: ThreadOwned<Option<Print>> = const { ThreadOwned::new(None) };
}

/// What the STEP is on of a piece that has gone to the file by itself.
const PIECE: &str = "print";

static PLAIN_PRINT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Records a text that is written to stderr, or to stdout.
pub fn emit(py: Python<'_>, text: &Text, error: bool) {
    let (value, ended) = text.value(py);
    let flags = if ended { 0 } else { flag::UNENDED } | if error { flag::ERROR } else { 0 };
    record::output(py, flags, value);
}

/// Whether a print of the calling thread writes now.
pub fn is_under_way() -> bool {
    let left = PRINT.look(|print| Some(print.as_ref()?.writes_left > 0));
    left.unwrap_or(false)
}

/// Whether others may go before the next write of the calling thread: of a print before the first
/// piece, and after each that has gone to the file by itself.
pub fn begins() -> bool {
    PRINT.change(|print| match print {
        Some(print) if print.writes_left > 0 => !std::mem::replace(&mut print.begun, true),
        _ => true,
    })
}

/// A piece has been written in this turn, and has gone to the file by itself if `through`: another
/// thread's may come between it and the next. An event (STEP), in a replay where it was one.
/// Otherwise a print keeps its turn until its end, as it keeps the GIL in plain Python.
pub fn piece_written(py: Python<'_>, through: bool, turn: Turn) {
    let left = PRINT.look(|print| Some(print.as_ref()?.writes_left as i64));
    let Some(left) = left else { return };
    let again = gate::is_settled(py);
    let is_step = left > 0
        && match again {
            true => gate::next(py, ops::STEP, uses::object(py, PIECE)).count() == Some(left),
            false => through,
        };
    if !is_step {
        // Under control others go only where this one comes to a gate, and would wait for it there.
        if turn.is_held() && !control::controlled() {
            keep(Some(turn));
        }
        return;
    }
    if again {
        drop(turn);
        gate::before(py, ops::STEP, uses::object(py, PIECE), 0);
    }
    let object = uses::object(py, PIECE);
    record::event(py, ops::STEP, object, 0, values::INT, left as u64);
    keep(None);
    PRINT.change(|print| {
        if let Some(print) = print {
            print.begun = false;
        }
    });
}

fn keep(turn: Option<Turn>) {
    let before = PRINT.change(|print| {
        let print = print.as_mut()?;
        std::mem::replace(&mut print.turn, turn)
    });
    drop(before);
}

/// Notes a piece that is about to be written to a stream, and whether a print writes it.
pub fn written(py: Python<'_>, piece: &Bound<'_, PyString>, error: bool) -> bool {
    PRINT.change(|print| {
        let Some(print) = print.as_mut().filter(|print| print.writes_left > 0) else {
            return false;
        };
        print.text.add(piece);
        print.error = error;
        print.writes_left -= 1;
        if print.writes_left == 0 {
            emit(py, &print.text, error);
        }
        true
    })
}

/// Prints the values to a stream, or to sys.stdout by default.
///
///   sep
///     string inserted between values, default a space.
///   end
///     string appended after the last value, default a newline.
///   file
///     a file-like object (stream); defaults to the current sys.stdout.
///   flush
///     whether to forcibly flush the stream.
#[pyfunction]
#[pyo3(
    signature = (*args, **kwargs),
    text_signature = "(*args, sep=' ', end='\\n', file=None, flush=False)"
)]
fn print<'py>(
    py: Python<'py>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let plain = PLAIN_PRINT.get_or_try_init(py, || {
        PyModule::import(py, "builtins")?
            .getattr("print")
            .map(Bound::unbind)
    })?;
    // One write for each value, one between two, one for the end.
    let outer = PRINT.put(Some(Print {
        text: Text::new(),
        writes_left: (2 * args.len()).max(1),
        begun: false,
        error: false,
        turn: None,
    }));
    let result = plain.bind(py).call(args, kwargs);
    let own = PRINT.put(outer);
    if let Some(print) = own.filter(|print| print.writes_left > 0 && !print.text.is_empty()) {
        emit(py, &print.text, print.error);
    }
    result
}

/// `print`, as a function of the module builtins, that records each call as one OUTPUT event.
#[pyfunction]
fn recorded_print<'py>(builtins: &Bound<'py, PyModule>) -> PyResult<Bound<'py, PyCFunction>> {
    let plain = builtins.getattr("print")?;
    PLAIN_PRINT.get_or_init(builtins.py(), || plain.unbind());
    wrap_pyfunction!(print, builtins)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(recorded_print, m)?)
}

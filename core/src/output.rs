//! OUTPUT events: what threads write to stdout and stderr. See `tracer/recording/output.py`.

mod turns;

use crate::ops;
use crate::record::{self, gate, values};
use crate::schedule::replay;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCFunction, PyDict, PyModule, PyString, PyTuple};
use std::cell::RefCell;
use turns::Turns;

/// Characters kept of one text.
const KEPT: usize = 200;

/// A `print` under way in this thread: what it has written, and how many writes it still makes.
struct Print {
    text: String,
    writes_left: usize,
    begun: bool,
    /// Whether writes before the last have been events.
    steps: bool,
}

thread_local! {
    static PRINT: RefCell<Option<Print>> = const { RefCell::new(None) };
    /// A line begun on stderr: the interpreter writes a traceback in many small pieces.
    static LINE: RefCell<String> = const { RefCell::new(String::new()) };
}

static PLAIN_PRINT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Appends what is worth keeping of a piece; a text that is full is only marked as too long.
fn append(text: &mut String, piece: &Bound<'_, PyString>) {
    if text.len() <= 4 * KEPT {
        text.extend(piece.to_string_lossy().chars().take(KEPT + 1));
    }
}

fn emit(py: Python<'_>, text: &str) {
    let line = text.strip_suffix('\n').unwrap_or(text);
    if line.is_empty() {
        return;
    }
    let kept = match line.char_indices().nth(KEPT) {
        Some((end, _)) => &line[..end],
        None => line,
    };
    let kept = PyString::new(py, kept);
    unsafe {
        let (tag, bits) = values::encode(kept.as_ptr(), values::TEXT);
        record::event(ops::OUTPUT, 0, 0, tag, bits);
    }
}

/// Notes a piece that is about to be written.
fn written(py: Python<'_>, piece: &Bound<'_, PyString>, by_line: bool) {
    let of_print = PRINT.with_borrow_mut(|print| {
        let current = print.as_mut()?;
        append(&mut current.text, piece);
        current.writes_left = current.writes_left.saturating_sub(1);
        if current.writes_left == 0 {
            return Some(print.take().map(|done| done.text));
        }
        Some(None)
    });
    match of_print {
        Some(Some(text)) => emit(py, &text),
        Some(None) => {}
        None => {
            let text = LINE.with_borrow_mut(|line| {
                append(line, piece);
                let whole = !by_line || piece.to_string_lossy().ends_with(['\n', '\r']);
                whole.then(|| std::mem::take(line))
            });
            if let Some(text) = text {
                emit(py, &text);
            }
        }
    }
}

/// Whether each piece of a print is an event: where it goes to the file by itself, since another
/// thread's may come between. In a replay, where it was one.
fn makes_steps(through: bool) -> bool {
    unsafe {
        match replay::exactly() {
            true => replay::comes(ops::STEP, 0),
            false => through,
        }
    }
}

/// Lets others go before a write that is an event, and says which: of a print the last one is the
/// OUTPUT, and those before may be steps.
fn pass_gate(through: bool) -> Option<u8> {
    let op = PRINT.with_borrow_mut(|print| {
        let Some(print) = print else {
            return Some(ops::OUTPUT);
        };
        let is_last = print.writes_left <= 1;
        if !is_last && makes_steps(through) {
            print.steps = true;
            return Some(ops::STEP);
        }
        let begins = !std::mem::replace(&mut print.begun, true);
        (begins || is_last && print.steps).then_some(ops::OUTPUT)
    });
    if let Some(op) = op {
        unsafe { gate::before(op, 0, 0) };
    }
    op
}

/// A stream's `write` that records what it writes; `by_line` gathers pieces up to a line's end.
#[pyfunction]
fn recorded_write<'py>(
    py: Python<'py>,
    stream: Bound<'py, PyAny>,
    by_line: bool,
) -> PyResult<Bound<'py, PyCFunction>> {
    let write = stream.getattr("write")?.unbind();
    let stream = stream.unbind();
    let turns = Turns::new();
    let call = move |args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>| {
        let py = args.py();
        let first = args.get_item(0).ok().filter(|_| record::recording());
        let Some(piece) = first.and_then(|first| first.cast_into::<PyString>().ok()) else {
            return write.call(py, args, kwargs);
        };
        let through = stream.getattr(py, intern!(py, "write_through"))?;
        let op = pass_gate(through.is_truthy(py)?);
        let _turn = turns.take(py)?;
        if op == Some(ops::STEP) {
            unsafe { record::event(ops::STEP, 0, 0, values::ABSENT, 0) };
        }
        written(py, &piece, by_line);
        write.call(py, args, kwargs)
    };
    PyCFunction::new_closure(py, Some(c"write"), None, call)
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
    let outer = PRINT.replace(Some(Print {
        text: String::new(),
        writes_left: (2 * args.len()).max(1),
        begun: false,
        steps: false,
    }));
    let result = plain.bind(py).call(args, kwargs);
    let unfinished = PRINT.replace(outer);
    if let Some(print) = unfinished {
        emit(py, &print.text);
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
    m.add_function(wrap_pyfunction!(recorded_write, m)?)?;
    m.add_function(wrap_pyfunction!(recorded_print, m)?)
}

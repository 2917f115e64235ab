//! What is written to `sys.stdout` and `sys.stderr` as text.

use super::text::Text;
use super::{flushing, print, turns, within, GONE};
use crate::ops::{self, outcome};
use crate::record::{self, alone, gate, uses, values};
use crate::thread_owned::{Owned, ThreadOwned};
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyModule, PyString, PyTuple};

thread_local! {
    /// A line begun on stderr: the interpreter writes a traceback in many small pieces.
    static LINE: ThreadOwned<Text> = const { ThreadOwned::new(Text::new()) };
}

/// Records a piece that no print writes. Those of stderr are gathered up to a line's end.
fn written(py: Python<'_>, piece: &Bound<'_, PyString>, error: bool) {
    let whole = !error || ends_line(piece);
    let text = LINE.change(|line| match error {
        true => {
            line.add(piece);
            whole.then(|| std::mem::take(line))
        }
        false => {
            let mut text = Text::new();
            text.add(piece);
            Some(text)
        }
    });
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        print::emit(py, &text, error);
    }
}

/// What the STEP is on of a piece of a line on stderr: others may write between it and the next.
const PIECE: &str = "piece of a line";

/// The object of the STEP that the piece is, which the calling thread is about to write; 0 if it is
/// none.
fn piece_of_line(py: Python<'_>, piece: &Bound<'_, PyString>, error: bool) -> u32 {
    if !error || print::is_under_way() || ends_line(piece) {
        return 0;
    }
    let object = uses::object(py, PIECE);
    match gate::next(py, ops::STEP, object).is_this_or(alone::has_company) {
        true => object,
        false => 0,
    }
}

fn ends_line(piece: &Bound<'_, PyString>) -> bool {
    piece.to_string_lossy().ends_with(['\n', '\r'])
}

/// A stream's `write` that records what it writes; of stderr, if `error`.
#[pyfunction]
fn recorded_write<'py>(
    py: Python<'py>,
    stream: Bound<'py, PyAny>,
    error: bool,
) -> PyResult<Bound<'py, PyCFunction>> {
    let write = stream.getattr("write")?.unbind();
    let call = move |args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>| {
        let py = args.py();
        let first = args.get_item(0).ok().filter(|_| record::recording());
        let Some(piece) = first.and_then(|first| first.cast_into::<PyString>().ok()) else {
            return write.call(py, args, kwargs);
        };
        let step = piece_of_line(py, &piece, error);
        if step != 0 {
            gate::before(py, ops::STEP, step, 0);
        } else if print::begins() {
            gate::before(py, ops::OUTPUT, 0, 0);
        }
        let turn = turns::take(py, error)?;
        if step != 0 {
            record::event(py, ops::STEP, step, outcome::OK, values::ABSENT, 0);
        }
        if !print::written(py, &piece, error) {
            written(py, &piece, error);
        }
        GONE.set(false);
        let result = within(|| write.call(py, args, kwargs));
        print::piece_written(py, GONE.get(), turn);
        result
    };
    PyCFunction::new_closure(py, Some(c"write"), None, call)
}

/// The `flush` of a stream, or of its buffer; of stderr, if `error`.
#[pyfunction]
fn recorded_flush<'py>(
    py: Python<'py>,
    stream: Bound<'py, PyAny>,
    error: bool,
) -> PyResult<Bound<'py, PyCFunction>> {
    let flush = stream.getattr("flush")?.unbind();
    let call = move |args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>| {
        let py = args.py();
        flushing(py, error, || flush.call(py, args, kwargs))?
    };
    PyCFunction::new_closure(py, Some(c"flush"), None, call)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(recorded_write, m)?)?;
    m.add_function(wrap_pyfunction!(recorded_flush, m)?)
}

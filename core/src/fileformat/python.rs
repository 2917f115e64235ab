//! `TraceData` as Python sees it: tables and events as plain tuples, made into the types of
//! `tracer.events` by `tracer.trace`.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyIndexError, PyOverflowError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};
use pyo3::IntoPyObjectExt;

use super::{rows, FileError, TraceData};
use crate::model::{Event, Gap, Process, Value};
use crate::ops;

impl From<FileError> for PyErr {
    fn from(error: FileError) -> PyErr {
        Python::attach(|py| {
            let text = error.to_string();
            match py
                .import("racetrace.tracer.errors")
                .and_then(|module| module.getattr("TraceFileError"))
            {
                Ok(class) => match class.call1((text,)) {
                    Ok(instance) => PyErr::from_value(instance),
                    Err(error) => error,
                },
                Err(error) => error,
            }
        })
    }
}

static NO_VALUE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static REF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

type Row<'py> = Bound<'py, PyTuple>;

impl TraceData {
    pub fn bytes(&self, id: u32) -> &[u8] {
        match id {
            0 => b"",
            id => &self.tables.strings[id as usize - 1],
        }
    }

    /// A string as Python has it; lone surrogates, which Python allows, survive.
    pub fn text<'py>(&self, py: Python<'py>, id: u32) -> PyResult<Bound<'py, PyAny>> {
        let bytes = self.bytes(id);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(PyString::new(py, text).into_any()),
            Err(_) => {
                let decode = PyBytes::new(py, bytes).getattr("decode")?;
                match decode.call1(("utf-8", "surrogatepass")) {
                    Ok(text) => Ok(text),
                    Err(_) => decode.call1(("utf-8", "backslashreplace")),
                }
            }
        }
    }

    fn optional<'py>(&self, py: Python<'py>, id: u32) -> PyResult<Option<Bound<'py, PyAny>>> {
        if id == 0 {
            return Ok(None);
        }
        self.text(py, id).map(Some)
    }

    /// A value as `tracer.events` has it: NO_VALUE, a plain value, or a Ref.
    pub fn value<'py>(&self, py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
        match *value {
            Value::Absent => named(py, &NO_VALUE, "NO_VALUE"),
            Value::None => Ok(py.None().into_bound(py)),
            Value::Bool(value) => value.into_bound_py_any(py),
            Value::Int(value) => value.into_bound_py_any(py),
            Value::Float(value) => value.into_bound_py_any(py),
            Value::Str(id) => self.text(py, id),
            Value::Bytes(id) => Ok(PyBytes::new(py, self.bytes(id)).into_any()),
            Value::Ref(kind, object) => {
                let object = (object != 0).then_some(object);
                named(py, &REF, "Ref")?.call1((self.text(py, kind)?, object))
            }
        }
    }

    /// The same; but a long text is made once for many events.
    fn shared_value<'py>(&self, py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
        let key = match *value {
            Value::Str(id) if self.bytes(id).len() > LONG => (true, id),
            Value::Bytes(id) if self.bytes(id).len() > LONG => (false, id),
            _ => return self.value(py, value),
        };
        let known = || self.long.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, made)) = known().iter().find(|(other, _)| *other == key) {
            return Ok(made.bind(py).clone());
        }
        let made = self.value(py, value)?;
        let mut known = known();
        if known.len() == KEPT {
            known.remove(0);
        }
        known.push((key, made.clone().unbind()));
        Ok(made)
    }

    fn row<'py>(&self, py: Python<'py>, event: &Event) -> PyResult<Row<'py>> {
        let value = self.shared_value(py, &event.value)?;
        (
            event.seq,
            event.t,
            event.thread,
            event.op,
            event.target,
            event.site,
            value,
            event.outcome,
            event.flags,
            event.link,
            event.stack,
        )
            .into_pyobject(py)
    }
}

fn of_id<T>(rows: &[T], id: usize) -> PyResult<&T> {
    id.checked_sub(1)
        .and_then(|index| rows.get(index))
        .ok_or_else(|| PyIndexError::new_err(id))
}

fn named<'py>(
    py: Python<'py>,
    cell: &PyOnceLock<Py<PyAny>>,
    name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let object = cell.get_or_try_init(py, || {
        PyResult::Ok(
            py.import("racetrace.tracer.events")?
                .getattr(name)?
                .unbind(),
        )
    })?;
    Ok(object.bind(py).clone())
}

/// Of values that have more bytes than `LONG`, the last `KEPT` are kept.
const LONG: usize = 256;
const KEPT: usize = 16;
/// Them, by string id and by whether they are texts.
pub type Long = Mutex<Vec<((bool, u32), Py<PyAny>)>>;

/// How many events one call of `filter` looks at.
const STRIDE: u64 = 1 << 16;

#[pymethods]
impl TraceData {
    /// Open a trace file. Raises TraceFileError, whose message names the file and the cause.
    #[staticmethod]
    #[pyo3(name = "open")]
    fn py_open(py: Python, path: PathBuf) -> PyResult<TraceData> {
        Ok(py.detach(|| TraceData::open(&path))?)
    }

    /// Build a trace in memory; see the stub for the shapes of the rows.
    #[staticmethod]
    #[pyo3(signature = (strings, threads, objects, locations, sites, events, gaps=vec![]))]
    #[allow(clippy::too_many_arguments)]
    fn from_rows(
        strings: &Bound<'_, PyAny>,
        threads: &Bound<'_, PyAny>,
        objects: &Bound<'_, PyAny>,
        locations: &Bound<'_, PyAny>,
        sites: &Bound<'_, PyAny>,
        events: &Bound<'_, PyAny>,
        gaps: Vec<(String, String, u32)>,
    ) -> PyResult<TraceData> {
        let mut rows = rows::Rows::default();
        rows.strings(strings)?;
        rows.threads(threads)?;
        rows.sites(sites)?;
        rows.objects(objects)?;
        rows.locations(locations)?;
        let gap = |(kind, subject, thread)| Gap {
            kind,
            subject,
            thread,
        };
        rows.tables.gaps = gaps.into_iter().map(gap).collect();
        let events = rows.events(events)?;
        Ok(TraceData::from_events(rows.tables, &events)?)
    }

    fn __len__(&self) -> PyResult<usize> {
        usize::try_from(self.len()).map_err(|_| PyOverflowError::new_err("too many events"))
    }

    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.header)
    }

    #[getter]
    fn trailer<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.trailer)
    }

    #[getter]
    fn truncated(&self) -> Option<&str> {
        self.truncated.as_deref()
    }

    #[allow(clippy::type_complexity)] // the fields of a row
    fn processes(&self) -> Vec<(&str, u64, Option<i64>, u32, &str, &str)> {
        let rows = self.tables.processes.iter();
        rows.map(|row| {
            let Process {
                path,
                pid,
                exit_status,
                parent,
                method,
                name,
            } = row;
            (
                path.as_str(),
                *pid,
                *exit_status,
                *parent,
                method.as_str(),
                name.as_str(),
            )
        })
        .collect()
    }

    #[allow(clippy::type_complexity)]
    fn threads(&self) -> Vec<(&str, &str, u32, u32, bool, bool, u64, u32)> {
        let rows = self.tables.threads.iter();
        rows.map(|row| {
            (
                &*row.path,
                &*row.name,
                row.process,
                row.parent,
                row.daemon,
                row.internal,
                row.ident,
                row.native_id,
            )
        })
        .collect()
    }

    fn sites<'py>(&self, py: Python<'py>) -> PyResult<Vec<Row<'py>>> {
        let row = |row: &crate::model::Site| {
            (
                self.text(py, row.file)?,
                row.line,
                row.column,
                row.end_line,
                row.end_column,
                self.text(py, row.function)?,
                self.text(py, row.text)?,
                PyTuple::new(py, &row.sources)?,
                row.opaque,
                PyTuple::new(py, &row.guards)?,
            )
                .into_pyobject(py)
        };
        self.tables.sites.iter().map(row).collect()
    }

    /// How many objects there are.
    fn object_count(&self) -> usize {
        self.tables.objects.len()
    }

    /// The row of the object with this id. Raises IndexError if there is none.
    fn object<'py>(&self, py: Python<'py>, id: usize) -> PyResult<Row<'py>> {
        let row = of_id(&self.tables.objects, id)?;
        (
            self.text(py, row.kind)?,
            self.optional(py, row.label)?,
            row.thread,
            row.index,
            row.site,
        )
            .into_pyobject(py)
    }

    /// How many locations there are.
    fn location_count(&self) -> usize {
        self.tables.locations.len()
    }

    /// The row of the location with this id. Raises IndexError if there is none.
    fn location<'py>(&self, py: Python<'py>, id: usize) -> PyResult<Row<'py>> {
        let row = of_id(&self.tables.locations, id)?;
        (
            row.kind,
            row.object,
            self.optional(py, row.module)?,
            self.optional(py, row.name)?,
            self.value(py, &row.key)?,
        )
            .into_pyobject(py)
    }

    fn stacks(&self) -> Vec<Vec<u32>> {
        self.tables.stacks.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.tables.notes.clone()
    }

    fn gaps(&self) -> Vec<(&str, &str, u32)> {
        let rows = self.tables.gaps.iter();
        rows.map(|row| (&*row.kind, &*row.subject, row.thread))
            .collect()
    }

    /// The events of the indices `start..stop` as rows.
    fn events<'py>(&self, py: Python<'py>, start: u64, stop: u64) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        let mut failure = Ok(());
        self.for_range(start, stop, |_, event| {
            failure = self.row(py, event).and_then(|row| list.append(row));
            failure.is_ok()
        })?;
        failure.map(|()| list)
    }

    /// Of the events from index `start`, those that fit, and the index to go on from (None at the
    /// end). `ops` is a list of codes; `object` and `location` are ids; seqs are `low..high`.
    #[pyo3(signature = (start, *, thread=None, object=None, location=None, ops=None, high=None))]
    #[allow(clippy::too_many_arguments)]
    fn filter<'py>(
        &self,
        py: Python<'py>,
        start: u64,
        thread: Option<u32>,
        object: Option<u32>,
        location: Option<u32>,
        ops: Option<Vec<u8>>,
        high: Option<u64>,
    ) -> PyResult<(Bound<'py, PyList>, Option<u64>)> {
        let mut found = Vec::new();
        let mut next = start.saturating_add(STRIDE).min(self.len());
        let mut done = false;
        self.for_ops_in_range(start, next, ops.as_deref(), |index, event| {
            if high.is_some_and(|high| event.seq >= high) {
                done = true;
                return false;
            }
            let access = event.op <= ops::ITERATE;
            if thread.is_none_or(|thread| event.thread == thread)
                && object.is_none_or(|object| !access && event.target == object)
                && location.is_none_or(|location| access && event.target == location)
                && ops.as_ref().is_none_or(|ops| ops.contains(&event.op))
            {
                found.push(*event);
            }
            next = index + 1;
            // A caller that wants only the first hits should not wait for thousands of rows.
            found.len() < 1024
        })?;
        done |= next == self.len();
        let list = PyList::empty(py);
        for event in &found {
            list.append(self.row(py, event)?)?;
        }
        Ok((list, (!done).then_some(next)))
    }

    /// The index of the first event whose sequence number is `seq` or greater.
    #[pyo3(name = "position")]
    fn py_position(&self, seq: u64) -> PyResult<u64> {
        Ok(self.position(seq)?)
    }
}

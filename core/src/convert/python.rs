//! `write_trace` as Python calls it.

use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::ops;
use crate::spool::files::{END, RUN};

/// The object in a JSON file; empty if the file is missing or broken: `end.json` is not there
/// when the supervisor was killed.
fn json<'py>(py: Python<'py>, path: &Path) -> PyResult<Bound<'py, PyDict>> {
    let Ok(text) = super::files::read(path, 16 << 20) else {
        return Ok(PyDict::new(py));
    };
    let loaded = py
        .import("json")?
        .call_method1("loads", (PyBytes::new(py, &text),));
    Ok(loaded
        .ok()
        .and_then(|object| object.cast_into::<PyDict>().ok())
        .unwrap_or_else(|| PyDict::new(py)))
}

/// Write the trace of the run whose spool directory this is to `out`, replacing what is there.
/// Returns how much was written: events, threads, processes, bytes, and dropped, the number of
/// records that made no sense.
///
/// Raises TraceFileError if the spool cannot be read or the trace cannot be written; the spool is
/// kept, and nothing is left at `out` that was not there.
#[pyfunction]
fn write_trace<'py>(py: Python<'py>, spool: PathBuf, out: PathBuf) -> PyResult<Bound<'py, PyDict>> {
    let header = json(py, &spool.join(RUN))?;
    header.update(json(py, &spool.join(END))?.as_mapping())?;
    header.set_item("ops", ops::ALL.to_vec())?;
    let mut ends = super::Ends::default();
    if let Some(reaped) = header.get_item("reaped")? {
        let pairs: Vec<[i64; 2]> = reaped.extract().unwrap_or_default();
        ends.by_pid = pairs
            .iter()
            .map(|&[pid, status]| (pid as u64, status))
            .collect();
        header.del_item("reaped")?;
    }
    if let Some(left) = header.get_item("left")? {
        ends.left = left.extract().unwrap_or_default();
        header.del_item("left")?;
    }
    if let Some(by_process) = header.get_item("exit_status")? {
        if let Ok(by_process) = by_process.cast::<PyDict>() {
            for (index, status) in by_process {
                let index = index
                    .extract::<String>()
                    .ok()
                    .and_then(|index| index.parse().ok());
                if let (Some(index), Ok(status)) = (index, status.extract::<i64>()) {
                    ends.by_index.insert(index, status);
                }
            }
        }
    }
    let options = PyDict::new(py);
    // argv may hold what is no UTF-8, as lone surrogates.
    options.set_item("unicode_errors", "surrogatepass")?;
    let packed = py
        .import("msgpack")?
        .call_method("packb", (header,), Some(&options))?;
    let packed = packed.cast::<PyBytes>()?.as_bytes().to_vec();
    let counts = py.detach(|| super::write_trace(&spool, &out, &packed, &ends))?;
    let result = PyDict::new(py);
    result.set_item("events", counts.events)?;
    result.set_item("threads", counts.threads)?;
    result.set_item("processes", counts.processes)?;
    result.set_item("bytes", counts.bytes)?;
    result.set_item("dropped", counts.dropped)?;
    Ok(result)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(write_trace, m)?)
}

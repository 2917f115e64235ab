//! What of a spool Python code uses.

use std::path::PathBuf;

use pyo3::prelude::*;

use super::files::{self, File};
use super::format::{Gap, Role};

/// The name of the definitions log of the process with this index.
#[pyfunction]
fn definitions_file(process: u32) -> String {
    File::Definitions { process }.name()
}

/// Whether any thread has begun to record into this spool.
///
/// Raises OSError if it cannot be read.
#[pyfunction]
fn has_records(spool: PathBuf) -> PyResult<bool> {
    for entry in std::fs::read_dir(spool)? {
        let file = File::of(&entry?.file_name().to_string_lossy());
        if matches!(file, Some(File::Events { .. } | File::Delegated { .. })) {
            return Ok(true);
        }
    }
    Ok(false)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let roles = Role::ALL.iter().map(|role| (role.name(), role.code()));
    m.add("FLOW_ROLES", roles.collect::<Vec<_>>())?;
    let gaps = Gap::ALL.iter().map(|gap| gap.name());
    m.add("GAPS", gaps.collect::<Vec<_>>())?;
    m.add("RUN_FILE", files::RUN)?;
    m.add("END_FILE", files::END)?;
    m.add("PAGE_FILE", files::PAGE)?;
    m.add_function(wrap_pyfunction!(definitions_file, m)?)?;
    m.add_function(wrap_pyfunction!(has_records, m)?)?;
    Ok(())
}

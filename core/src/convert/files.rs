//! The files in a spool directory: `pK.defs` of process K, `pK.tN.events` of its thread N.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::definitions::Definitions;
use crate::fileformat::pack::Result;
use crate::spool::files::File as Named;

/// Bytes of what is read at once: what a process has defined. Records are read piece by piece.
const LARGEST: u64 = 1 << 30;

/// What one process has left.
#[derive(Default)]
pub struct Left {
    /// The files of its threads.
    pub threads: BTreeMap<u32, PathBuf>,
    /// Those of what it has done for others, with that process's index and its thread's id.
    pub delegated: Vec<(PathBuf, u32, u32)>,
}

/// What each process has left, with its index, in the order of the processes' paths: each comes
/// after its maker. Which of several takes an index first is chance, and names follow this order.
pub fn in_order(spool: &Path) -> Result<Vec<(u32, Left)>> {
    let mut files = Vec::new();
    for (index, left) in all(spool)? {
        // The first is the main process even if it told nothing; another such one has no maker.
        let place = match Definitions::path(&log(spool, index)?) {
            _ if files.is_empty() => Some(Vec::new()),
            path => path.map(|path| place(&path)),
        };
        files.push((place.is_none(), place, index, left));
    }
    files.sort_by(|a, b| (a.0, &a.1, a.2).cmp(&(b.0, &b.1, b.2)));
    let files = files.into_iter();
    Ok(files.map(|(_, _, index, left)| (index, left)).collect())
}

/// What a process defined, as far as it got.
pub fn log(spool: &Path, index: u32) -> Result<Vec<u8>> {
    read_if_there(&spool.join(Named::Definitions { process: index }.name()))
}

pub fn read_if_there(path: &Path) -> Result<Vec<u8>> {
    match read(path, LARGEST) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        result => Ok(result?),
    }
}

/// The contents of a regular file of this size at most. Others are not opened: a pipe would wait for a
/// writer, and a device or a file of /proc (which has no size) may have no end.
pub fn read(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    let found = fs::metadata(path)?;
    if !found.is_file() || found.len() > largest {
        return Err(io::Error::other("not a regular file, or too large"));
    }
    let mut bytes = Vec::with_capacity(found.len() as usize);
    open(path)?.take(found.len()).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a file without waiting for anything.
pub fn open(path: &Path) -> io::Result<File> {
    let file = File::options()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    Ok(file)
}

/// Sorts `main/p2` before `main/p10`.
fn place(path: &str) -> Vec<(u8, u64)> {
    let mut parts: Vec<(u8, u64)> = Vec::new();
    for byte in path.bytes() {
        let digit = u64::from(byte.wrapping_sub(b'0'));
        match (byte.is_ascii_digit(), parts.last_mut()) {
            (true, Some((b'0', number))) => {
                *number = number.saturating_mul(10).saturating_add(digit);
            }
            (true, _) => parts.push((b'0', digit)),
            (false, _) => parts.push((byte, 0)),
        }
    }
    parts
}

/// By the index of the process.
fn all(spool: &Path) -> Result<BTreeMap<u32, Left>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(spool)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(file) = Named::of(&name) else {
            continue;
        };
        let left: &mut Left = files.entry(file.process()).or_default();
        match file {
            Named::Definitions { .. } => {}
            Named::Events { thread, .. } => {
                left.threads.insert(thread, path);
            }
            Named::Delegated { caller, .. } => left.delegated.push((path, caller.0, caller.1)),
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn each_comes_after_its_maker_and_the_tenth_after_the_second() {
        let order = ["main", "main.2/p1", "main/p2", "main/p2/p1", "main/p10"];
        assert!(order.is_sorted_by_key(|path| place(path)));
    }
}

//! The trace file: writing one, and `TraceData`, one that is open. FORMAT.md is the specification.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex};

use pyo3::prelude::*;

use crate::model::{Event, Process, Tables};

pub mod block;
mod bounds;
pub mod chunk;
mod common;
mod kinds;
mod meanings;
pub mod pack;
mod python;
mod rows;
pub mod tables;
#[cfg(test)]
mod tests;
pub mod writer;

use block::Block;
use bounds::Budget;
use chunk::Bounds;
use pack::{Result, Unpacker};

pub const FORMAT: &str = "racetrace";
pub const VERSION: i64 = 1;

/// Why a trace file cannot be read or written.
#[derive(Debug)]
pub enum FileError {
    /// The data ends where more was needed.
    Short,
    /// The data is not what FORMAT.md says; the cause.
    Bad(String),
    Io(std::io::Error),
}

impl FileError {
    pub fn bad(cause: impl Into<String>) -> FileError {
        FileError::Bad(cause.into())
    }

    /// The same error with the file's name in front.
    pub fn at(self, name: &str) -> FileError {
        match self {
            error if name.is_empty() => error,
            FileError::Io(error) => {
                let text = error.to_string();
                let cause = text.split(" (os error").next().unwrap_or(&text);
                FileError::bad(format!("{name}: {cause}"))
            }
            error => FileError::bad(format!("{name}: {error}")),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            FileError::Short => f.write_str("data ends in the middle of an object"),
            FileError::Bad(cause) => f.write_str(cause),
            FileError::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FileError {}

impl From<std::io::Error> for FileError {
    fn from(error: std::io::Error) -> FileError {
        FileError::Io(error)
    }
}

/// Reads at an offset, which leaves the file's own position to whoever uses it beside.
#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

/// The same where it moves the file's own position, which nobody else uses.
#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}

/// Where the blocks are.
enum Source {
    File(File),
    Memory(Vec<u8>),
}

impl Source {
    fn len(&self) -> Result<u64> {
        Ok(match self {
            Source::File(file) => file.metadata()?.len(),
            Source::Memory(data) => data.len() as u64,
        })
    }

    /// `len` bytes from `offset`, fewer only at the end.
    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        let mut done = 0;
        match self {
            Source::File(file) => {
                while done < len {
                    match read_at(file, &mut bytes[done..], offset + done as u64) {
                        Ok(0) => break,
                        Ok(count) => done += count,
                        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            Source::Memory(data) => {
                let rest = data.get(offset as usize..).unwrap_or_default();
                done = len.min(rest.len());
                bytes[..done].copy_from_slice(&rest[..done]);
            }
        }
        bytes.truncate(done);
        Ok(bytes)
    }
}

/// How many decoded blocks of events are kept for access by index.
const CACHED: usize = 4;
type Cache = Vec<(usize, Arc<Vec<Event>>)>;

/// A trace: its tables, and its events, which are decoded a block at a time when asked for.
#[pyclass(frozen, module = "racetrace.tracer._core")]
pub struct TraceData {
    pub tables: Tables,
    /// The header and the trailer (empty if cut off), msgpack maps.
    pub header: Vec<u8>,
    pub trailer: Vec<u8>,
    /// What is missing, if the file was cut off.
    pub truncated: Option<String>,
    bounds: Bounds,
    /// The path, for messages; empty for a trace in memory.
    name: String,
    source: Source,
    chunks: Vec<Block>,
    /// How many events come before each block, and the count of all at the end.
    starts: Vec<u64>,
    cache: Mutex<Cache>,
    kinds: kinds::Kinds,
    /// Long values that were made for Python.
    long: python::Long,
}

impl TraceData {
    pub fn open(path: &Path) -> Result<TraceData> {
        let name = path.display().to_string();
        let open = || {
            // Not opened yet: that of a pipe would wait for a writer.
            let found = std::fs::metadata(path)?;
            if found.is_dir() && path.join(crate::spool::files::RUN).exists() {
                return Err(FileError::bad(
                    "the spool of a run, not a trace: trace recover makes one of it",
                ));
            } else if found.is_dir() {
                return Err(FileError::bad("a directory, not a trace"));
            } else if !found.is_file() {
                return Err(FileError::bad("not a regular file"));
            } else if found.len() == 0 {
                return Err(FileError::bad("the file is empty"));
            }
            Self::scan(Source::File(File::open(path)?), name.clone())
        };
        open().map_err(|error| error.at(&name))
    }

    /// A file's contents held in memory.
    pub fn from_bytes(data: Vec<u8>) -> Result<TraceData> {
        Self::scan(Source::Memory(data), String::new())
    }

    /// A trace that was never in a file. Events are in ascending order of `seq`.
    pub fn from_events(mut tables: Tables, events: &[Event]) -> Result<TraceData> {
        if events.windows(2).any(|pair| pair[0].seq >= pair[1].seq) {
            return Err(FileError::bad("sequence numbers are out of order"));
        }
        let processes = tables
            .threads
            .iter()
            .map(|thread| thread.process)
            .max()
            .unwrap_or(1);
        for _ in tables.processes.len()..processes as usize {
            let path = if tables.processes.is_empty() {
                "main".into()
            } else {
                String::new()
            };
            tables.processes.push(Process {
                path,
                ..Process::default()
            });
        }
        let mut data = Vec::new();
        let mut header = Vec::new();
        pack::put_map(&mut header, 0);
        let mut writer = writer::Writer::new(&mut data, &header, &tables)?;
        for event in events {
            writer.push(event)?;
        }
        writer.finish()?;
        Self::from_bytes(data)
    }

    /// Read all but the events, and check the sums of those.
    fn scan(source: Source, name: String) -> Result<TraceData> {
        let end = source.len()?;
        let mut trace = TraceData {
            tables: Tables::default(),
            header: Vec::new(),
            trailer: Vec::new(),
            truncated: None,
            bounds: Bounds::of(&Tables::default()),
            name,
            source,
            chunks: Vec::new(),
            starts: vec![0],
            cache: Mutex::default(),
            kinds: kinds::Kinds::default(),
            long: python::Long::default(),
        };
        let mut at = 0;
        let mut scan = Scan {
            table: 0,
            seen: false,
            budget: match trace.source {
                Source::File(_) => Budget::of_file(end),
                Source::Memory(_) => Budget::default(),
            },
        };
        while at < end && trace.trailer.is_empty() {
            let head = trace.source.read(at, block::MAX_ENVELOPE)?;
            let block = match block::read(&head, at) {
                Ok(block) if block.end() <= end => block,
                // An envelope is far smaller than what was read: if it does not fit, the file ends.
                Ok(_) => break,
                Err(FileError::Short) if head.len() < block::MAX_ENVELOPE => break,
                Err(_) if at == 0 && !block::is_first(&head) => {
                    return Err(FileError::bad("not a trace file"))
                }
                Err(FileError::Short) => {
                    return Err(FileError::bad(format!("no block at byte {at}")))
                }
                Err(error) => return Err(error),
            };
            scan.budget.take(&block)?;
            let data = trace.source.read(block.offset, block.len)?;
            block.check(&data)?;
            at = block.end();
            trace.take(block, &data, &mut scan)?;
        }
        if at < end && !trace.trailer.is_empty() {
            return Err(FileError::bad(format!(
                "there is more after the end, at byte {at}"
            )));
        }
        trace.bounds = Bounds::of(&trace.tables);
        if trace.trailer.is_empty() {
            if trace.chunks.is_empty() {
                return Err(FileError::bad(format!(
                    "the file is cut off at byte {end}, before its first event"
                )));
            }
            trace.truncated = Some(format!(
                "the file is cut off at byte {end}: events after the first {} are missing",
                trace.len()
            ));
        }
        Ok(trace)
    }

    fn take(&mut self, block: Block, data: &[u8], scan: &mut Scan) -> Result<()> {
        let misplaced = || FileError::bad(format!("a misplaced block of {:?}", block.kind));
        if self.header.is_empty() != (block.kind == "header") {
            return Err(misplaced());
        }
        match block.kind.as_str() {
            "header" => self.header = whole_map(block.unpack(data)?)?,
            "events" | "end" => {
                if !scan.tables_done() {
                    return Err(misplaced());
                }
                if self.chunks.is_empty() {
                    tables::check(&self.tables)?;
                }
                if block.kind == "end" {
                    self.trailer = whole_map(block.unpack(data)?)?;
                    if block.n as u64 != self.len() {
                        return Err(FileError::bad("blocks of events are missing"));
                    }
                    return Ok(());
                }
                let last = self.chunks.last().map_or(0, |last| last.first);
                if block.n == 0 || block.n > chunk::MAX_EVENTS || block.first <= last {
                    return Err(FileError::bad(format!(
                        "events out of order after seq {last}"
                    )));
                }
                self.starts.push(self.len() + block.n as u64);
                self.chunks.push(block);
            }
            kind => {
                let late = !self.chunks.is_empty() && kind != "strings";
                if late || !scan.accept(kind) {
                    return Err(misplaced());
                }
                let ids = tables::read(kind, block.n, &block.unpack(data)?, &mut self.tables)?;
                scan.budget.take_ids(&block, ids)?;
            }
        }
        Ok(())
    }

    /// How many events there are.
    pub fn len(&self) -> u64 {
        *self.starts.last().expect("starts is never empty")
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn decode(&self, index: usize, events: &mut Vec<Event>) -> Result<()> {
        self.decode_block(index, events)
            .map_err(|error| error.at(&self.name))?;
        self.kinds.learn(index, events);
        Ok(())
    }

    fn decode_block(&self, index: usize, events: &mut Vec<Event>) -> Result<()> {
        let block = &self.chunks[index];
        let data = self.source.read(block.offset, block.len)?;
        block.check(&data)?;
        let payload = block.unpack(&data)?;
        let end = self
            .chunks
            .get(index + 1)
            .map_or(u64::MAX, |next| next.first);
        chunk::decode(&payload, block.n, block.first..end, &self.bounds, events).map_err(|error| {
            FileError::bad(format!("in the events at byte {}: {error}", block.offset))
        })
    }

    /// Call `f` with every event, in order. Holds one block in memory at a time.
    pub fn for_each(&self, mut f: impl FnMut(&Event)) -> Result<()> {
        let mut events = Vec::new();
        for index in 0..self.chunks.len() {
            self.decode(index, &mut events)?;
            events.iter().for_each(&mut f);
        }
        Ok(())
    }

    /// Call `f` with the events of the indices `from..to`, until it returns false.
    pub fn for_range(&self, from: u64, to: u64, f: impl FnMut(u64, &Event) -> bool) -> Result<()> {
        self.for_ops_in_range(from, to, None, f)
    }

    /// The same, but for some of the events that have none of the ops.
    pub fn for_ops_in_range(
        &self,
        from: u64,
        to: u64,
        ops: Option<&[u8]>,
        mut f: impl FnMut(u64, &Event) -> bool,
    ) -> Result<()> {
        let to = to.min(self.len());
        let mut index = from;
        while index < to {
            let chunk = self.starts.partition_point(|start| *start <= index) - 1;
            if ops.is_some_and(|ops| self.kinds.lacks(chunk, ops)) {
                index = self.starts[chunk + 1];
                continue;
            }
            let events = self.chunk(chunk)?;
            for event in &events[(index - self.starts[chunk]) as usize..] {
                if index == to || !f(index, event) {
                    return Ok(());
                }
                index += 1;
            }
        }
        Ok(())
    }

    /// The events of a block, from the cache if they were lately asked for.
    fn chunk(&self, index: usize) -> Result<Arc<Vec<Event>>> {
        let mut cache = self
            .cache
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(place) = cache.iter().position(|(cached, _)| *cached == index) {
            let entry = cache.remove(place);
            cache.push(entry);
        } else {
            let mut events = Vec::new();
            self.decode(index, &mut events)?;
            if cache.len() == CACHED {
                cache.remove(0);
            }
            cache.push((index, Arc::new(events)));
        }
        Ok(cache.last().expect("just pushed").1.clone())
    }

    pub fn get(&self, index: u64) -> Result<Option<Event>> {
        let mut found = None;
        self.for_range(index, index.saturating_add(1), |_, event| {
            found = Some(*event);
            true
        })?;
        Ok(found)
    }

    /// The index of the first event whose sequence number is `seq` or greater.
    pub fn position(&self, seq: u64) -> Result<u64> {
        let after = self.chunks.partition_point(|block| block.first <= seq);
        if after == 0 {
            return Ok(0);
        }
        let events = self.chunk(after - 1)?;
        let within = events.partition_point(|event| event.seq < seq);
        Ok(self.starts[after - 1] + within as u64)
    }
}

/// How far the tables have come while a file is scanned.
struct Scan {
    table: usize,
    seen: bool,
    budget: Budget,
}

impl Scan {
    /// Whether a block of the table `kind` may come now: the tables are in order, none is left out.
    fn accept(&mut self, kind: &str) -> bool {
        if self.seen && tables::KINDS.get(self.table + 1) == Some(&kind) {
            self.table += 1;
        }
        self.seen = true;
        // Strings that only events refer to may come between blocks of events.
        tables::KINDS[self.table] == kind || (kind == "strings" && self.tables_done())
    }

    fn tables_done(&self) -> bool {
        self.seen && self.table + 1 >= tables::NEEDED
    }
}

/// A payload that is one msgpack map and nothing more.
fn whole_map(payload: Vec<u8>) -> Result<Vec<u8>> {
    let mut unpacker = Unpacker::new(&payload);
    unpacker.map()?;
    let mut unpacker = Unpacker::new(&payload);
    unpacker.skip()?;
    if !unpacker.at_end() {
        return Err(FileError::bad("more than one object in a header"));
    }
    Ok(payload)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    common::register(m)?;
    m.add_class::<TraceData>()
}

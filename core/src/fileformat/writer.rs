//! Writing a trace file: the header, the tables, then events as they come, then the trailer.

use std::io::Write;

use super::chunk;
use super::pack::{self, Result};
use super::{block, tables};
use crate::model::{Event, Tables};

pub struct Writer<W: Write> {
    out: W,
    pending: Vec<Event>,
    /// Strings that came up after the tables were written.
    strings: Vec<Vec<u8>>,
    threads: usize,
    processes: usize,
    events: u64,
    bytes: u64,
    duration: u64,
    dropped: u64,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    pub events: u64,
    pub threads: usize,
    pub processes: usize,
    pub bytes: u64,
    pub dropped: u64,
}

impl<W: Write> Writer<W> {
    /// `header` is a msgpack map.
    pub fn new(out: W, header: &[u8], tables: &Tables) -> Result<Writer<W>> {
        let mut writer = Writer {
            out,
            pending: Vec::with_capacity(chunk::EVENTS),
            strings: Vec::new(),
            threads: tables.threads.len(),
            processes: tables.processes.len(),
            events: 0,
            bytes: 0,
            duration: 0,
            dropped: 0,
        };
        let mut blocks = Vec::new();
        block::write(&mut blocks, "header", None, 1, header);
        tables::write(&mut blocks, tables);
        writer.put(&blocks)?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Events come in ascending order of `seq`.
    #[inline]
    pub fn push(&mut self, event: &Event) -> Result<()> {
        self.pending.push(*event);
        if self.pending.len() == chunk::EVENTS {
            self.flush()?;
        }
        Ok(())
    }

    /// Add a row to the table of strings, for the events to come.
    pub fn add_string(&mut self, bytes: &[u8]) {
        self.strings.push(bytes.to_vec());
    }

    /// Count a record that could not be made an event.
    pub fn drop_one(&mut self) {
        self.dropped += 1;
    }

    fn flush(&mut self) -> Result<()> {
        let Some(first) = self.pending.first() else {
            return Ok(());
        };
        let mut out = Vec::new();
        if !self.strings.is_empty() {
            tables::write_strings(&mut out, &self.strings);
            self.strings.clear();
        }
        let payload = chunk::encode(&self.pending);
        block::write(
            &mut out,
            "events",
            Some(first.seq),
            self.pending.len(),
            &payload,
        );
        let last = self.pending.iter().map(|event| event.t).max().unwrap_or(0);
        self.duration = self.duration.max(last);
        self.events += self.pending.len() as u64;
        self.pending.clear();
        self.put(&out)
    }

    pub fn finish(mut self) -> Result<Counts> {
        self.flush()?;
        let mut trailer = Vec::new();
        pack::put_map(&mut trailer, 5);
        for (key, count) in [
            ("events", self.events),
            ("threads", self.threads as u64),
            ("processes", self.processes as u64),
            ("duration", self.duration),
            ("dropped", self.dropped),
        ] {
            pack::put_str(&mut trailer, key);
            pack::put_int(&mut trailer, count as i64);
        }
        let mut out = Vec::new();
        block::write(&mut out, "end", None, self.events as usize, &trailer);
        self.put(&out)?;
        self.out.flush()?;
        Ok(Counts {
            events: self.events,
            threads: self.threads,
            processes: self.processes,
            bytes: self.bytes,
            dropped: self.dropped,
        })
    }
}

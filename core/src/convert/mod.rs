//! From a spool directory to a trace file: read what each process left, merge its threads' records
//! by sequence number, number everything anew. See docs/spool.md for the spool.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use rustc_hash::FxHashMap;

use crate::fileformat::pack::Result;
use crate::fileformat::writer::{Counts, Writer};
use crate::fileformat::FileError;
use crate::model::{Event, Tables, Value, EXEC};
use crate::ops;
use crate::spool::files::{CONTROL, PAGE};
use crate::spool::format::Tag;
use crate::spool::records::of_head;

mod definitions;
mod files;
mod flows;
mod graph;
mod numbers;
mod page;
mod python;
mod records;
mod sources;
#[cfg(test)]
mod tests;

use definitions::{Child, Definitions};
use numbers::{Maps, Numbers};
use page::Clock;
use records::{Record, Stream};

/// How many records all streams together may hold in memory, about 160 MB.
const WINDOWS: usize = 4 << 20;

/// How processes ended, negative for a signal.
#[derive(Default)]
pub struct Ends {
    pub by_index: FxHashMap<u32, i64>,
    /// What the supervisor waited for: pids with their statuses, in order.
    pub by_pid: Vec<(u64, i64)>,
    /// The pids of the processes that were left running.
    pub left: Vec<u64>,
}

/// Write the trace of the run whose spool this is. The trace
/// appears whole or not at all; the spool is left as it is.
pub fn write_trace(spool: &Path, out: &Path, header: &[u8], ends: &Ends) -> Result<Counts> {
    let run = Run::read(spool, ends).map_err(|error| error.at(&spool.display().to_string()))?;
    let name = out
        .file_name()
        .ok_or_else(|| FileError::bad("the trace needs a file name"))?;
    let mut temporary = name.to_os_string();
    temporary.push(format!(".{}.part", std::process::id()));
    let temporary = out.with_file_name(temporary);
    // It has values of the program's in it, which are its user's.
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .map_err(FileError::from)
        .and_then(|file| run.write(BufWriter::with_capacity(1 << 20, file), header))
        .and_then(|counts| Ok(fs::rename(&temporary, out).map(|()| counts)?));
    written.map_err(|error| {
        // The file may not have come into being; what matters is the first error.
        let _ = fs::remove_file(&temporary);
        let place = format!(
            "cannot write {} (the spool {} is kept)",
            out.display(),
            spool.display()
        );
        error.at(&place)
    })
}

/// Everything of a spool but the records.
struct Run {
    clock: Clock,
    numbers: Numbers,
    maps: Vec<Maps>,
    files: Vec<Source>,
}

/// A file of records.
struct Source {
    path: PathBuf,
    /// The row of the process whose ids the records have …
    process: usize,
    /// … but for the sites, which are this one's.
    sites: usize,
    thread: u32,
}

impl Run {
    fn read(spool: &Path, ends: &Ends) -> Result<Run> {
        let clock = Clock::read(&files::read_if_there(&spool.join(PAGE))?)?;
        let mut run = Run {
            clock: clock.unwrap_or_default(),
            numbers: Numbers::default(),
            maps: Vec::new(),
            files: Vec::new(),
        };
        let mut rows = BTreeMap::new();
        let mut children = Vec::new();
        let mut delegated = Vec::new();
        for (index, left) in files::in_order(spool)? {
            let log = files::log(spool, index)?;
            let mut definitions = Definitions::read(&log);
            children.append(&mut definitions.children);
            let ids: Vec<u32> = left.threads.keys().copied().collect();
            if definitions.birth.is_none() && ids.is_empty() && !run.maps.is_empty() {
                continue; // It was killed before it told anything.
            }
            let parent = definitions.inherited.and_then(|i| rows.get(&i.process));
            let parent = parent.and_then(|row: &usize| run.maps.get(*row));
            let maps = run.numbers.add(index, &mut definitions, &ids, parent);
            run.numbers.tables.processes[run.maps.len()].exit_status =
                ends.by_index.get(&index).copied();
            rows.insert(index, run.maps.len());
            if definitions.damaged {
                run.note(format!("the definitions of process {index} are incomplete"));
            }
            let process = run.maps.len();
            for (thread, path) in left.threads {
                run.files.push(Source {
                    path,
                    process,
                    sites: process,
                    thread: maps.threads.get(thread),
                });
            }
            delegated.extend(left.delegated.into_iter().map(|file| (process, file)));
            run.maps.push(maps);
        }
        for (process, (path, caller, thread)) in delegated {
            let Some(&sites) = rows.get(&caller) else {
                continue;
            };
            run.files.push(Source {
                path,
                process,
                sites,
                thread: run.maps[sites].threads.get(thread),
            });
        }
        run.add_children(children);
        run.end_processes(&ends.by_pid, &rows);
        run.note_left(&ends.left);
        if spool.join(CONTROL).exists() {
            run.tell_known_pids();
        }
        if clock.is_none() {
            run.note("nothing was recorded".into());
        }
        if run.clock.failed != 0 {
            let error = io::Error::from_raw_os_error(run.clock.failed);
            run.note(format!(
                "the recording stopped before the program did: {error}"
            ));
        }
        Ok(run)
    }

    /// How the processes ended that their parents waited for. One that was killed before it told
    /// anything is known by what its parent tells.
    fn add_children(&mut self, children: Vec<Child>) {
        let processes = self.numbers.tables.processes.iter().enumerate();
        let rows: FxHashMap<String, usize> = processes
            .map(|(row, process)| (process.path.clone(), row))
            .collect();
        for child in children {
            let row = rows.get(&child.birth.path).copied().unwrap_or_else(|| {
                self.numbers.add_process(&child.birth);
                self.numbers.tables.processes.len() - 1
            });
            let process = &mut self.numbers.tables.processes[row];
            process.exit_status = process.exit_status.or(child.status);
        }
    }

    /// How those ended that the supervisor waited for. A pid may be that of several processes, one
    /// after the other, as their indices. What a process became by `exec` ends as that does.
    fn end_processes(&mut self, ended: &[(u64, i64)], rows: &BTreeMap<u32, usize>) {
        let mut unknown: FxHashMap<u64, VecDeque<usize>> = FxHashMap::default();
        let processes = &mut self.numbers.tables.processes;
        // Those without an index come last.
        for row in rows.values().copied().chain(rows.len()..processes.len()) {
            let process = &processes[row];
            if process.exit_status.is_none() && process.method != EXEC {
                unknown.entry(process.pid).or_default().push_back(row);
            }
        }
        for (pid, status) in ended {
            if let Some(row) = unknown.get_mut(pid).and_then(VecDeque::pop_front) {
                processes[row].exit_status = Some(*status);
            }
        }
        for row in 0..processes.len() {
            if processes[row].method == EXEC {
                let before = (processes[row].parent as usize).checked_sub(1);
                processes[row].exit_status = before.and_then(|i| processes[i].exit_status);
            }
        }
    }

    /// Of a run under control, the pids by which the program knew its processes: the same run gives the
    /// same trace. A process goes by the native id of its first thread.
    fn tell_known_pids(&mut self) {
        let tables = &mut self.numbers.tables;
        let firsts = tables.threads.iter().map(|row| (&*row.path, row.native_id));
        let native: FxHashMap<&str, u32> = firsts.collect();
        for (row, process) in tables.processes.iter_mut().enumerate() {
            process.pid = match native.get(&*process.path) {
                Some(&known) if known != 0 => u64::from(known),
                _ => row as u64 + 1,
            };
        }
    }

    fn note_left(&mut self, left: &[u64]) {
        let processes = self.numbers.tables.processes.iter();
        let running = processes.filter(|p| p.exit_status.is_none() && left.contains(&p.pid));
        let paths: Vec<&str> = running.map(|p| p.path.as_str()).collect();
        if !paths.is_empty() {
            self.note(format!("left running: {}", paths.join(", ")));
        }
    }

    fn note(&mut self, text: String) {
        self.numbers.tables.notes.push(text);
    }

    fn write(mut self, out: impl io::Write, header: &[u8]) -> Result<Counts> {
        let window = (WINDOWS / self.files.len().max(1)).clamp(64, 4096);
        let mut streams = Vec::new();
        for source in std::mem::take(&mut self.files) {
            let stream = Stream::open(source, window)?;
            if stream.peek().is_some() {
                streams.push(stream);
            }
        }
        sources::complete(&mut self.numbers);
        self.numbers.tables.strings = self.numbers.strings.take();
        let mut writer = Writer::new(out, header, &self.numbers.tables)?;
        let Tables {
            strings,
            objects,
            locations,
            ..
        } = &mut self.numbers.tables;
        self.numbers.strings.give_back(std::mem::take(strings));
        // They are written.
        (*objects, *locations) = Default::default();
        let mut converter = Converter {
            clock: self.clock,
            inline: FxHashMap::default(),
        };
        let mut last = 0;
        merge(&mut streams, |stream, record| {
            if record.seq() >= self.clock.over {
                return Ok(());
            }
            // A number that comes twice, or out of turn, is damage: there is no order to give it.
            if record.seq() <= last {
                writer.drop_one();
                return Ok(());
            }
            let known = self.numbers.strings.rows.len();
            match converter.event(
                stream,
                record,
                &self.maps[stream.source.process],
                &self.maps[stream.source.sites],
                &mut self.numbers,
            ) {
                Some(event) => {
                    last = event.seq;
                    for row in &self.numbers.strings.rows[known..] {
                        writer.add_string(row);
                    }
                    writer.push(&event)
                }
                None => {
                    writer.drop_one();
                    Ok(())
                }
            }
        })?;
        writer.finish()
    }
}

/// Call `take` with the records of all streams in the order of their sequence numbers.
fn merge(
    streams: &mut [Stream],
    mut take: impl FnMut(&Stream, &Record) -> Result<()>,
) -> Result<()> {
    let first = |(i, stream): (usize, &Stream)| stream.peek().map(|r| Reverse((r.seq(), i)));
    let mut heap: BinaryHeap<_> = streams.iter().enumerate().filter_map(first).collect();
    while let Some(Reverse((_, i))) = heap.pop() {
        // A thread runs for a while before another does: stay with it as long as it is first.
        let until = heap.peek().map_or(u64::MAX, |Reverse((seq, _))| *seq);
        while let Some(record) = streams[i].peek().copied() {
            if record.seq() > until {
                heap.push(Reverse((record.seq(), i)));
                break;
            }
            take(&streams[i], &record)?;
            streams[i].advance()?;
        }
    }
    Ok(())
}

/// Makes events of records.
struct Converter {
    clock: Clock,
    /// The string ids of inline values, by tag and value.
    inline: FxHashMap<(u8, u64), u32>,
}

impl Converter {
    /// None if the op is unknown or the thread is, which only damage can bring about.
    #[inline]
    fn event(
        &mut self,
        stream: &Stream,
        record: &Record,
        maps: &Maps,
        site_maps: &Maps,
        numbers: &mut Numbers,
    ) -> Option<Event> {
        let op = of_head::op(record.head);
        if !ops::is_known(op) || stream.source.thread == 0 {
            return None;
        }
        let targets = if op <= ops::ITERATE {
            &maps.locations
        } else {
            &maps.objects
        };
        let outcome = of_head::outcome(record.head);
        let tag = Tag::of(of_head::tag(record.head));
        Some(Event {
            seq: record.seq(),
            t: self.clock.ns(record.ticks),
            thread: stream.source.thread,
            target: targets.get(record.target),
            site: site_maps.sites.get(record.site),
            stack: site_maps.stacks.get(record.site),
            op,
            outcome: if outcome <= ops::outcome::BOUNDED {
                outcome
            } else {
                ops::outcome::OK
            },
            flags: of_head::flags(record.head),
            link: if tag == Some(Tag::Link) && record.value <= i64::MAX as u64 {
                record.value
            } else {
                0
            },
            value: self.value(tag, record.value, maps, numbers),
        })
    }

    #[inline]
    fn value(&mut self, tag: Option<Tag>, bits: u64, maps: &Maps, numbers: &mut Numbers) -> Value {
        let kept = |id: u32, wrap: fn(u32) -> Value| match maps.strings.get(id) {
            0 => Value::Absent,
            id => wrap(id),
        };
        match tag {
            None | Some(Tag::Absent | Tag::Link) => Value::Absent,
            Some(Tag::None) => Value::None,
            Some(Tag::False) => Value::Bool(false),
            Some(Tag::True) => Value::Bool(true),
            Some(Tag::Int) => Value::Int(bits as i64),
            Some(Tag::Float) => Value::Float(f64::from_bits(bits)),
            Some(Tag::Str) => kept(bits as u32, Value::Str),
            Some(Tag::Bytes) => kept(bits as u32, Value::Bytes),
            Some(Tag::Ref) => {
                let kind = maps.strings.get((bits >> 32) as u32);
                numbers.reference(kind, maps.objects.get(bits as u32))
            }
            Some(Tag::InlineStr(size)) => Value::Str(self.inline(size, bits, numbers)),
            Some(Tag::InlineBytes(size)) => Value::Bytes(self.inline(size, bits, numbers)),
        }
    }

    fn inline(&mut self, len: u8, bits: u64, numbers: &mut Numbers) -> u32 {
        *self.inline.entry((len, bits)).or_insert_with(|| {
            numbers
                .strings
                .intern(&bits.to_le_bytes()[..usize::from(len)])
        })
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    python::register(m)
}

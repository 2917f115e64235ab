//! The records of one thread, `pK.tN.events`, read a window at a time, in the order of `seq`.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::Source;
use crate::spool::records::{
    head, of_block_head, of_head, of_ids, slot, Like, Short, BLOCK, HEAD, IS_SHORT, LONG, SHORT,
};

/// A record as a long one has it in the file.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// See `of_head`.
    pub head: u64,
    pub ticks: u64,
    pub target: u32,
    pub site: u32,
    pub value: u64,
}

impl Record {
    #[inline]
    fn new(head: u64, ticks: u64, ids: u64, value: u64) -> Record {
        let (target, site) = of_ids(ids);
        Record {
            head,
            ticks,
            target,
            site,
            value,
        }
    }

    #[inline]
    pub fn seq(&self) -> u64 {
        of_head::seq(self.head)
    }
}

fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"))
}

/// What a short record leaves out: the counterpart of the recorder's.
struct Decoder {
    seq: u64,
    ticks: u64,
    likes: [Like; 256],
}

impl Decoder {
    fn long(&mut self, bytes: &[u8]) -> Record {
        let (head, ids) = (word(bytes, 0), word(bytes, 16));
        let record = Record::new(head, word(bytes, 8), ids, word(bytes, 24));
        self.seq = record.seq();
        self.ticks = record.ticks;
        self.likes[slot(of_head::op(head), record.site)] = Like {
            ids,
            code: of_head::code(head),
            value: record.value,
        };
        record
    }

    /// None for padding, and where there is nothing that it could be like.
    fn short(&mut self, word: u64) -> Option<Record> {
        let short = Short::of(word);
        let like = &mut self.likes[short.slot];
        if short.later == 0 || like.code == 0 {
            return None;
        }
        self.seq = of_head::seq(head(self.seq + short.later, 0));
        self.ticks = self.ticks.wrapping_add(short.passed);
        like.value = like.value.wrapping_add_signed(short.change);
        let first = head(self.seq, like.code);
        Some(Record::new(first, self.ticks, like.ids, like.value))
    }

    /// Decodes whole records up to the end or what is cut off; how many bytes that is, and whether
    /// the end was met.
    fn decode(&mut self, bytes: &[u8], records: &mut Vec<Record>) -> (usize, bool) {
        let mut at = 0;
        while at + SHORT <= bytes.len() {
            let head = word(bytes, at);
            if head == 0 {
                return (at, true);
            }
            if head & IS_SHORT != 0 {
                records.extend(self.short(head));
                at += SHORT;
            } else if at + LONG <= bytes.len() {
                records.push(self.long(&bytes[at..at + LONG]));
                at += LONG;
            } else {
                break;
            }
        }
        (at, false)
    }
}

/// The records of one thread. No file stays open, as a run may have more threads than a process
/// may have files.
pub struct Stream {
    pub source: Source,
    offset: u64,
    window: usize,
    decoder: Decoder,
    records: Vec<Record>,
    next: usize,
    ended: bool,
}

impl Stream {
    /// `window` is how many records are read at once, at most.
    pub fn open(source: Source, window: usize) -> io::Result<Stream> {
        let mut stream = Stream {
            source,
            offset: 0,
            window,
            decoder: Decoder {
                seq: 0,
                ticks: 0,
                likes: [Like::default(); 256],
            },
            records: Vec::new(),
            next: 0,
            ended: false,
        };
        stream.fill()?;
        Ok(stream)
    }

    /// Read on until there is a record or the end.
    fn fill(&mut self) -> io::Result<()> {
        self.records.clear();
        self.next = 0;
        if self.ended {
            return Ok(());
        }
        let file = super::files::open(&self.source.path)?;
        let mut bytes = vec![0; (self.window * SHORT).max(LONG)];
        while self.records.is_empty() && !self.ended {
            let count = read_up_to(&file, &mut bytes, self.offset)?;
            let (used, ended) = self.decoder.decode(&bytes[..count], &mut self.records);
            self.offset += used as u64;
            // A last record that is cut off was never finished.
            self.ended = ended || count < bytes.len();
        }
        // A signal handler that runs between the taking of a number and the storing of its record
        // can turn two records around.
        if !self.records.is_sorted_by_key(Record::seq) {
            self.records.sort_by_key(Record::seq);
        }
        Ok(())
    }

    #[inline]
    pub fn peek(&self) -> Option<&Record> {
        self.records.get(self.next)
    }

    #[inline]
    pub fn advance(&mut self) -> io::Result<()> {
        self.next += 1;
        if self.next < self.records.len() {
            return Ok(());
        }
        self.fill()
    }
}

/// Reads the records from the position `at` among all of the thread's, in the order of their
/// writing; how many bytes there were.
fn read_up_to(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    let mut head = [0; HEAD];
    if file.read_at(&mut head, 0)? < HEAD {
        return Ok(0);
    }
    let (full, in_first) = of_block_head(u64::from_le_bytes(head));
    let room = (BLOCK - HEAD) as u64;
    let mut done = 0;
    while done < bytes.len() {
        let at = at + done as u64;
        let (block, within) = (at / room, at % room);
        // The first block of the file is the last in order.
        let block = match block {
            block if block < full => block + 1,
            block if block == full && in_first => 0,
            _ => break,
        };
        let until = bytes.len().min(done + (room - within) as usize);
        let start = block * BLOCK as u64 + HEAD as u64 + within;
        match file.read_at(&mut bytes[done..until], start) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

//! The records of one thread, `pK.tN.events`, read a window at a time, in the order of `seq`.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

const SIZE: usize = 32;
/// This many whole records of zeros are the end: a file is laid out ahead of what is written.
const ZEROS: usize = 256;

/// A record as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub head: u64,
    pub ticks: u64,
    pub target: u32,
    pub site: u32,
    pub value: u64,
}

impl Record {
    #[inline]
    fn read(bytes: &[u8; SIZE]) -> Record {
        let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let ids = word(16);
        Record {
            head: word(0),
            ticks: word(8),
            target: ids as u32,
            site: (ids >> 32) as u32,
            value: word(24),
        }
    }

    #[inline]
    pub fn seq(&self) -> u64 {
        self.head >> 24
    }

    #[inline]
    pub fn op(&self) -> u8 {
        (self.head >> 16) as u8
    }

    pub fn tag(&self) -> u8 {
        (self.head >> 8) as u8
    }

    pub fn outcome(&self) -> u8 {
        (self.head >> 4) as u8 & 15
    }

    pub fn flags(&self) -> u8 {
        self.head as u8 & 15
    }
}

/// The records of one thread. No file stays open, as a run may have more threads than a process
/// may have files.
pub struct Stream {
    path: PathBuf,
    /// Which process, and which thread in the trace.
    pub process: usize,
    pub thread: u32,
    offset: u64,
    window: usize,
    records: Vec<Record>,
    next: usize,
    ended: bool,
}

impl Stream {
    /// `window` is how many records are read at once.
    pub fn open(path: PathBuf, process: usize, thread: u32, window: usize) -> io::Result<Stream> {
        let mut stream = Stream {
            path,
            process,
            thread,
            offset: 0,
            window,
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
        let file = File::open(&self.path)?;
        let mut bytes = vec![0; self.window * SIZE];
        while self.records.is_empty() && !self.ended {
            let count = read_up_to(&file, &mut bytes, self.offset)?;
            self.offset += count as u64;
            // A last record that is cut off was never finished.
            self.ended = count < bytes.len();
            let mut zeros = 0;
            for chunk in bytes[..count].chunks_exact(SIZE) {
                let record = Record::read(chunk.try_into().expect("a whole record"));
                if record.op() != 0 {
                    self.records.push(record);
                    zeros = 0;
                } else if chunk.iter().all(|byte| *byte == 0) {
                    zeros += 1;
                    if zeros == ZEROS {
                        self.ended = true;
                        break;
                    }
                }
            }
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

fn read_up_to(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < bytes.len() {
        match file.read_at(&mut bytes[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

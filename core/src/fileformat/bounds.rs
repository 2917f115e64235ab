//! How much a file may stand for. A hostile one of a few kilobytes could unpack to terabytes, and to
//! more rows than memory has room for.

use super::block::Block;
use super::pack::Result;
use super::FileError;

/// Honest files have at most one and a half rows of tables in a byte, unpacked 25; so these many more.
const ROWS: (u64, u64) = (1 << 16, 4);
const BYTES: (u64, u64) = (16 << 20, 64);
/// Of events, where one thread does the same again and again in virtual time, 320.
const EVENTS: (u64, u64) = (4 << 20, 512);
/// Of any file.
const MOST_ROWS: u64 = 16 << 20;
const MOST_BYTES: u64 = 512 << 20;
/// The header and the end are read as they are asked for, and are small.
const HEADER: u64 = 2 << 20;

/// So many ids that a row lists weigh as much as a row.
const IDS_A_ROW: usize = 8;

/// What the blocks of a file may still unpack to.
pub struct Budget {
    rows: u64,
    bytes: u64,
    events: u64,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget {
            rows: MOST_ROWS,
            bytes: MOST_BYTES,
            events: u64::MAX,
        }
    }
}

impl Budget {
    /// That of a file of so many bytes.
    pub fn of_file(length: u64) -> Budget {
        let of = |(least, each): (u64, u64)| length.saturating_mul(each).saturating_add(least);
        Budget {
            rows: of(ROWS).min(MOST_ROWS),
            bytes: of(BYTES).min(MOST_BYTES),
            events: of(EVENTS),
        }
    }

    /// Counts the ids that are listed in the rows of a block.
    pub fn take_ids(&mut self, block: &Block, count: usize) -> Result<()> {
        match spend(&mut self.rows, (count / IDS_A_ROW) as u64) {
            true => Ok(()),
            false => Err(too_much(block)),
        }
    }

    /// Counts a block that is about to be read.
    pub fn take(&mut self, block: &Block) -> Result<()> {
        let (n, size) = (block.n as u64, block.size as u64);
        let fits = match block.kind.as_str() {
            "header" | "end" => size <= HEADER,
            "events" => spend(&mut self.events, n),
            _ => spend(&mut self.rows, n) && spend(&mut self.bytes, size),
        };
        match fits {
            true => Ok(()),
            false => Err(too_much(block)),
        }
    }
}

fn too_much(block: &Block) -> FileError {
    FileError::bad(format!(
        "the {} block at byte {} stands for more than a file of this size can have",
        block.kind, block.offset
    ))
}

fn spend(left: &mut u64, wanted: u64) -> bool {
    let rest = left.checked_sub(wanted);
    *left = rest.unwrap_or(0);
    rest.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_stands_for_no_more_than_its_size() {
        let block = |kind: &str, n: usize, size: usize| Block {
            kind: kind.into(),
            n,
            size,
            ..Block::default()
        };
        let taken = |block: Block| Budget::of_file(8000).take(&block).is_ok();
        assert!(taken(block("threads", 90_000, 1 << 20)));
        assert!(!taken(block("threads", 1_000_000, 16 << 20)));
        assert!(!taken(block("strings", 1, 60 << 20)));
        assert!(taken(block("events", 1 << 20, 1 << 20)));
        assert!(!taken(block("header", 1, 3 << 20)));
        let mut budget = Budget::of_file(8000);
        assert!((0..100).any(|_| budget.take(&block("events", 1 << 20, 100)).is_err()));
    }
}

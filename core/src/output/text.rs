//! What is kept of what is written: its beginning, and of all of it the length and a digest, by which
//! a replay compares it whole.

use crate::record::stripes::{self, hash_on};
use crate::record::values;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// How many characters, or bytes, are kept of one writing.
const KEPT: usize = 200;

/// A text that is written in pieces.
pub struct Text {
    kept: String,
    /// How many characters are kept, and how many there are.
    counts: (usize, usize),
    hash: u64,
}

impl Default for Text {
    fn default() -> Text {
        Text::new()
    }
}

impl Text {
    pub const fn new() -> Text {
        Text {
            kept: String::new(),
            counts: (0, 0),
            hash: stripes::START,
        }
    }

    pub fn add(&mut self, piece: &Bound<'_, PyString>) {
        let piece = piece.to_string_lossy();
        let (kept, all) = &mut self.counts;
        // One more than is kept: the end of a line.
        let room = KEPT + 1 - *kept;
        if room > 0 {
            let before = self.kept.len();
            self.kept.extend(piece.chars().take(room));
            *kept += self.kept[before..].chars().count();
        }
        *all += piece.chars().count();
        self.hash = hash_on(self.hash, piece.as_bytes());
    }

    /// The value of the event, and whether the text has the end of a line at its end.
    pub fn value(&self, py: Python<'_>) -> ((u8, u64), bool) {
        let line = self.kept.strip_suffix('\n').filter(|_| self.is_whole());
        let ended = line.is_some();
        let line = line.unwrap_or(&self.kept);
        let value = match line.char_indices().nth(KEPT) {
            None => PyString::new(py, line),
            Some((end, _)) => {
                let end = format!(
                    "{}{}",
                    &line[..end],
                    rest(self.counts.1, "characters", self.hash)
                );
                PyString::new(py, &end)
            }
        };
        (
            // SAFETY: the object is live.
            unsafe { values::encode(py, value.as_ptr(), values::TEXT) },
            ended,
        )
    }

    pub fn is_empty(&self) -> bool {
        self.counts.1 == 0
    }

    fn is_whole(&self) -> bool {
        self.counts.0 == self.counts.1
    }
}

/// What stands for the rest of a long writing.
fn rest(count: usize, of: &str, hash: u64) -> String {
    format!("… ({count} {of}, {hash:016x})")
}

/// The value of an event that writes bytes.
pub fn bytes(py: Python<'_>, written: &[u8]) -> (u8, u64) {
    let value = match written.get(..KEPT) {
        Some(kept) if written.len() > KEPT => {
            let hash = hash_on(stripes::START, written);
            let rest = rest(written.len(), "bytes", hash);
            PyBytes::new(py, &[kept, rest.as_bytes()].concat())
        }
        _ => PyBytes::new(py, written),
    };
    // SAFETY: the object is live.
    unsafe { values::encode(py, value.as_ptr(), values::TEXT) }
}

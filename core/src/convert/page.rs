//! The page that all processes of a run shared: its clock.

use std::mem::offset_of;

use crate::fileformat::FileError;
use crate::spool::page::{Page, COUNTER, MAGIC};

/// Turns ticks into ns from the start of the run.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    first_ticks: u64,
    /// ns for each 2^32 ticks.
    rate: u128,
    /// Why the recording stopped early: an errno, or 0.
    pub failed: i32,
    /// Records from this number on came after the end of the run.
    pub over: u64,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock {
            first_ticks: 0,
            rate: 1 << 32,
            failed: 0,
            over: u64::MAX,
        }
    }
}

impl Clock {
    /// `page` is the file's contents; None if it says that nothing was recorded.
    pub fn read(page: &[u8]) -> Result<Option<Clock>, FileError> {
        let word = |at: usize| {
            let bytes = page.get(at..at + 8);
            bytes.map_or(0, |bytes| {
                u64::from_le_bytes(bytes.try_into().expect("8 bytes"))
            })
        };
        match word(offset_of!(Page, magic)) {
            0 => return Ok(None),
            MAGIC => {}
            _ => return Err(FileError::bad("its page is not one of racetrace")),
        }
        let both = |at: usize| (word(at), word(at + 8));
        let (first, latest) = (
            both(offset_of!(Page, first)),
            both(offset_of!(Page, latest)),
        );
        let mut rate = 1 << 32;
        if word(offset_of!(Page, clock)) == COUNTER && latest.0 > first.0 && latest.1 > first.1 {
            rate = (u128::from(latest.1 - first.1) << 32) / u128::from(latest.0 - first.0);
        }
        Ok(Some(Clock {
            first_ticks: first.0,
            rate,
            failed: word(offset_of!(Page, failed)) as i32,
            over: match word(offset_of!(Page, over)) {
                0 => u64::MAX,
                seq => seq,
            },
        }))
    }

    #[inline]
    pub fn ns(&self, ticks: u64) -> u64 {
        // The counters of two processors may differ a little, so ticks may lie before the first.
        let ns = (u128::from(ticks.saturating_sub(self.first_ticks)) * self.rate) >> 32;
        (ns as u64).min(i64::MAX as u64)
    }
}

//! How records lie in a thread's file: in blocks, each record long, or short where it is like the last
//! one of its slot.

pub const BLOCK: usize = 64 << 10;
/// Each block begins with a word. That of the first block is twice the number of full blocks behind
/// it, and odd while its records are in the last of those too.
pub const HEAD: usize = 8;

pub const LONG: usize = 32;
pub const SHORT: usize = 8;
/// In the first word: a short record. Alone: padding.
pub const IS_SHORT: u64 = 1 << 23;

/// The word that a first block begins with.
pub fn block_head(full: u64, copied: bool) -> u64 {
    full << 1 | u64::from(copied)
}

/// How many full blocks are behind the first, and whether its own records count.
pub fn of_block_head(word: u64) -> (u64, bool) {
    (word >> 1, word & 1 == 0)
}

/// All of a long record's first word but its sequence number.
#[inline(always)]
pub fn code(op: u8, tag: u8, low: u8) -> u32 {
    u32::from(op) << 16 | u32::from(tag) << 8 | u32::from(low)
}

/// The first word of a long record.
#[inline(always)]
pub fn head(seq: u64, code: u32) -> u64 {
    seq << 24 | u64::from(code)
}

/// What is in such a word.
pub mod of_head {
    #[inline]
    pub fn seq(head: u64) -> u64 {
        head >> 24
    }

    #[inline]
    pub fn code(head: u64) -> u32 {
        head as u32 & 0xff_ffff
    }

    #[inline]
    pub fn op(head: u64) -> u8 {
        (head >> 16) as u8
    }

    pub fn tag(head: u64) -> u8 {
        (head >> 8) as u8
    }

    pub fn outcome(head: u64) -> u8 {
        (head >> 4) as u8 & 15
    }

    pub fn flags(head: u64) -> u8 {
        head as u8 & 15
    }
}

/// Target and site, as one word.
#[inline(always)]
pub fn ids(target: u32, site: u32) -> u64 {
    u64::from(target) | u64::from(site) << 32
}

#[inline]
pub fn of_ids(ids: u64) -> (u32, u32) {
    (ids as u32, (ids >> 32) as u32)
}

/// The last record of a slot, without what changes each time.
#[derive(Clone, Copy, Default)]
pub struct Like {
    pub ids: u64,
    pub code: u32,
    pub value: u64,
}

/// The slot of a record's like.
#[inline(always)]
pub fn slot(op: u8, site: u32) -> usize {
    usize::from(site as u8 ^ op << 4)
}

/// A short record: what it adds to the thread's last one, and to the like of its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    pub slot: usize,
    /// Of the sequence number; 0 is padding.
    pub later: u64,
    /// Of the ticks.
    pub passed: u64,
    /// Of the value.
    pub change: i64,
}

const TICKS_BITS: u32 = 24;
const SEQ_BITS: u32 = 15;

impl Short {
    /// Whether the numbers have room in one.
    #[inline(always)]
    pub fn fits(&self) -> bool {
        self.change == i64::from(self.change as i16)
            && self.passed >> TICKS_BITS == 0
            && self.later >> SEQ_BITS == 0
    }

    #[inline(always)]
    pub fn word(self) -> u64 {
        self.slot as u64
            | self.later << 8
            | IS_SHORT
            | self.passed << 24
            | u64::from(self.change as u16) << (24 + TICKS_BITS)
    }

    #[inline]
    pub fn of(word: u64) -> Short {
        let bits = |from: u32, count: u32| word >> from & ((1 << count) - 1);
        Short {
            slot: usize::from(word as u8),
            later: bits(8, SEQ_BITS),
            passed: bits(24, TICKS_BITS),
            change: i64::from((word >> (24 + TICKS_BITS)) as i16),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_head_is_read_as_it_is_written(
            seq in 1u64..1 << 40, op: u8, tag: u8, outcome in 0u8..16, flags in 0u8..16,
        ) {
            let op = op & 0x7f; // the highest bit tells a short record
            let word = head(seq, code(op, tag, outcome << 4 | flags));
            prop_assert_eq!(word & IS_SHORT, 0);
            prop_assert_eq!(of_head::seq(word), seq);
            prop_assert_eq!(of_head::op(word), op);
            prop_assert_eq!(of_head::tag(word), tag);
            prop_assert_eq!((of_head::outcome(word), of_head::flags(word)), (outcome, flags));
            prop_assert_eq!(head(seq, of_head::code(word)), word);
        }

        #[test]
        fn a_short_record_that_fits_is_read_as_it_is_written(
            slot in 0usize..256, later in 0u64..1 << 16, passed in 0u64..1 << 25,
            change in -40_000i64..40_000,
        ) {
            let short = Short { slot, later, passed, change };
            prop_assert_eq!(short.fits(), Short::of(short.word()) == short);
            prop_assert!(short.word() & IS_SHORT != 0);
        }
    }
}

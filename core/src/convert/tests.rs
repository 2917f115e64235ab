//! Reading a spool that a process left behind in any state.

use proptest::prelude::*;

use super::definitions::Definitions;
use super::page::Clock;
use crate::spool::page::MAGIC;

fn page(words: [u64; 8]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

proptest! {
    #[test]
    fn any_log_is_read_as_far_as_it_goes(log in prop::collection::vec(any::<u8>(), 0..400)) {
        Definitions::read(&log);
    }

    #[test]
    fn any_entry_is_taken_or_noticed(
        kind in 1u8..8, body in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut log = (body.len() as u32 + 2).to_le_bytes().to_vec();
        log.extend([0x9c, kind]);
        log.extend(&body);
        let rows = Definitions::read(&log);
        let taken = rows.strings.len() + rows.sites.len() + rows.objects.len()
            + rows.locations.len() + rows.threads.len() + rows.notes.len()
            + usize::from(rows.birth.is_some());
        prop_assert!(taken == 1 || rows.damaged);
    }

    #[test]
    fn ticks_become_ns_in_their_order(
        rate in 1u64..5_000_000_000, span in 1u64..1 << 40, ticks in 0u64..1 << 40,
    ) {
        let first = (1u64 << 50, 77u64);
        let clock = Clock::read(&page([
            MAGIC, 1, 1, first.0, first.1, first.0 + span, first.1 + rate.min(span), 0,
        ])).unwrap().unwrap();
        let at = |ticks| clock.ns(first.0 + ticks);
        prop_assert!(at(ticks) <= at(ticks + 1));
        let exact = u128::from(ticks) * u128::from(rate.min(span)) / u128::from(span);
        // The rate has 32 bits after the point: 2^40 ticks are off by 2^8 ns at most.
        prop_assert!(exact.abs_diff(u128::from(at(ticks))) <= 257);
    }
}

#[test]
fn a_clock_in_ns_needs_no_rate() {
    let clock = Clock::read(&page([MAGIC, 1, 0, 1000, 1000, 0, 0, 0]))
        .unwrap()
        .unwrap();
    assert_eq!((clock.ns(1000), clock.ns(1234), clock.ns(999)), (0, 234, 0));
}

#[test]
fn a_page_that_is_not_there_or_not_ours() {
    assert!(Clock::read(&[]).unwrap().is_none());
    assert!(Clock::read(&page([0; 8])).unwrap().is_none());
    assert!(Clock::read(&page([7; 8])).is_err());
}

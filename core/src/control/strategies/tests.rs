//! Strategies on made-up runs: each against what its paper, or its name, promises. Seeds are counted up, so
//! every run of these tests is the same.

use super::{pct, pos, random, schedule, splitmix, Choice, Slot, State, Strategy, Switch};
use crate::ops;

/// What a strategy remembers, when a run with this seed begins.
fn state(seed: u64, depth: u32, length: u64) -> Box<State> {
    // SAFETY: it is made of numbers, of which 0 is one.
    let mut state: Box<State> = unsafe { Box::new_zeroed().assume_init() };
    (state.seed, state.random) = (seed, seed);
    (state.depth, state.length) = (depth, length);
    state
}

fn slots(count: usize) -> Vec<Slot> {
    // SAFETY: they are made of numbers, of which 0 is one.
    (0..count).map(|_| unsafe { std::mem::zeroed() }).collect()
}

/// The order in which threads of so many steps go, none of which ever waits.
fn run(strategy: &dyn Strategy, state: &mut State, steps: &[usize]) -> Vec<usize> {
    let mut slots = slots(steps.len());
    let mut left = steps.to_vec();
    let (mut current, mut order) = (None, Vec::new());
    strategy.begin(state);
    for slot in &mut slots {
        strategy.born(state, slot, "");
    }
    for step in 1.. {
        let ready: Vec<usize> = (0..left.len()).filter(|&slot| left[slot] > 0).collect();
        if ready.is_empty() {
            break;
        }
        let choice = Choice {
            slots: &mut slots,
            ready: &ready,
            current: current.filter(|slot| ready.contains(slot)),
            chooser: None,
            nameless: 0,
            step,
        };
        let next = strategy.next(state, choice).expect("somebody can go on");
        assert!(ready.contains(&next));
        left[next] -= 1;
        current = Some(next);
        order.push(next);
    }
    order
}

/// In which part of the runs with the seeds up to `runs` the order is as asked.
fn share(runs: u64, depth: u32, steps: &[usize], asked: impl Fn(&[usize]) -> bool) -> f64 {
    let length = steps.iter().sum::<usize>() as u64;
    let found = (0..runs).filter(|&seed| {
        let mut state = state(seed, depth, length);
        asked(&run(&pct::Pct, &mut state, steps))
    });
    found.count() as f64 / runs as f64
}

fn preemptions(order: &[usize]) -> usize {
    let unfinished = |at: usize| order[at..].contains(&order[at - 1]);
    (1..order.len())
        .filter(|&at| order[at] != order[at - 1] && unfinished(at))
        .count()
}

#[test]
fn random_numbers_are_those_of_splitmix64() {
    let mut state = 1_234_567;
    let drawn: Vec<u64> = (0..3).map(|_| splitmix(&mut state)).collect();
    assert_eq!(
        drawn,
        [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423
        ]
    );
}

#[test]
fn random_takes_each_of_the_ready_as_often() {
    let (mut state, mut slots) = (state(1, 0, 0), slots(5));
    let mut counts = [0; 5];
    for step in 1..=30_000 {
        let choice = Choice {
            slots: &mut slots,
            ready: &[0, 2, 3],
            current: None,
            chooser: None,
            nameless: 0,
            step,
        };
        counts[random::Random.next(&mut state, choice).expect("somebody")] += 1;
    }
    assert_eq!((counts[1], counts[4]), (0, 0));
    // Four standard deviations of 30,000 draws are 327.
    assert!([0, 2, 3]
        .iter()
        .all(|&slot| 10_000_i32.abs_diff(counts[slot]) < 327));
}

#[test]
fn the_same_seed_makes_the_same_run_and_another_one_another() {
    for strategy in [&random::Random as &dyn Strategy, &pct::Pct] {
        let order = |seed| run(strategy, &mut state(seed, 3, 30), &[10, 10, 10]);
        assert_eq!(order(7), order(7));
        assert!((0..20).any(|seed| order(seed) != order(7)));
    }
}

#[test]
fn pct_preempts_as_often_as_its_depth_says() {
    for depth in 1..=4 {
        let most = (0..200).map(|seed| {
            let mut state = state(seed, depth, 24);
            preemptions(&run(&pct::Pct, &mut state, &[8, 8, 8]))
        });
        assert_eq!(most.max(), Some(depth as usize - 1));
    }
}

#[test]
fn pct_lets_each_thread_be_the_first_as_often() {
    for first in 0..4 {
        let found = share(4_000, 1, &[3, 3, 3, 3], |order| order[0] == first);
        // Four standard deviations of 4,000 runs are 0.027.
        assert!((found - 0.25).abs() < 0.027, "{first}: {found}");
    }
}

/// The paper's bound: a bug of depth d is found with probability 1 / (n · k^(d - 1)) at least, in a run of n
/// threads and k steps; less four standard deviations of so many runs.
fn bound(runs: u64, depth: u32, threads: f64, steps: f64) -> f64 {
    let least = 1.0 / (threads * steps.powi(depth as i32 - 1));
    least - 4.0 * (least / runs as f64).sqrt()
}

#[test]
fn pct_finds_a_bug_of_its_depth_as_often_as_the_paper_says() {
    let steps = [6, 6];
    // All of thread 1 comes between the third and the fourth step of thread 0.
    let between = |order: &[usize]| order[..9] == [0, 0, 0, 1, 1, 1, 1, 1, 1];
    assert_eq!(share(500, 1, &steps, between), 0.0);
    assert!(share(6_000, 2, &steps, between) >= bound(6_000, 2, 2.0, 12.0));
    // Some of thread 1 does, and its rest comes last.
    let twice = |order: &[usize]| order == [0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1];
    assert_eq!(share(500, 2, &steps, twice), 0.0);
    assert!(share(30_000, 3, &steps, twice) >= bound(30_000, 3, 2.0, 12.0));
}

#[test]
fn pct_lets_who_runs_in_circles_come_last() {
    let (mut state, mut slots) = (state(1, 1, 10), slots(3));
    pct::Pct.begin(&mut state);
    for slot in &mut slots {
        pct::Pct.born(&mut state, slot, "");
    }
    for tired in [2, 0] {
        assert!(pct::Pct.tires(&mut state, &mut slots[tired]));
    }
    let mut next = |ready: &[usize]| {
        let choice = Choice {
            slots: &mut slots,
            ready,
            current: None,
            chooser: None,
            nameless: 0,
            step: 100,
        };
        pct::Pct.next(&mut state, choice)
    };
    assert_eq!(next(&[0, 1, 2]), Some(1));
    assert_eq!(next(&[0, 2]), Some(2));
}

/// How often the first of two writes of `x` comes first, which lies after so many steps of its
/// thread that concern nobody else.
fn first_writes(strategy: &dyn Strategy, before: usize, runs: u64) -> f64 {
    let first = (0..runs).filter(|&seed| {
        let (mut state, mut slots) = (state(seed, 1, 100), slots(2));
        for slot in &mut slots {
            strategy.born(&mut state, slot, "");
        }
        let steps = [before + 1, 1];
        let (mut done, mut current) = ([0; 2], None);
        loop {
            for slot in &mut slots {
                (slot.op, slot.target) = (u32::from(ops::WRITE), 1);
            }
            if done[0] < before {
                slots[0].target = 2;
            }
            let ready: Vec<usize> = (0..2).filter(|&slot| done[slot] < steps[slot]).collect();
            let choice = Choice {
                slots: &mut slots,
                ready: &ready,
                current: None,
                chooser: current.map(|slot| (slot, 1)),
                nameless: 0,
                step: 1,
            };
            let next = strategy
                .next(&mut state, choice)
                .expect("somebody can go on");
            if next == 1 {
                return false;
            }
            done[next] += 1;
            if done[0] == steps[0] {
                return true;
            }
            current = Some(next);
        }
    });
    first.count() as f64 / runs as f64
}

#[test]
fn pos_tries_an_order_of_two_events_however_many_others_lie_between() {
    // A random walk comes to the write after twenty steps once in two million runs.
    assert!(first_writes(&random::Random, 20, 4_000) < 0.001);
    // With priorities that are drawn for each event it is the highest of 21 once in 22 runs.
    let part = first_writes(&pos::Pos, 20, 4_000);
    assert!((0.035..0.06).contains(&part), "{part}");
    let even = first_writes(&pos::Pos, 0, 4_000);
    assert!((0.45..0.55).contains(&even), "{even}");
}

#[test]
fn a_schedule_makes_its_switches_and_no_other() {
    let (mut state, mut slots) = (state(0, 1, 1), slots(3));
    for (name, slot) in (10..).zip(&mut slots) {
        slot.name = name;
    }
    for (from, count, to) in [(10, 3, 12), (12, 1, 11), (12, 2, 99)] {
        let (preempts, event) = (false, 0);
        state.switches.push(Switch {
            from,
            count,
            to,
            preempts,
            event,
        });
    }
    state.switches.sort();
    let mut next = |chooser: usize, count: u32, ready: &[usize], current: Option<usize>| {
        let choice = Choice {
            slots: &mut slots,
            ready,
            current,
            chooser: Some((chooser, count)),
            nameless: 0,
            step: 1,
        };
        schedule::Schedule.next(&mut state, choice)
    };
    assert_eq!(next(0, 1, &[0, 1, 2], Some(0)), Some(0));
    assert_eq!(next(0, 3, &[0, 1, 2], Some(0)), Some(2));
    assert_eq!(next(2, 1, &[0, 1, 2], Some(2)), Some(1));
    // Whom it names cannot go on, or is not there.
    assert_eq!(next(0, 3, &[0, 1], Some(0)), Some(0));
    assert_eq!(next(2, 2, &[0, 2], Some(2)), Some(2));
    // Nobody had the baton.
    assert_eq!(next(1, 7, &[1, 2], None), Some(1));
}

//! The codec on its own: what goes in comes out, and nothing that comes in makes it panic.

use proptest::prelude::*;

use super::*;
use crate::model::{Gap, Location, Object, Site, Thread, Value};
use crate::ops;

fn tables() -> Tables {
    Tables {
        strings: ["num", "race.py", "", "\u{e9}t\u{e9}"]
            .map(|s| s.as_bytes().to_vec())
            .to_vec(),
        threads: vec![
            Thread {
                path: "main".into(),
                name: "MainThread".into(),
                process: 1,
                ..Thread::default()
            },
            Thread {
                path: "main.1".into(),
                name: "T".into(),
                process: 1,
                parent: 1,
                daemon: true,
                internal: true,
                ident: 0x7f00_1234_5000,
                native_id: 4321,
            },
        ],
        sites: vec![
            Site {
                file: 2,
                line: 8,
                sources: vec![1],
                ..Site::default()
            },
            Site {
                file: 2,
                line: 9,
                regardless: vec![1],
                ..Site::default()
            },
        ],
        objects: vec![
            Object {
                kind: 1,
                thread: 1,
                index: 1,
                ..Object::default()
            };
            3
        ],
        locations: vec![
            Location {
                kind: 1,
                object: 0,
                module: 2,
                name: 1,
                key: Value::Absent,
                holds: 2,
            },
            Location {
                kind: 3,
                object: 1,
                module: 0,
                name: 0,
                key: Value::Ref(1, 2),
                holds: 0,
            },
            Location {
                kind: 3,
                object: 1,
                module: 0,
                name: 0,
                key: Value::Int(-1),
                holds: 0,
            },
        ],
        notes: vec!["one".into()],
        gaps: vec![Gap {
            kind: "package".into(),
            subject: "shop".into(),
            thread: 2,
        }],
        stacks: vec![vec![1]],
        ..Tables::default()
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Absent),
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-3i64..200).prop_map(Value::Int),
        (-1e300f64..1e300).prop_map(Value::Float),
        (1u32..=4).prop_map(Value::Str),
        (1u32..=4).prop_map(Value::Bytes),
        (1u32..=4, 0u32..=3).prop_map(|(kind, object)| Value::Ref(kind, object)),
    ]
}

fn event() -> impl Strategy<Value = (u64, Event)> {
    let ids = (1u32..=2, 0u32..=3, 0u32..=1, 0..ops::ALL.len());
    let rest = (0u8..=6, 0u8..=3, 0u64..3, 0u64..1 << 60, value());
    (1u64..1000, ids, rest).prop_map(
        |(step, (thread, target, site, op), (outcome, flags, link, t, value))| {
            let op = ops::ALL[op].1;
            (
                step,
                Event {
                    seq: 0,
                    t,
                    thread,
                    target,
                    site,
                    stack: site % 2,
                    op,
                    outcome,
                    flags,
                    link,
                    value,
                },
            )
        },
    )
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec(event(), 0..200).prop_map(|steps| {
        let mut seq = 10;
        let number = |(step, mut event): (u64, Event)| {
            seq += step;
            event.seq = seq;
            event
        };
        steps.into_iter().map(number).collect()
    })
}

fn file(events: &[Event]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut tables = tables();
    tables.processes.push(Process {
        path: "main".into(),
        pid: 7,
        exit_status: Some(-9),
        name: "MainProcess".into(),
        ..Process::default()
    });
    let mut writer = writer::Writer::new(&mut data, &[0x80], &tables).unwrap();
    events.iter().for_each(|event| writer.push(event).unwrap());
    writer.finish().unwrap();
    data
}

fn all(trace: &TraceData) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    trace.for_each(|event| events.push(*event))?;
    Ok(events)
}

proptest! {
    #[test]
    fn what_is_written_is_read(events in events()) {
        let trace = TraceData::from_events(tables(), &events).unwrap();
        prop_assert_eq!(all(&trace).unwrap(), events.clone());
        for (i, event) in events.iter().enumerate() {
            prop_assert_eq!(trace.position(event.seq).unwrap(), i as u64);
            prop_assert_eq!(trace.get(i as u64).unwrap(), Some(*event));
        }
        prop_assert_eq!(&trace.tables.sites, &tables().sites);
        prop_assert_eq!(&trace.tables.locations, &tables().locations);
        prop_assert_eq!(&trace.tables.threads, &tables().threads);
    }

    /// A payload with a right checksum but wrong contents gets past the sums.
    #[test]
    fn a_hostile_payload_is_an_error(
        events in events(), place in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        prop_assume!(!events.is_empty());
        let mut payload = chunk::encode(&events);
        *place.get_mut(&mut payload) = byte;
        let mut decoded = Vec::new();
        let bounds = Bounds::of(&tables());
        let first = events[0].seq;
        if chunk::decode(&payload, events.len(), first..u64::MAX, &bounds, &mut decoded).is_ok() {
            prop_assert_eq!(decoded.len(), events.len());
            for pair in decoded.windows(2) {
                prop_assert!(pair[0].seq < pair[1].seq);
            }
            for event in &decoded {
                prop_assert!((1..=2).contains(&event.thread) && event.target <= 3);
            }
        }
    }

    #[test]
    fn noise_is_an_error(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(TraceData::from_bytes(noise).is_err());
    }

    #[test]
    fn noise_after_a_good_start_is_an_error_or_a_cut(
        cut in any::<prop::sample::Index>(), noise in prop::collection::vec(any::<u8>(), 1..300),
    ) {
        let mut data = file(&[]);
        data.truncate(cut.index(data.len()));
        data.extend(noise);
        if let Ok(trace) = TraceData::from_bytes(data) {
            prop_assert!(trace.is_empty());
        }
    }
}

#[test]
fn random_access_crosses_blocks() {
    let event = Event {
        seq: 0,
        t: 0,
        thread: 1,
        target: 1,
        site: 1,
        stack: 0,
        op: ops::READ,
        outcome: 0,
        flags: 0,
        link: 0,
        value: Value::Absent,
    };
    let count = chunk::EVENTS as u64 * 6 + 5;
    let events: Vec<Event> = (1..=count)
        .map(|i| Event {
            seq: i * 2,
            t: i,
            value: Value::Int(i as i64),
            ..event
        })
        .collect();
    let trace = TraceData::from_bytes(file(&events)).unwrap();
    assert_eq!(trace.len(), count);
    for i in (0..count)
        .step_by(9973)
        .chain((0..count).rev().step_by(65_536))
    {
        assert_eq!(trace.get(i).unwrap().unwrap(), events[i as usize]);
        assert_eq!(trace.position(events[i as usize].seq - 1).unwrap(), i);
    }
    let mut seen = 0;
    let range = 65_530..65_550;
    trace
        .for_range(range.start, range.end, |i, event| {
            assert_eq!(event.seq, (i + 1) * 2);
            seen += 1;
            true
        })
        .unwrap();
    assert_eq!(seen, 20);
    assert_eq!(trace.get(count).unwrap(), None);
    assert_eq!(trace.position(u64::MAX).unwrap(), count);
}

#[test]
fn a_search_finds_all_events_of_an_op_whatever_blocks_are_known() {
    let count = chunk::EVENTS as u64 * 4;
    let rare = [3, chunk::EVENTS as u64 * 2 + 7, count];
    let events: Vec<Event> = (1..=count)
        .map(|seq| Event {
            seq,
            t: seq,
            thread: 1,
            target: 1,
            site: 1,
            stack: 0,
            op: if rare.contains(&seq) {
                ops::WRITE
            } else {
                ops::READ
            },
            outcome: 0,
            flags: 0,
            link: 0,
            value: Value::Absent,
        })
        .collect();
    let trace = TraceData::from_bytes(file(&events)).unwrap();
    let search = |op: u8| {
        let (mut found, mut met) = (Vec::new(), 0);
        let ops = [op];
        let visit = |_, event: &Event| {
            met += 1;
            if event.op == op {
                found.push(event.seq);
            }
            true
        };
        trace.for_ops_in_range(0, count, Some(&ops), visit).unwrap();
        (found, met)
    };
    assert_eq!(search(ops::WRITE), (rare.to_vec(), count));
    let blocks = chunk::EVENTS as u64;
    assert_eq!(search(ops::WRITE), (rare.to_vec(), blocks * 3));
    assert_eq!(search(ops::DELETE), (Vec::new(), 0));
    assert_eq!(search(ops::READ).0.len() as u64, count - 3);
}

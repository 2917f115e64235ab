use super::*;
use crate::model::Location;
use crate::ops::{self, location};
use crate::record::keys::Key;
use crate::replay::likeness::Likeness;
use crate::spool::format::Tag;

/// The first Lock that the main thread made.
const LOCK: MadeObject = MadeObject {
    kind: "Lock",
    label: "",
    thread: 1,
    path: Some("main"),
    index: 1,
    shared: "",
};

/// Whether the object is that one of the trace: the first Lock of the main thread, with that name.
fn is_lock(loose: bool, label: &str, object: MadeObject) -> bool {
    let mut recording = Recording::of_threads(2);
    let there = recording.object("Lock", 1);
    if !label.is_empty() {
        recording.tables.objects[0].label = recording.string(label);
    }
    let mut names = Program::default();
    let here = names.add_object(object);
    Likeness::new(loose).same_object(&names, &recording.script(), here, there)
}

#[test]
fn objects_are_known_by_kind_maker_and_number() {
    assert!(is_lock(false, "", LOCK));
    assert!(!is_lock(
        false,
        "",
        MadeObject {
            kind: "RLock",
            ..LOCK
        }
    ));
    assert!(!is_lock(false, "", MadeObject { index: 2, ..LOCK }));
    let of_other = MadeObject {
        thread: 2,
        path: Some("main.1"),
        ..LOCK
    };
    assert!(!is_lock(false, "", of_other));
    assert!(!is_lock(
        false,
        "",
        MadeObject {
            path: Some("main.9"),
            ..of_other
        }
    ));
    // Threads may have other numbers here: their paths count.
    assert!(is_lock(false, "", MadeObject { thread: 7, ..LOCK }));
    // A name that became known at another time is no difference.
    assert!(is_lock(
        false,
        "a.lock",
        MadeObject {
            label: "b.lock",
            ..LOCK
        }
    ));
}

#[test]
fn objects_from_before_a_fork_are_known_by_their_names() {
    let unknown = MadeObject {
        thread: 0,
        path: None,
        ..LOCK
    };
    assert!(is_lock(false, "", unknown));
    assert!(!is_lock(
        false,
        "",
        MadeObject {
            index: 2,
            ..unknown
        }
    ));
    let named = MadeObject {
        label: "a.lock",
        index: 2,
        ..unknown
    };
    assert!(is_lock(false, "a.lock", named));
    assert!(!is_lock(false, "b.lock", named));
}

#[test]
fn shared_objects_are_known_whoever_attached_to_them() {
    let shared = MadeObject {
        shared: "Lock /mp-1",
        thread: 2,
        path: Some("main.1"),
        index: 5,
        ..LOCK
    };
    assert!(is_lock(false, "", shared));
    assert!(!is_lock(
        false,
        "",
        MadeObject {
            shared: "",
            ..shared
        }
    ));
    // What has its kind from the process that made it.
    assert!(is_lock(false, "", MadeObject { kind: "", ..shared }));
}

#[test]
fn in_an_edited_program_names_count_and_numbers_do_not() {
    assert!(is_lock(true, "", MadeObject { index: 2, ..LOCK }));
    let named = MadeObject {
        label: "a.lock",
        ..LOCK
    };
    assert!(is_lock(true, "a.lock", MadeObject { index: 2, ..named }));
    assert!(!is_lock(true, "b.lock", named));
    assert!(!is_lock(
        true,
        "",
        MadeObject {
            thread: 2,
            path: Some("main.1"),
            ..LOCK
        }
    ));
}

#[test]
fn who_has_met_another_is_nobody_else() {
    let mut recording = Recording::of_threads(1);
    let (first, second) = (recording.object("Lock", 1), recording.object("Lock", 1));
    recording.tables.objects[1].index = 2;
    let script = recording.script();
    let mut names = Program::default();
    let (here, twin) = (names.add_object(LOCK), names.add_object(LOCK));
    let mut likeness = Likeness::new(false);
    let mut same = |here, there| likeness.same_object(&names, &script, here, there);
    assert!(same(here, first) && same(here, first));
    assert!(!same(here, second), "it is the first");
    assert!(!same(twin, first), "that is another");
    assert!(!same(0, first) && !same(twin, 0) && same(0, 0));
    assert!(!same(9, second), "it was forgotten");
    likeness.forget();
    assert!(likeness.same_object(&names, &script, twin, first));
}

/// Whether the place is the location of the trace; its `of` is an object like object 1, or the string.
fn is_place(theirs: Location, recording: Recording, ours: Place, names: &mut Program) -> bool {
    let mut recording = recording;
    recording.tables.locations.push(theirs);
    recording.event(1, ops::READ, 1);
    names.locations = vec![ours];
    let mut run = recording.run();
    let made = made(ops::READ, 1, 1);
    run.made(names, &mut progress(0), &mut slot(0), &made)
        .is_none()
}

/// Whether the key of an item here is that of the trace. Strings there: 1 "Lock", 2 "k"; here: 1 "k", 2 "l".
fn is_item(ours: Key, theirs: Value) -> bool {
    let mut recording = Recording::of_threads(1);
    let object = recording.object("Lock", 1);
    let name = recording.string("k");
    let mut names = Program::default();
    let of = names.add_object(LOCK);
    names.add_string("k");
    names.add_string("l");
    let is_name = matches!(ours, Key::Name(_));
    let there = Location {
        kind: location::ITEM,
        object,
        module: 0,
        name: if is_name { name } else { 0 },
        key: theirs,
        holds: 0,
    };
    let here = Place {
        kind: location::ITEM,
        of,
        key: ours,
    };
    is_place(there, recording, here, &mut names)
}

#[test]
fn items_are_known_by_the_type_and_value_of_their_keys() {
    let keys = [
        (Key::Name(1), Value::Absent),
        (Key::Nothing, Value::Absent),
        (Key::Nil, Value::None),
        (Key::Bool(true), Value::Bool(true)),
        (Key::Int(1), Value::Int(1)),
        (Key::Float(1.0_f64.to_bits()), Value::Float(1.0)),
        (Key::Str(1), Value::Str(2)),
        (Key::Bytes(1), Value::Bytes(2)),
        (Key::Text(1), Value::Ref(2, 0)),
        (Key::Object(1, 1), Value::Ref(2, 1)),
    ];
    for (here, (ours, _)) in keys.into_iter().enumerate() {
        for (there, (_, theirs)) in keys.into_iter().enumerate().skip(1) {
            if here > 0 {
                assert_eq!(is_item(ours, theirs), here == there, "{here} and {there}");
            }
        }
    }
    assert!(is_item(Key::Name(1), Value::Absent) && !is_item(Key::Name(2), Value::Absent));
    let others = [
        (Key::Bool(false), Value::Bool(true)),
        (Key::Int(2), Value::Int(1)),
        (Key::Float(2.0_f64.to_bits()), Value::Float(1.0)),
        (Key::Str(2), Value::Str(2)),
        (Key::Bytes(2), Value::Bytes(2)),
        (Key::Text(2), Value::Ref(2, 0)),
        (Key::Object(2, 1), Value::Ref(2, 1)),
        (Key::Object(1, 2), Value::Ref(2, 1)),
    ];
    for (ours, theirs) in others {
        assert!(!is_item(ours, theirs), "another than {theirs:?}");
    }
}

#[test]
fn globals_are_known_by_module_and_name() {
    let is_global = |kind: u8, module: &str, name: &str| {
        let mut recording = Recording::of_threads(1);
        let there = Location {
            kind: location::GLOBAL,
            object: 0,
            module: recording.string("jobs"),
            name: recording.string("count"),
            key: Value::Absent,
            holds: 0,
        };
        let mut names = Program::default();
        let (of, key) = (names.add_string(module), Key::Name(names.add_string(name)));
        is_place(there, recording, Place { kind, of, key }, &mut names)
    };
    assert!(is_global(location::GLOBAL, "jobs", "count"));
    assert!(!is_global(location::GLOBAL, "main", "count"));
    assert!(!is_global(location::GLOBAL, "jobs", "total"));
    assert!(!is_global(location::ATTRIBUTE, "jobs", "count"));
}

#[test]
fn sites_are_known_by_file_and_line_or_by_function() {
    let is_site = |loose, ours| {
        let mut recording = Recording::of_threads(1);
        let (file, function) = (recording.string("/old/jobs.py"), recording.string("work"));
        recording.tables.sites.push(crate::model::Site {
            file,
            function,
            line: 7,
            ..Default::default()
        });
        let names = Program {
            sites: vec![ours],
            ..Program::default()
        };
        let script = recording.script();
        let mut likeness = Likeness::new(loose);
        let asked = likeness.same_site(&names, &script, 1, 1);
        assert_eq!(likeness.same_site(&names, &script, 1, 1), asked, "again");
        assert!(!likeness.same_site(&names, &script, 0, 1));
        assert!(!likeness.same_site(&names, &script, 1, 0));
        assert!(likeness.same_site(&names, &script, 0, 0));
        asked
    };
    let (exact, loose) = (false, true);
    assert!(is_site(exact, ("/new/jobs.py", 7, "work")));
    assert!(is_site(exact, ("jobs.py", 7, "renamed")));
    assert!(!is_site(exact, ("/old/jobs.py", 8, "work")));
    assert!(!is_site(exact, ("/old/main.py", 7, "work")));
    assert!(is_site(loose, ("/new/jobs.py", 8, "work")));
    assert!(!is_site(loose, ("/new/jobs.py", 7, "renamed")));
}

/// Whether a value here is that of the trace. Strings there: 1 "Lock", 2 "k", 3 a long one; here: 1 "k",
/// 2 the long one.
fn is_value(loose: bool, ours: (u8, u64), theirs: Value) -> bool {
    let mut recording = Recording::of_threads(1);
    recording.object("Lock", 1);
    recording.string("k");
    recording.string("longer than a word");
    recording.event(1, ops::SLEEP, 0).value = theirs;
    let mut names = Program::default();
    names.add_object(LOCK);
    names.add_string("k");
    names.add_string("longer than a word");
    let mut run = Run::new(recording.script(), loose);
    let made = with_value(ops::SLEEP, 0, 1, ours);
    run.made(&names, &mut progress(0), &mut slot(0), &made)
        .is_none()
}

#[test]
fn values_are_known_by_type_and_value() {
    let kept = [
        ((values::ABSENT, 0), Value::Absent),
        ((values::NONE, 0), Value::None),
        ((values::FALSE, 0), Value::Bool(false)),
        ((values::TRUE, 0), Value::Bool(true)),
        ((values::INT, 1), Value::Int(1)),
        ((values::INT, u64::MAX), Value::Int(-1)),
        ((values::FLOAT, 1.0_f64.to_bits()), Value::Float(1.0)),
        ((Tag::InlineStr(1).code(), u64::from(b'k')), Value::Str(2)),
        ((Tag::Str.code(), 2), Value::Str(3)),
        (
            (Tag::InlineBytes(1).code(), u64::from(b'k')),
            Value::Bytes(2),
        ),
        ((Tag::Bytes.code(), 2), Value::Bytes(3)),
        ((values::REF, 1 << 32), Value::Ref(2, 0)),
        ((values::REF, 1 << 32 | 1), Value::Ref(2, 1)),
    ];
    for (here, (ours, _)) in kept.into_iter().enumerate() {
        for (there, (_, theirs)) in kept.into_iter().enumerate() {
            assert_eq!(
                is_value(false, ours, theirs),
                here == there,
                "{here} and {there}"
            );
            assert!(
                is_value(true, ours, theirs),
                "an edited program may have others"
            );
        }
    }
}

#[test]
fn links_are_to_the_same_event_as_in_the_trace() {
    let is_link = |ours, theirs| {
        let mut recording = Recording::of_threads(1);
        for _ in 0..2 {
            recording.event(1, ops::SLEEP, 0);
        }
        recording.event(1, ops::JOIN, 0).link = theirs;
        let (mut run, mut progress, mut slot) = (recording.run(), progress(0), slot(0));
        let mut make = |made: Made| run.made(&Program::default(), &mut progress, &mut slot, &made);
        assert_eq!(
            [101, 102].map(|seq| make(made(ops::SLEEP, 0, seq))),
            [None; 2]
        );
        make(with_value(ops::JOIN, 0, 103, values::link(ours))).is_none()
    };
    assert!(is_link(101, 1) && is_link(102, 2) && is_link(0, 0));
    assert!(!is_link(101, 2) && !is_link(102, 1));
    assert!(!is_link(0, 1) && !is_link(101, 0));
}

//! The columns of a block of events.
//!
//! See FORMAT.md. Columns come in a fixed order; one that holds only zeros is left out.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::pack::{self, Result, Unpacker};
use super::FileError;
use crate::model::{Event, Tables, Value};
use crate::ops;

/// How many events a writer puts into a block, and how many a reader accepts.
pub const EVENTS: usize = 1 << 16;
pub const MAX_EVENTS: usize = 1 << 18;

/// Kinds of a value, in the column `tag` and in the keys of locations.
pub mod tag {
    pub const ABSENT: u8 = 0;
    pub const NONE: u8 = 1;
    pub const FALSE: u8 = 2;
    pub const TRUE: u8 = 3;
    pub const INT: u8 = 4;
    pub const FLOAT: u8 = 5;
    pub const STR: u8 = 6;
    pub const BYTES: u8 = 7;
    pub const REF: u8 = 8;
}

pub fn tag_of(value: &Value) -> u8 {
    match value {
        Value::Absent => tag::ABSENT,
        Value::None => tag::NONE,
        Value::Bool(false) => tag::FALSE,
        Value::Bool(true) => tag::TRUE,
        Value::Int(_) => tag::INT,
        Value::Float(_) => tag::FLOAT,
        Value::Str(_) => tag::STR,
        Value::Bytes(_) => tag::BYTES,
        Value::Ref(..) => tag::REF,
    }
}

/// What an int value is counted from: the last int at the same target. Locations and objects are
/// numbered apart.
#[derive(Default)]
struct LastInts(FxHashMap<u64, i64>);

impl LastInts {
    #[inline]
    fn slot(&mut self, op: u8, target: u32) -> &mut i64 {
        let access = u64::from(op <= ops::ITERATE);
        self.0.entry(access << 32 | u64::from(target)).or_insert(0)
    }
}

/// The payload of a block of events; they must be in ascending order of `seq`.
pub fn encode(events: &[Event]) -> Vec<u8> {
    let mut columns = Columns {
        out: Vec::with_capacity(events.len() * 12),
        n: events.len(),
        count: 0,
    };
    let mut last = 0u64;
    columns.ints("seq", events, |event| {
        let delta = event.seq.wrapping_sub(last).wrapping_sub(1);
        last = event.seq;
        delta as i64
    });
    let mut last = 0;
    columns.ints("t", events, |event| {
        let delta = event.t.wrapping_sub(last);
        last = event.t;
        delta as i64
    });
    columns.ints("thread", events, |event| i64::from(event.thread));
    columns.ints("op", events, |event| i64::from(event.op));
    columns.ints("outcome", events, |event| i64::from(event.outcome));
    columns.ints("flags", events, |event| i64::from(event.flags));
    columns.ints("target", events, |event| i64::from(event.target));
    columns.ints("site", events, |event| i64::from(event.site));
    columns.ints("stack", events, |event| i64::from(event.stack));
    columns.ints("link", events, |event| match event.link {
        0 => 0,
        link => event.seq.wrapping_sub(link) as i64,
    });
    columns.ints("tag", events, |event| i64::from(tag_of(&event.value)));
    columns.values(events);
    let mut payload = Vec::with_capacity(columns.out.len() + 5);
    pack::put_map(&mut payload, columns.count);
    payload.extend_from_slice(&columns.out);
    payload
}

struct Columns {
    out: Vec<u8>,
    n: usize,
    count: usize,
}

impl Columns {
    fn ints(&mut self, name: &str, events: &[Event], mut field: impl FnMut(&Event) -> i64) {
        let start = self.out.len();
        let mut any = 0;
        pack::put_str(&mut self.out, name);
        pack::put_array(&mut self.out, self.n);
        for event in events {
            let value = field(event);
            any |= value;
            pack::put_int(&mut self.out, value);
        }
        if any == 0 {
            self.out.truncate(start);
        } else {
            self.count += 1;
        }
    }

    fn values(&mut self, events: &[Event]) {
        let mut entries = Vec::with_capacity(events.len() * 2);
        let mut count = 0;
        let mut ints = LastInts::default();
        for event in events {
            count += match event.value {
                Value::Int(value) => {
                    let last = ints.slot(event.op, event.target);
                    pack::put_int(&mut entries, value.wrapping_sub(*last));
                    *last = value;
                    1
                }
                Value::Float(value) => {
                    pack::put_float(&mut entries, value);
                    1
                }
                Value::Str(id) | Value::Bytes(id) => {
                    pack::put_int(&mut entries, i64::from(id));
                    1
                }
                Value::Ref(kind, object) => {
                    pack::put_int(&mut entries, i64::from(kind));
                    pack::put_int(&mut entries, i64::from(object));
                    2
                }
                _ => 0,
            };
        }
        if count > 0 {
            pack::put_str(&mut self.out, "value");
            pack::put_array(&mut self.out, count);
            self.out.extend_from_slice(&entries);
            self.count += 1;
        }
    }
}

/// The sizes of the tables, which bound every id in an event.
pub struct Bounds {
    pub strings: u32,
    pub threads: u32,
    pub objects: u32,
    pub locations: u32,
    pub sites: u32,
    pub stacks: u32,
}

impl Bounds {
    pub fn of(tables: &Tables) -> Bounds {
        Bounds {
            strings: tables.strings.len() as u32,
            threads: tables.threads.len() as u32,
            objects: tables.objects.len() as u32,
            locations: tables.locations.len() as u32,
            sites: tables.sites.len() as u32,
            stacks: tables.stacks.len() as u32,
        }
    }
}

const EMPTY: Event = Event {
    seq: 0,
    t: 0,
    thread: 0,
    target: 0,
    site: 0,
    stack: 0,
    op: 0,
    outcome: 0,
    flags: 0,
    link: 0,
    value: Value::Absent,
};

/// Decode a payload into `events` (whose old contents are dropped). `n` events are expected, with
/// sequence numbers in `seqs`.
pub fn decode(
    payload: &[u8],
    n: usize,
    seqs: Range<u64>,
    bounds: &Bounds,
    events: &mut Vec<Event>,
) -> Result<()> {
    let mut reader = Reader {
        unpacker: Unpacker::new(payload),
        left: 0,
        n,
        name: b"",
    };
    reader.left = reader.unpacker.map()?;
    reader.advance()?;
    events.clear();
    events.resize(n, EMPTY);
    let range = |name: &str, value: i64| FileError::bad(format!("{name} {value} is out of range"));

    let mut seq = 0u64;
    reader.column(b"seq", events, |event, step| {
        let step = u64::try_from(step).map_err(|_| range("seq step", step))?;
        seq = seq
            .checked_add(step)
            .and_then(|seq| seq.checked_add(1))
            .unwrap_or(u64::MAX);
        event.seq = seq;
        Ok(())
    })?;
    let last = events.last().map_or(seqs.start, |event| event.seq);
    if last >= seqs.end.min(i64::MAX as u64)
        || events.first().is_some_and(|event| event.seq != seqs.start)
    {
        return Err(FileError::bad("sequence numbers are out of order"));
    }
    let mut t = 0i64;
    reader.column(b"t", events, |event, delta| {
        t = t
            .checked_add(delta)
            .filter(|t| *t >= 0)
            .ok_or_else(|| range("t", delta))?;
        event.t = t as u64;
        Ok(())
    })?;
    reader.column(b"thread", events, |event, value| {
        if value < 1 || value > i64::from(bounds.threads) {
            return Err(range("thread", value));
        }
        event.thread = value as u32;
        Ok(())
    })?;
    reader.column(b"op", events, |event, value| {
        if !u8::try_from(value).is_ok_and(ops::is_known) {
            return Err(range("op", value));
        }
        event.op = value as u8;
        Ok(())
    })?;
    reader.column(b"outcome", events, |event, value| {
        if !(0..=i64::from(ops::outcome::BOUNDED)).contains(&value) {
            return Err(range("outcome", value));
        }
        event.outcome = value as u8;
        Ok(())
    })?;
    reader.column(b"flags", events, |event, value| {
        event.flags = u8::try_from(value).map_err(|_| range("flags", value))?;
        Ok(())
    })?;
    reader.column(b"target", events, |event, value| {
        let limit = if event.op <= ops::ITERATE {
            bounds.locations
        } else {
            bounds.objects
        };
        if value < 0 || value > i64::from(limit) {
            return Err(range("target", value));
        }
        event.target = value as u32;
        Ok(())
    })?;
    reader.column(b"site", events, |event, value| {
        if value < 0 || value > i64::from(bounds.sites) {
            return Err(range("site", value));
        }
        event.site = value as u32;
        Ok(())
    })?;
    reader.column(b"stack", events, |event, value| {
        if value < 0 || value > i64::from(bounds.stacks) {
            return Err(range("stack", value));
        }
        event.stack = value as u32;
        Ok(())
    })?;
    reader.column(b"link", events, |event, back| {
        if back != 0 {
            let link = (event.seq as i64)
                .checked_sub(back)
                .filter(|link| *link > 0);
            event.link = link.ok_or_else(|| range("link", back))? as u64;
        }
        Ok(())
    })?;
    reader.column(b"tag", events, |event, value| {
        event.value = match u8::try_from(value).unwrap_or(u8::MAX) {
            tag::ABSENT => Value::Absent,
            tag::NONE => Value::None,
            tag::FALSE => Value::Bool(false),
            tag::TRUE => Value::Bool(true),
            tag::INT => Value::Int(0),
            tag::FLOAT => Value::Float(0.0),
            tag::STR => Value::Str(0),
            tag::BYTES => Value::Bytes(0),
            tag::REF => Value::Ref(0, 0),
            _ => return Err(range("tag", value)),
        };
        Ok(())
    })?;
    if n > 0 && (events[0].thread == 0 || events[0].op == 0) {
        return Err(FileError::bad(
            "a block of events lacks the columns thread and op",
        ));
    }
    reader.values(bounds, events)
}

struct Reader<'a> {
    unpacker: Unpacker<'a>,
    /// How many columns come after the current one.
    left: usize,
    n: usize,
    /// The column that comes next; empty at the end.
    name: &'a [u8],
}

impl Reader<'_> {
    fn advance(&mut self) -> Result<()> {
        self.name = b"";
        if self.left > 0 {
            self.left -= 1;
            self.name = self.unpacker.text()?;
        }
        Ok(())
    }

    #[inline]
    fn column(
        &mut self,
        name: &[u8],
        events: &mut [Event],
        mut set: impl FnMut(&mut Event, i64) -> Result<()>,
    ) -> Result<()> {
        if self.name == name {
            self.unpacker.array_of(self.n)?;
            for event in events {
                set(event, self.unpacker.int()?)?;
            }
            return self.advance();
        }
        if name == b"seq" || name == b"t" {
            for event in events {
                set(event, 0)?;
            }
        }
        Ok(())
    }

    /// The last column, one or two entries for each value that its tag does not tell.
    fn values(&mut self, bounds: &Bounds, events: &mut [Event]) -> Result<()> {
        let mut expected = 0;
        if self.name == b"value" {
            expected = self.unpacker.array()?;
            self.name = b"";
        }
        if !self.name.is_empty() || self.left > 0 {
            return Err(FileError::bad("an unknown column in a block of events"));
        }
        let unpacker = &mut self.unpacker;
        let mut count = 0;
        let mut ints = LastInts::default();
        for event in events {
            match &mut event.value {
                Value::Int(value) => {
                    let last = ints.slot(event.op, event.target);
                    *last = last.wrapping_add(unpacker.int()?);
                    *value = *last;
                    count += 1;
                }
                Value::Float(value) => {
                    *value = unpacker.float()?;
                    count += 1;
                }
                Value::Str(id) | Value::Bytes(id) => {
                    *id = string(unpacker, bounds)?;
                    count += 1;
                }
                Value::Ref(kind, object) => {
                    *kind = string(unpacker, bounds)?;
                    *object = unpacker.uint()?;
                    if *object > bounds.objects {
                        return Err(FileError::bad(format!("object {object} is out of range")));
                    }
                    count += 2;
                }
                _ => {}
            }
        }
        if count != expected || !unpacker.at_end() {
            return Err(FileError::bad("a block of events has too many values"));
        }
        Ok(())
    }
}

fn string(unpacker: &mut Unpacker, bounds: &Bounds) -> Result<u32> {
    let id: u32 = unpacker.uint()?;
    if id == 0 || id > bounds.strings {
        return Err(FileError::bad(format!("string {id} is out of range")));
    }
    Ok(id)
}

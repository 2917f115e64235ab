//! The tables of a trace file: blocks of rows, each row a msgpack array.

use super::block;
use super::chunk::{tag, tag_of};
use super::pack::{self, Result, Unpacker};
use super::FileError;
use crate::model::{Gap, Location, Object, Process, Site, Tables, Thread, Value};
use crate::ops;

/// A writer starts a new block of a table when one holds this many rows or bytes.
const BLOCK_ROWS: usize = 1 << 16;
const BLOCK_BYTES: usize = 8 << 20;

/// Append all tables. Each has at least one block, so that a reader knows what is missing.
pub fn write(out: &mut Vec<u8>, tables: &Tables) {
    write_strings(out, &tables.strings);
    rows(out, "processes", &tables.processes, put_process);
    rows(out, "threads", &tables.threads, put_thread);
    rows(out, "sites", &tables.sites, put_site);
    rows(out, "objects", &tables.objects, |row, out| {
        ints(out, &[row.kind, row.label, row.thread, row.index, row.site]);
    });
    rows(out, "locations", &tables.locations, put_location);
    rows(out, "notes", &tables.notes, |row, out| {
        pack::put_str(out, row)
    });
    rows(out, "gaps", &tables.gaps, |row, out| {
        pack::put_array(out, 3);
        pack::put_str(out, &row.kind);
        pack::put_str(out, &row.subject);
        pack::put_int(out, i64::from(row.thread));
    });
    rows(out, "stacks", &tables.stacks, |row, out| ints(out, row));
}

/// Append rows of the table of strings, which may go on between blocks of events.
pub fn write_strings(out: &mut Vec<u8>, strings: &[Vec<u8>]) {
    rows(out, "strings", strings, |row, out| pack::put_text(out, row));
}

fn rows<T>(out: &mut Vec<u8>, kind: &str, table: &[T], put: impl Fn(&T, &mut Vec<u8>)) {
    let mut left = table;
    loop {
        let mut body = Vec::new();
        let mut n = 0;
        for row in left.iter().take(BLOCK_ROWS) {
            put(row, &mut body);
            n += 1;
            if body.len() > BLOCK_BYTES {
                break;
            }
        }
        let mut payload = Vec::with_capacity(body.len() + 5);
        pack::put_array(&mut payload, n);
        payload.extend_from_slice(&body);
        block::write(out, kind, None, n, &payload);
        left = &left[n..];
        if left.is_empty() {
            return;
        }
    }
}

fn ints(out: &mut Vec<u8>, values: &[u32]) {
    pack::put_array(out, values.len());
    for value in values {
        pack::put_int(out, i64::from(*value));
    }
}

fn put_process(row: &Process, out: &mut Vec<u8>) {
    pack::put_array(out, 6);
    pack::put_str(out, &row.path);
    pack::put_int(out, row.pid as i64);
    match row.exit_status {
        Some(status) => pack::put_int(out, status),
        None => pack::put_nil(out),
    }
    pack::put_int(out, i64::from(row.parent));
    pack::put_str(out, &row.method);
    pack::put_str(out, &row.name);
}

fn put_thread(row: &Thread, out: &mut Vec<u8>) {
    pack::put_array(out, 8);
    pack::put_str(out, &row.path);
    pack::put_str(out, &row.name);
    pack::put_int(out, i64::from(row.process));
    pack::put_int(out, i64::from(row.parent));
    pack::put_bool(out, row.daemon);
    pack::put_bool(out, row.internal);
    pack::put_int(out, row.ident as i64);
    pack::put_int(out, i64::from(row.native_id));
}

fn put_site(row: &Site, out: &mut Vec<u8>) {
    pack::put_array(out, if row.regardless.is_empty() { 10 } else { 11 });
    for value in [
        row.file,
        row.line,
        row.column,
        row.end_line,
        row.end_column,
        row.function,
        row.text,
    ] {
        pack::put_int(out, i64::from(value));
    }
    pack::put_bool(out, row.opaque);
    ints(out, &row.sources);
    ints(out, &row.guards);
    if !row.regardless.is_empty() {
        ints(out, &row.regardless);
    }
}

fn put_location(row: &Location, out: &mut Vec<u8>) {
    pack::put_array(out, if row.holds == 0 { 5 } else { 6 });
    for value in [u32::from(row.kind), row.object, row.module, row.name] {
        pack::put_int(out, i64::from(value));
    }
    put_key(out, &row.key);
    if row.holds != 0 {
        pack::put_int(out, i64::from(row.holds));
    }
}

/// A value on its own: `[tag]`, `[tag, value]` or `[tag, type, object]`.
fn put_key(out: &mut Vec<u8>, key: &Value) {
    let entries = match key {
        Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Bytes(_) => 1,
        Value::Ref(..) => 2,
        _ => 0,
    };
    pack::put_array(out, 1 + entries);
    pack::put_int(out, i64::from(tag_of(key)));
    match key {
        Value::Int(value) => pack::put_int(out, *value),
        Value::Float(value) => pack::put_float(out, *value),
        Value::Str(id) | Value::Bytes(id) => pack::put_int(out, i64::from(*id)),
        Value::Ref(kind, object) => {
            pack::put_int(out, i64::from(*kind));
            pack::put_int(out, i64::from(*object));
        }
        _ => {}
    }
}

/// Names of the tables, in the order of the file.
pub const KINDS: [&str; 9] = [
    "strings",
    "processes",
    "threads",
    "sites",
    "objects",
    "locations",
    "notes",
    "gaps",
    "stacks",
];

/// How many of them every file has: older ones have no gaps and no stacks.
pub const NEEDED: usize = 7;

/// Append the rows of a block to the table it belongs to; how many ids of others are listed in them.
pub fn read(kind: &str, n: usize, payload: &[u8], tables: &mut Tables) -> Result<usize> {
    let mut listed = 0;
    let mut unpacker = Unpacker::new(payload);
    let u = &mut unpacker;
    u.array_of(n)?;
    for _ in 0..n {
        match kind {
            "strings" => tables.strings.push(u.text()?.to_vec()),
            "processes" => tables.processes.push(process(u)?),
            "threads" => tables.threads.push(thread(u)?),
            "sites" => {
                let row = site(u)?;
                listed += row.sources.len() + row.guards.len();
                tables.sites.push(row);
            }
            "objects" => tables.objects.push(object(u)?),
            "locations" => tables.locations.push(location(u)?),
            "notes" => tables.notes.push(u.str()?),
            "stacks" => {
                let row = ids(u)?;
                listed += row.len();
                tables.stacks.push(row);
            }
            _ => tables.gaps.push(gap(u)?),
        }
    }
    if !unpacker.at_end() {
        return Err(FileError::bad(format!(
            "the table {kind} has too many rows"
        )));
    }
    Ok(listed)
}

fn process(u: &mut Unpacker) -> Result<Process> {
    let fields = u.array()?;
    if fields != 3 && fields != 6 {
        return Err(FileError::bad("a process has too few or too many fields"));
    }
    // Older traces have three fields.
    let more = fields == 6;
    Ok(Process {
        path: u.str()?,
        pid: u.uint()?,
        exit_status: if u.nil()? { None } else { Some(u.int()?) },
        parent: if more { u.uint()? } else { 0 },
        method: if more { u.str()? } else { String::new() },
        name: if more { u.str()? } else { String::new() },
    })
}

fn thread(u: &mut Unpacker) -> Result<Thread> {
    let fields = u.array()?;
    if ![5, 6, 8].contains(&fields) {
        return Err(FileError::bad("a thread has too few or too many fields"));
    }
    Ok(Thread {
        path: u.str()?,
        name: u.str()?,
        process: u.uint()?,
        parent: u.uint()?,
        daemon: u.bool()?,
        // Older traces have no such fields.
        internal: fields > 5 && u.bool()?,
        ident: if fields > 6 { u.uint()? } else { 0 },
        native_id: if fields > 6 { u.uint()? } else { 0 },
    })
}

fn gap(u: &mut Unpacker) -> Result<Gap> {
    u.array_of(3)?;
    Ok(Gap {
        kind: u.str()?,
        subject: u.str()?,
        thread: u.uint()?,
    })
}

pub fn ids(u: &mut Unpacker) -> Result<Vec<u32>> {
    let len = u.array()?;
    (0..len).map(|_| u.uint()).collect()
}

fn site(u: &mut Unpacker) -> Result<Site> {
    let fields = u.array()?;
    let mut site = site_fields(u)?;
    match fields {
        10 => {}
        11 => site.regardless = ids(u)?,
        _ => return Err(FileError::bad(format!("a site of {fields} fields"))),
    }
    Ok(site)
}

/// The fields of a site in the order that a trace's table and a spool's definition share.
pub fn site_fields(u: &mut Unpacker) -> Result<Site> {
    Ok(Site {
        file: u.uint()?,
        line: u.uint()?,
        column: u.uint()?,
        end_line: u.uint()?,
        end_column: u.uint()?,
        function: u.uint()?,
        text: u.uint()?,
        opaque: u.bool()?,
        sources: ids(u)?,
        guards: ids(u)?,
        regardless: Vec::new(),
    })
}

fn object(u: &mut Unpacker) -> Result<Object> {
    u.array_of(5)?;
    Ok(Object {
        kind: u.uint()?,
        label: u.uint()?,
        thread: u.uint()?,
        index: u.uint()?,
        site: u.uint()?,
    })
}

fn location(u: &mut Unpacker) -> Result<Location> {
    let fields = u.array()?;
    if !(5..=6).contains(&fields) {
        return Err(FileError::bad("a location has too few or too many fields"));
    }
    let kind = u.uint()?;
    if !(ops::location::GLOBAL..=ops::location::CELL).contains(&kind) {
        return Err(FileError::bad(format!(
            "location kind {kind} is out of range"
        )));
    }
    Ok(Location {
        kind,
        object: u.uint()?,
        module: u.uint()?,
        name: u.uint()?,
        key: key(u)?,
        holds: if fields > 5 { u.uint()? } else { 0 },
    })
}

fn key(u: &mut Unpacker) -> Result<Value> {
    let len = u.array()?;
    let tag: u8 = u.uint()?;
    let key = match tag {
        tag::ABSENT => Value::Absent,
        tag::NONE => Value::None,
        tag::FALSE => Value::Bool(false),
        tag::TRUE => Value::Bool(true),
        tag::INT => Value::Int(u.int()?),
        tag::FLOAT => Value::Float(u.float()?),
        tag::STR => Value::Str(u.uint()?),
        tag::BYTES => Value::Bytes(u.uint()?),
        tag::REF => Value::Ref(u.uint()?, u.uint()?),
        _ => return Err(FileError::bad(format!("tag {tag} is out of range"))),
    };
    let entries = 1 + usize::from(tag >= tag::INT) + usize::from(tag == tag::REF);
    if len != entries {
        return Err(FileError::bad("a location has a malformed key"));
    }
    Ok(key)
}

/// Every id in every row must be 0 or that of a row; a thread comes after its parent.
pub fn check(tables: &Tables) -> Result<()> {
    let within = |what: &str, id: u32, rows: usize| {
        if id as usize > rows {
            return Err(FileError::bad(format!("{what} {id} is out of range")));
        }
        Ok(())
    };
    let string = |id| within("string", id, tables.strings.len());
    let object = |id| within("object", id, tables.objects.len());
    for (i, process) in tables.processes.iter().enumerate() {
        within("parent process", process.parent, i)?;
    }
    for (i, thread) in tables.threads.iter().enumerate() {
        within("parent thread", thread.parent, i)?;
        within("process", thread.process, tables.processes.len())?;
        if thread.process == 0 {
            return Err(FileError::bad("a thread has no process"));
        }
    }
    for gap in &tables.gaps {
        within("thread", gap.thread, tables.threads.len())?;
    }
    for site in &tables.sites {
        for id in [site.file, site.function, site.text] {
            string(id)?;
        }
        for id in [&site.sources, &site.guards, &site.regardless]
            .into_iter()
            .flatten()
        {
            within("site", *id, tables.sites.len())?;
        }
    }
    for id in tables.stacks.iter().flatten() {
        within("site", *id, tables.sites.len())?;
    }
    for row in &tables.objects {
        string(row.kind)?;
        string(row.label)?;
        within("thread", row.thread, tables.threads.len())?;
        within("site", row.site, tables.sites.len())?;
    }
    for row in &tables.locations {
        object(row.object)?;
        object(row.holds)?;
        string(row.module)?;
        string(row.name)?;
        match row.key {
            Value::Str(id) | Value::Bytes(id) => string(id)?,
            Value::Ref(kind, id) => {
                string(kind)?;
                object(id)?;
            }
            _ => {}
        }
    }
    Ok(())
}

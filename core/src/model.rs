//! A loaded trace: tables and events, as the file has them and as the analyses read them.
//!
//! Every id counts from 1 within its table; 0 means "none". Sequence numbers count from 1 too.

/// A recorded value. Only small, inert values are kept; `Ref` stands for anything else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    Absent,
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A string id.
    Str(u32),
    /// A string id; the "string" holds the bytes.
    Bytes(u32),
    /// A type name (string id) and an object number (0 if unknown).
    Ref(u32, u32),
}

/// One event. `t` is in ns from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    pub seq: u64,
    pub t: u64,
    pub thread: u32,
    /// A location id for accesses (`op <= ops::ITERATE`), else an object id.
    pub target: u32,
    pub site: u32,
    /// Who called the code that made it; 0 if that is not known, or nobody of the program.
    pub stack: u32,
    pub op: u8,
    pub outcome: u8,
    pub flags: u8,
    /// The event that let this one happen; 0 if none is known.
    pub link: u64,
    pub value: Value,
}

/// How a process is made that another one becomes.
pub const EXEC: &str = "exec";

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    pub path: String,
    pub pid: u64,
    /// Negative for a signal.
    pub exit_status: Option<i64>,
    /// The process that made it; 0 for the first.
    pub parent: u32,
    /// "fork", "spawn", "forkserver", "subprocess" or `EXEC`; empty for the first.
    pub method: String,
    /// What the program calls it: "MainProcess", "Process-1".
    pub name: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thread {
    pub path: String,
    pub name: String,
    pub process: u32,
    pub parent: u32,
    pub daemon: bool,
    /// Whether the standard library made it for itself.
    pub internal: bool,
    /// What the program and the kernel knew it by; 0: not known.
    pub ident: u64,
    pub native_id: u32,
}

/// `line`, `column`… count from 1. `sources` are the read sites that flow into a write here,
/// `guards` the read sites in the tests that this site depends on. `regardless`, of a call that may end
/// without what it waits for: the sites of its function that are reached whatever came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Site {
    pub file: u32,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
    pub function: u32,
    pub text: u32,
    pub opaque: bool,
    pub sources: Vec<u32>,
    pub guards: Vec<u32>,
    pub regardless: Vec<u32>,
}

/// A primitive or container; for `kind` "Thread", `thread` is the thread it *is*, for any other
/// kind the one that made it. `index` counts the objects of that kind made by that thread.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    pub kind: u32,
    pub label: u32,
    pub thread: u32,
    pub index: u32,
    pub site: u32,
}

/// A shared variable. `module` and `name` are string ids; `key` is the key of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    pub kind: u8,
    pub object: u32,
    pub module: u32,
    pub name: u32,
    pub key: Value,
    /// An object that is known to lie there though no event says so; 0 if there is none.
    pub holds: u32,
}

/// Something of the run that is not in the events: `kind` says what, `subject` names it, and the
/// thread did it (0: no certain one).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Gap {
    pub kind: String,
    pub subject: String,
    pub thread: u32,
}

/// Everything of a trace but its events and its header. Row `i` has the id `i + 1`.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    pub strings: Vec<Vec<u8>>,
    pub processes: Vec<Process>,
    pub threads: Vec<Thread>,
    pub sites: Vec<Site>,
    pub objects: Vec<Object>,
    pub locations: Vec<Location>,
    /// What the recorder had to say: a file that was not rewritten, a disk that was full …
    pub notes: Vec<String>,
    pub gaps: Vec<Gap>,
    /// The sites of the callers of an event's code, from the innermost out.
    pub stacks: Vec<Vec<u32>>,
}

/// Whether the value is this text.
pub fn is_word(tables: &Tables, value: Value, word: &[u8]) -> bool {
    let Value::Str(id) = value else {
        return false;
    };
    let text = tables.strings.get((id as usize).wrapping_sub(1));
    text.is_some_and(|text| text == word)
}

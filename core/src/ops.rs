//! Op, outcome and location-kind codes. They are those of the trace file and of `tracer.ops`;
//! a test holds the two lists against each other.

pub const READ: u8 = 1;
pub const WRITE: u8 = 2;
pub const DELETE: u8 = 3;
pub const UPDATE: u8 = 4;
pub const ITERATE: u8 = 5;
pub const START: u8 = 10;
pub const BEGIN: u8 = 11;
pub const END: u8 = 12;
pub const JOIN: u8 = 13;
pub const OBSERVE: u8 = 14;
pub const REQUEST: u8 = 15;
pub const TERMINATE: u8 = 16;
pub const LOOK: u8 = 18;
pub const ACQUIRE: u8 = 20;
pub const RELEASE: u8 = 21;
pub const WAIT: u8 = 22;
pub const NOTIFY: u8 = 23;
pub const SET: u8 = 24;
pub const CLEAR: u8 = 25;
pub const IS_SET: u8 = 26;
pub const ARRIVE: u8 = 27;
pub const RESET: u8 = 28;
pub const ABORT: u8 = 29;
pub const PUT: u8 = 30;
pub const GET: u8 = 31;
pub const TASK_DONE: u8 = 32;
pub const QSIZE: u8 = 33;
pub const EMPTY: u8 = 34;
pub const FULL: u8 = 35;
pub const SHUTDOWN: u8 = 36;
pub const SLEEP: u8 = 40;
pub const WAKE: u8 = 41;
pub const OUTPUT: u8 = 42;
pub const FIRE: u8 = 43;
pub const CANCEL: u8 = 44;
pub const INPUT: u8 = 45;
pub const STEP: u8 = 46;
pub const SEND: u8 = 50;
pub const RECV: u8 = 51;
pub const POLL: u8 = 52;
pub const CLOSE: u8 = 53;
pub const OPEN: u8 = 54;
pub const SUBMIT: u8 = 60;
pub const RUN: u8 = 61;
pub const FINISH: u8 = 62;
pub const CALLBACK: u8 = 63;
pub const RESULT: u8 = 64;
pub const CALL: u8 = 70;
pub const EXECUTE: u8 = 71;
pub const RETURN: u8 = 72;

/// Every op with its name, as the file's header lists them.
pub const ALL: &[(&str, u8)] = &[
    ("read", READ),
    ("write", WRITE),
    ("delete", DELETE),
    ("update", UPDATE),
    ("iterate", ITERATE),
    ("start", START),
    ("begin", BEGIN),
    ("end", END),
    ("join", JOIN),
    ("observe", OBSERVE),
    ("request", REQUEST),
    ("terminate", TERMINATE),
    ("look", LOOK),
    ("acquire", ACQUIRE),
    ("release", RELEASE),
    ("wait", WAIT),
    ("notify", NOTIFY),
    ("set", SET),
    ("clear", CLEAR),
    ("is_set", IS_SET),
    ("arrive", ARRIVE),
    ("reset", RESET),
    ("abort", ABORT),
    ("put", PUT),
    ("get", GET),
    ("task_done", TASK_DONE),
    ("qsize", QSIZE),
    ("empty", EMPTY),
    ("full", FULL),
    ("shutdown", SHUTDOWN),
    ("sleep", SLEEP),
    ("wake", WAKE),
    ("output", OUTPUT),
    ("fire", FIRE),
    ("cancel", CANCEL),
    ("input", INPUT),
    ("step", STEP),
    ("send", SEND),
    ("recv", RECV),
    ("poll", POLL),
    ("close", CLOSE),
    ("open", OPEN),
    ("submit", SUBMIT),
    ("run", RUN),
    ("finish", FINISH),
    ("callback", CALLBACK),
    ("result", RESULT),
    ("call", CALL),
    ("execute", EXECUTE),
    ("return", RETURN),
];

/// Whether there is such an op.
#[inline]
pub fn is_known(code: u8) -> bool {
    KNOWN[code as usize]
}

const KNOWN: [bool; 256] = {
    let mut known = [false; 256];
    let mut i = 0;
    while i < ALL.len() {
        known[ALL[i].1 as usize] = true;
        i += 1;
    }
    known
};

pub mod outcome {
    pub const OK: u8 = 0;
    pub const TIMED_OUT: u8 = 1;
    pub const INTERRUPTED: u8 = 2;
    pub const WOULD_BLOCK: u8 = 3;
    pub const BROKEN: u8 = 4;
    pub const RAISED: u8 = 5;
    pub const BOUNDED: u8 = 6;
}

pub mod location {
    pub const GLOBAL: u8 = 1;
    pub const ATTRIBUTE: u8 = 2;
    pub const ITEM: u8 = 3;
    pub const CONTENTS: u8 = 4;
    pub const CELL: u8 = 5;
}

/// Flags of an event.
pub mod flag {
    /// An item write that changed the container's set of keys.
    pub const STRUCTURAL: u8 = 1;
    /// The write of an augmented assignment, directly after its read.
    pub const AUGMENTED: u8 = 2;
    /// An item of a sequence: which one has this index depends on what is before it.
    pub const INDEXED: u8 = 4;
    /// The index was counted from the end, so it depends on the length.
    pub const FROM_END: u8 = 8;
    /// Of an OUTPUT: the text has no end of a line at its end.
    pub const UNENDED: u8 = 1;
    /// Of an OUTPUT: it goes to stderr.
    pub const ERROR: u8 = 2;
}

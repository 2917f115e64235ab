//! The definitions log of one process, `pK.defs`.

use rustc_hash::FxHashMap;

use super::flows::Row;
use crate::fileformat::pack::{Result, Unpacker};
use crate::fileformat::{tables, FileError};
use crate::model::{Gap, Object, Site, Thread};

/// Ids beyond this are taken for damage: tables are indexed by id.
const MAX_ID: u32 = 1 << 26;

/// The key of an item as the log has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Vec<u8>),
    Bytes(Vec<u8>),
    Ref(u32, u32),
}

#[derive(Clone, Debug)]
pub struct LocationRow {
    pub kind: u8,
    pub object: u32,
    pub module: u32,
    pub name: u32,
    pub key: Key,
    pub holds: u32,
}

/// What a process said of itself, or its parent of it.
#[derive(Clone, Debug, Default)]
pub struct Birth {
    pub path: String,
    pub pid: u64,
    pub method: String,
    pub name: String,
}

/// What a process tells of one that it has made.
#[derive(Debug)]
pub struct Child {
    pub birth: Birth,
    /// How it ended, if the process waited for it.
    pub status: Option<i64>,
}

/// From which process a forked one goes on with the strings, sites and flows, and how many of each.
#[derive(Clone, Copy, Debug)]
pub struct Inherited {
    pub process: u32,
    pub strings: u32,
    pub sites: u32,
    pub flows: u32,
}

/// What a process defined; every id is that process's own.
#[derive(Debug, Default)]
pub struct Definitions {
    pub strings: FxHashMap<u32, Vec<u8>>,
    pub sites: FxHashMap<u32, Site>,
    /// The sites of the callers, from the innermost out.
    pub stacks: FxHashMap<u32, Vec<u32>>,
    /// Of a site that stands for another with a stack: that site, and the stack.
    pub called: FxHashMap<u32, (u32, u32)>,
    pub objects: FxHashMap<u32, Object>,
    pub locations: FxHashMap<u32, LocationRow>,
    pub threads: FxHashMap<u32, Thread>,
    /// The idents and native ids of threads that have begun.
    pub idents: FxHashMap<u32, (u64, u32)>,
    /// Of each shared object, what it is called in all processes, a string id.
    pub shared: FxHashMap<u32, u32>,
    pub birth: Option<Birth>,
    pub flows: Vec<Row>,
    pub inherited: Option<Inherited>,
    pub children: Vec<Child>,
    pub notes: Vec<String>,
    pub gaps: Vec<Gap>,
    /// Whether the log ends in the middle of an entry, or holds one that makes no sense.
    pub damaged: bool,
}

impl Definitions {
    /// Read a log as far as it goes.
    pub fn read(log: &[u8]) -> Definitions {
        Definitions::read_until(log, |_| false)
    }

    /// The path of the process, which its log begins with.
    pub fn path(log: &[u8]) -> Option<String> {
        let beginning = Definitions::read_until(log, |definitions| definitions.birth.is_some());
        beginning.birth.map(|birth| birth.path)
    }

    fn read_until(log: &[u8], done: impl Fn(&Definitions) -> bool) -> Definitions {
        let mut definitions = Definitions::default();
        let mut rest = log;
        while let Some((length, tail)) = rest.split_first_chunk::<4>() {
            let length = u32::from_le_bytes(*length) as usize;
            if length == 0 || done(&definitions) {
                return definitions;
            }
            let Some(entry) = tail.get(..length) else {
                break;
            };
            definitions.damaged |= definitions.take(entry).is_err();
            rest = &tail[length..];
        }
        definitions.damaged |= rest.iter().any(|&byte| byte != 0);
        definitions
    }

    fn take(&mut self, entry: &[u8]) -> Result<()> {
        let mut unpacker = Unpacker::new(entry);
        let u = &mut unpacker;
        let fields = u.array()?;
        match u.int()? {
            1 => {
                self.strings.insert(id(u)?, u.text()?.to_vec());
            }
            2 => {
                self.sites.insert(id(u)?, tables::site_fields(u)?);
            }
            3 => {
                let id = id(u)?;
                let object = Object {
                    kind: u.uint()?,
                    label: u.uint()?,
                    thread: u.uint()?,
                    index: u.uint()?,
                    site: u.uint()?,
                };
                self.objects.insert(id, object);
            }
            4 => {
                let id = id(u)?;
                let location = LocationRow {
                    kind: u.uint()?,
                    object: u.uint()?,
                    module: u.uint()?,
                    name: u.uint()?,
                    key: key(u)?,
                    holds: if fields > 7 { u.uint()? } else { 0 },
                };
                self.locations.insert(id, location);
            }
            5 => {
                let id = id(u)?;
                let thread = Thread {
                    path: u.str()?,
                    name: u.str()?,
                    process: 0,
                    parent: u.uint()?,
                    daemon: u.bool()?,
                    internal: fields > 6 && u.bool()?,
                    ..Thread::default()
                };
                self.threads.insert(id, thread);
            }
            6 => self.birth = Some(birth(u)?),
            7 => self.notes.push(u.str()?),
            8 => {
                self.shared.insert(id(u)?, u.uint()?);
            }
            9 => {
                self.inherited = Some(Inherited {
                    process: u.uint()?,
                    strings: u.uint()?,
                    sites: u.uint()?,
                    flows: if fields > 4 { u.uint()? } else { 0 },
                })
            }
            10 => {
                let (pid, status) = (u.uint::<u64>()?, u.int()?);
                // A pid may be that of several children, one after the other.
                let mut children = self.children.iter_mut().rev();
                if let Some(child) = children.find(|child| child.birth.pid == pid) {
                    child.status = Some(status);
                }
            }
            11 => self.children.push(Child {
                birth: birth(u)?,
                status: None,
            }),
            12 => self.gaps.push(Gap {
                kind: u.str()?,
                subject: u.str()?,
                thread: u.uint()?,
            }),
            13 => self.flows.push(Row::flow(u)?),
            14 => self.flows.push(Row::mentioned(u)?),
            15 => self.flows.push(Row::counting(u)?),
            16 => self.flows.push(Row::bodies(u)?),
            20 => {
                self.stacks.insert(id(u)?, tables::ids(u)?);
            }
            21 => {
                self.called.insert(id(u)?, (u.uint()?, u.uint()?));
            }
            22 => {
                self.idents.insert(id(u)?, (u.uint()?, u.uint()?));
            }
            kind => return Err(FileError::bad(format!("definition kind {kind}"))),
        }
        Ok(())
    }
}

fn id(u: &mut Unpacker) -> Result<u32> {
    let id = u.uint()?;
    if id == 0 || id > MAX_ID {
        return Err(FileError::bad(format!("id {id} is out of range")));
    }
    Ok(id)
}

fn birth(u: &mut Unpacker) -> Result<Birth> {
    Ok(Birth {
        path: u.str()?,
        pid: u.uint()?,
        method: u.str()?,
        name: u.str()?,
    })
}

fn key(u: &mut Unpacker) -> Result<Key> {
    use rmp::Marker::*;
    Ok(match u.next_marker()? {
        Null => {
            u.nil()?;
            Key::None
        }
        True | False => Key::Bool(u.bool()?),
        F32 | F64 => Key::Float(u.float()?),
        FixStr(_) | Str8 | Str16 | Str32 => Key::Str(u.text()?.to_vec()),
        Bin8 | Bin16 | Bin32 => Key::Bytes(u.text()?.to_vec()),
        FixArray(_) | Array16 | Array32 => {
            u.array_of(2)?;
            Key::Ref(u.uint()?, u.uint()?)
        }
        _ => Key::Int(u.int()?),
    })
}

//! The definitions log of one process, `pK.defs`. Texts stay in the log.

use rustc_hash::FxHashMap;

use super::flows::Row;
use crate::fileformat::pack::{Result, Unpacker};
use crate::fileformat::{tables, FileError};
use crate::model::{Gap, Object, Site, Thread};
use crate::spool::format::Definition;

/// Ids beyond this are taken for damage: tables are indexed by id.
const MAX_ID: u32 = 1 << 26;

/// The key of an item as the log has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Key<'l> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'l [u8]),
    Bytes(&'l [u8]),
    Ref(u32, u32),
}

#[derive(Clone, Debug)]
pub struct LocationRow<'l> {
    pub kind: u8,
    pub object: u32,
    pub module: u32,
    pub name: u32,
    pub key: Key<'l>,
    pub holds: u32,
}

/// Rows by their ids, in that order once they are settled.
#[derive(Debug)]
pub struct Rows<T>(Vec<(u32, T)>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Rows(Vec::new())
    }
}

impl<T> Rows<T> {
    fn add(&mut self, id: u32, row: T) {
        self.0.push((id, row));
    }

    /// Of several rows with one id the last counts.
    fn settle(&mut self) {
        if !self.0.is_sorted_by(|(one, _), (next, _)| one < next) {
            self.0.reverse();
            self.0.sort_by_key(|(id, _)| *id);
            self.0.dedup_by_key(|(id, _)| *id);
        }
    }

    pub fn get(&self, id: u32) -> Option<&T> {
        let place = self.0.binary_search_by_key(&id, |(known, _)| *known);
        place.ok().map(|place| &self.0[place].1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.0.iter().map(|(id, row)| (*id, row))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
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
pub struct Definitions<'l> {
    pub strings: Rows<&'l [u8]>,
    pub sites: Rows<Site>,
    /// The sites of the callers, from the innermost out.
    pub stacks: FxHashMap<u32, Vec<u32>>,
    /// Of a site that stands for another with a stack: that site, and the stack.
    pub called: FxHashMap<u32, (u32, u32)>,
    pub objects: Rows<Object>,
    pub locations: Rows<LocationRow<'l>>,
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

impl<'l> Definitions<'l> {
    /// Read a log as far as it goes.
    pub fn read(log: &'l [u8]) -> Self {
        Definitions::read_until(log, |_| false)
    }

    /// The path of the process, which its log begins with.
    pub fn path(log: &'l [u8]) -> Option<String> {
        let beginning = Definitions::read_until(log, |definitions| definitions.birth.is_some());
        beginning.birth.map(|birth| birth.path)
    }

    fn read_until(log: &'l [u8], done: impl Fn(&Self) -> bool) -> Self {
        let mut definitions = Definitions::default();
        definitions.take_all(log, done);
        definitions.strings.settle();
        definitions.sites.settle();
        definitions.objects.settle();
        definitions.locations.settle();
        definitions
    }

    fn take_all(&mut self, log: &'l [u8], done: impl Fn(&Self) -> bool) {
        let mut rest = log;
        while let Some((length, tail)) = rest.split_first_chunk::<4>() {
            let length = u32::from_le_bytes(*length) as usize;
            if length == 0 || done(self) {
                return;
            }
            let Some(entry) = tail.get(..length) else {
                break;
            };
            self.damaged |= self.take(entry).is_err();
            rest = &tail[length..];
        }
        self.damaged |= rest.iter().any(|&byte| byte != 0);
    }

    fn take(&mut self, entry: &'l [u8]) -> Result<()> {
        let mut unpacker = Unpacker::new(entry);
        let u = &mut unpacker;
        let fields = u.array()?;
        let kind = u.int()?;
        let Some(kind) = Definition::of(kind) else {
            return Err(FileError::bad(format!("definition kind {kind}")));
        };
        match kind {
            Definition::String => {
                self.strings.add(id(u)?, u.text()?);
            }
            Definition::Site => {
                self.sites.add(id(u)?, tables::site_fields(u)?);
            }
            Definition::Object => {
                let id = id(u)?;
                let object = Object {
                    kind: u.uint()?,
                    label: u.uint()?,
                    thread: u.uint()?,
                    index: u.uint()?,
                    site: u.uint()?,
                };
                self.objects.add(id, object);
            }
            Definition::Location => {
                let id = id(u)?;
                let location = LocationRow {
                    kind: u.uint()?,
                    object: u.uint()?,
                    module: u.uint()?,
                    name: u.uint()?,
                    key: key(u)?,
                    holds: if fields > 7 { u.uint()? } else { 0 },
                };
                self.locations.add(id, location);
            }
            Definition::Thread => {
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
            Definition::Process => self.birth = Some(birth(u)?),
            Definition::Note => self.notes.push(u.str()?),
            Definition::Shared => {
                self.shared.insert(id(u)?, u.uint()?);
            }
            Definition::Inherited => {
                self.inherited = Some(Inherited {
                    process: u.uint()?,
                    strings: u.uint()?,
                    sites: u.uint()?,
                    flows: if fields > 4 { u.uint()? } else { 0 },
                })
            }
            Definition::Ended => {
                let (pid, status) = (u.uint::<u64>()?, u.int()?);
                // A pid may be that of several children, one after the other.
                let mut children = self.children.iter_mut().rev();
                if let Some(child) = children.find(|child| child.birth.pid == pid) {
                    child.status = Some(status);
                }
            }
            Definition::Child => self.children.push(Child {
                birth: birth(u)?,
                status: None,
            }),
            Definition::Gap => self.gaps.push(Gap {
                kind: u.str()?,
                subject: u.str()?,
                thread: u.uint()?,
            }),
            Definition::Flow => self.flows.push(Row::flow(u)?),
            Definition::Mentioned => self.flows.push(Row::mentioned(u)?),
            Definition::Counting => self.flows.push(Row::counting(u)?),
            Definition::Bodies => self.flows.push(Row::bodies(u)?),
            Definition::Stack => {
                self.stacks.insert(id(u)?, tables::ids(u)?);
            }
            Definition::Called => {
                self.called.insert(id(u)?, (u.uint()?, u.uint()?));
            }
            Definition::Ident => {
                self.idents.insert(id(u)?, (u.uint()?, u.uint()?));
            }
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

fn key<'l>(u: &mut Unpacker<'l>) -> Result<Key<'l>> {
    use rmp::Marker::*;
    Ok(match u.next_marker()? {
        Null => {
            u.nil()?;
            Key::None
        }
        True | False => Key::Bool(u.bool()?),
        F32 | F64 => Key::Float(u.float()?),
        FixStr(_) | Str8 | Str16 | Str32 => Key::Str(u.text()?),
        Bin8 | Bin16 | Bin32 => Key::Bytes(u.text()?),
        FixArray(_) | Array16 | Array32 => {
            u.array_of(2)?;
            Key::Ref(u.uint()?, u.uint()?)
        }
        _ => Key::Int(u.int()?),
    })
}

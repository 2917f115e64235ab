//! Whether an event of this process is one of the recorded run's. The rows of a trace have numbers
//! of their own, so what two numbers stand for is compared when they first meet; from then on the
//! numbers are.

use super::names::{Names, ObjectName};
use super::script::Script;
use crate::model::{Event, Value};
use crate::ops::{self, location};
use crate::record::buffer::Made;
use crate::record::keys::Key;
use crate::record::values;
use rustc_hash::FxHashMap;

/// Numbers of this process and those of the trace that stand for the same.
#[derive(Default)]
struct Pairs {
    /// By the number here, that of the trace; 0: not met yet.
    theirs: Vec<u32>,
    /// By the number of the trace, that here.
    ours: Vec<u32>,
}

fn at(numbers: &mut Vec<u32>, number: u32) -> &mut u32 {
    let index = number as usize;
    if numbers.len() <= index {
        numbers.resize(index + 1, 0);
    }
    &mut numbers[index]
}

impl Pairs {
    /// Whether the two are a pair; None if neither has met another.
    #[inline(always)]
    fn are(&self, here: u32, there: u32) -> Option<bool> {
        match self.theirs.get(here as usize) {
            Some(&known) if known != 0 => Some(known == there),
            _ if here == 0 || there == 0 => Some(here == there),
            _ => match self.ours.get(there as usize) {
                Some(&known) if known != 0 => Some(false),
                _ => None,
            },
        }
    }

    fn add(&mut self, here: u32, there: u32) {
        *at(&mut self.theirs, here) = there;
        *at(&mut self.ours, there) = here;
    }
}

/// A place in the source: a file's name without its folders, which may have been moved, and a line,
/// or, where lines may have moved too, a function.
type PlaceName = (Vec<u8>, Vec<u8>);

#[derive(Default)]
pub struct Likeness {
    objects: Pairs,
    locations: Pairs,
    /// By number, of the sites here and of the trace, the number of the place; 0: not asked yet.
    places_here: Vec<u32>,
    places_there: Vec<u32>,
    places: FxHashMap<PlaceName, u32>,
    /// What is added to an event's index to make its sequence number here.
    distance: u64,
    /// The program may have been edited: sites are known by their function, objects by their names,
    /// and values may be others.
    loose: bool,
}

impl Likeness {
    pub fn new(loose: bool) -> Likeness {
        Likeness {
            loose,
            ..Likeness::default()
        }
    }

    /// Objects and locations are numbered anew, and so are those of the trace that are meant.
    pub fn forget(&mut self) {
        (self.objects, self.locations) = (Pairs::default(), Pairs::default());
    }

    /// An event was made with this sequence number, as the one at the index.
    pub fn made(&mut self, seq: u64, index: u64) {
        self.distance = seq.wrapping_sub(index);
    }

    /// The sequence number here of the event at the index.
    pub fn number(&self, index: u64) -> u64 {
        index.wrapping_add(self.distance)
    }

    /// Whether the two are the same event but for their threads. `site` is None if it is not known
    /// here, `position` the index that the event has here.
    #[inline]
    pub fn same(
        &mut self,
        names: &impl Names,
        script: &Script,
        event: &Event,
        made: &Made,
        site: Option<u32>,
        position: u64,
    ) -> bool {
        if event.op != made.op
            || !self.same_target(names, script, event, made)
            || site.is_some_and(|site| !self.same_site(names, script, site, event.site))
        {
            return false;
        }
        self.loose
            || event.outcome << 4 | event.flags == made.low
                && self.same_value(names, script, event, made, position)
    }

    #[inline(always)]
    fn same_target(
        &mut self,
        names: &impl Names,
        script: &Script,
        event: &Event,
        made: &Made,
    ) -> bool {
        if event.op <= ops::ITERATE {
            self.same_location(names, script, made.target, event.target)
        } else {
            self.same_object(names, script, made.target, event.target)
        }
    }

    /// Whether the numbers are a pair of the table; where neither has met another, `alike` says whether
    /// they become one.
    #[inline(always)]
    fn paired(
        &mut self,
        table: fn(&mut Likeness) -> &mut Pairs,
        here: u32,
        there: u32,
        alike: impl FnOnce(&mut Likeness) -> bool,
    ) -> bool {
        if let Some(known) = table(self).are(here, there) {
            return known;
        }
        let same = alike(self);
        if same {
            table(self).add(here, there);
        }
        same
    }

    /// Whether the numbers stand for the same object.
    #[inline]
    pub fn same_object(
        &mut self,
        names: &impl Names,
        script: &Script,
        here: u32,
        there: u32,
    ) -> bool {
        self.paired(
            |one| &mut one.objects,
            here,
            there,
            |one| match names.object(here) {
                Some(ours) => one.objects_alike(&ours, script, there),
                None => false,
            },
        )
    }

    /// Whether what tells the object from others tells that of the trace, too.
    #[cold]
    fn objects_alike(&self, ours: &ObjectName<'_>, script: &Script, there: u32) -> bool {
        let theirs = &script.tables().objects[there as usize - 1];
        // What processes share has its name from the process that made it.
        let mut same = ours.kind.is_empty() || ours.kind == script.string(theirs.kind);
        let by_label = !ours.label.is_empty() && theirs.label != 0;
        if same && ours.thread == 0 && by_label || self.loose && by_label {
            same &= ours.label == script.string(theirs.label);
        } else if same && !ours.kind.is_empty() && !ours.shared.starts_with(ours.kind) {
            // Of what goes by a name the trace says who made it, not who attached to it.
            let thread = ours.path.as_deref().map_or(0, |path| script.thread(path));
            // Of what was made before the fork of this process it is not known who made it.
            same = (ours.thread == 0 || thread == theirs.thread)
                && (ours.index == theirs.index || self.loose);
        }
        same
    }

    #[inline(always)]
    fn same_location(
        &mut self,
        names: &impl Names,
        script: &Script,
        here: u32,
        there: u32,
    ) -> bool {
        self.paired(
            |one| &mut one.locations,
            here,
            there,
            |one| one.locations_alike(names, script, here, there),
        )
    }

    #[cold]
    fn locations_alike(
        &mut self,
        names: &impl Names,
        script: &Script,
        here: u32,
        there: u32,
    ) -> bool {
        let Some(ours) = names.location(here) else {
            return false;
        };
        let theirs = &script.tables().locations[there as usize - 1];
        let name = script.string(theirs.name);
        let text = |id| names.string(id);
        let mut same = ours.kind == theirs.kind;
        if ours.kind == location::GLOBAL {
            same &= text(ours.of) == script.string(theirs.module);
        } else {
            same = same && self.same_object(names, script, ours.of, theirs.object);
        }
        same && match (ours.key, theirs.key) {
            (Key::Name(id), _) => text(id) == name,
            (Key::Nothing, Value::Absent) => true,
            (Key::Nil, Value::None) => true,
            (Key::Bool(here), Value::Bool(there)) => here == there,
            (Key::Int(here), Value::Int(there)) => here == there,
            (Key::Float(here), Value::Float(there)) => here == there.to_bits(),
            (Key::Str(id), Value::Str(there)) => {
                String::from_utf8_lossy(text(id)).as_bytes() == script.string(there)
            }
            (Key::Bytes(id), Value::Bytes(there)) => text(id) == script.string(there),
            (Key::Text(id), Value::Ref(there, 0)) => text(id) == script.string(there),
            (Key::Object(id, here), Value::Ref(kind, there)) => {
                text(id) == script.string(kind) && self.same_object(names, script, here, there)
            }
            _ => false,
        }
    }

    /// Whether the numbers stand for the same place in the source.
    #[inline]
    pub fn same_site(
        &mut self,
        names: &impl Names,
        script: &Script,
        here: u32,
        there: u32,
    ) -> bool {
        if here == 0 || there == 0 {
            return here == there;
        }
        self.place_here(names, here) == self.place_there(script, there)
    }

    fn place_here(&mut self, names: &impl Names, site: u32) -> u32 {
        let known = *at(&mut self.places_here, site);
        if known != 0 {
            return known;
        }
        let name = names.site(site);
        let place = self.place(name.file, name.line, name.function);
        self.places_here[site as usize] = place;
        place
    }

    fn place_there(&mut self, script: &Script, site: u32) -> u32 {
        let known = *at(&mut self.places_there, site);
        if known != 0 {
            return known;
        }
        let row = &script.tables().sites[site as usize - 1];
        let (file, function) = (script.string(row.file), script.string(row.function));
        let place = self.place(file, row.line, function);
        self.places_there[site as usize] = place;
        place
    }

    fn place(&mut self, file: &[u8], line: u32, function: &[u8]) -> u32 {
        let within = match self.loose {
            true => function.to_vec(),
            false => line.to_string().into_bytes(),
        };
        let name = file.rsplit(|&byte| byte == b'/').next().unwrap_or(file);
        let next = self.places.len() as u32 + 1;
        *self.places.entry((name.to_vec(), within)).or_insert(next)
    }

    fn same_value(
        &mut self,
        names: &impl Names,
        script: &Script,
        event: &Event,
        made: &Made,
        position: u64,
    ) -> bool {
        let bits = made.bits;
        if made.tag == values::LINK {
            // The run's own events have been those of the trace so far, so their numbers go on
            // with the same distance.
            let linked = position.wrapping_add(bits).wrapping_sub(made.seq);
            return event.link != 0 && script.position(event.link) == linked;
        }
        if event.link != 0 {
            return false;
        }
        match event.value {
            Value::Absent => made.tag == values::ABSENT,
            Value::None => made.tag == values::NONE,
            Value::Bool(value) => made.tag == if value { values::TRUE } else { values::FALSE },
            Value::Int(value) => made.tag == values::INT && bits == value as u64,
            Value::Float(value) => made.tag == values::FLOAT && bits == value.to_bits(),
            Value::Str(id) => values::is_str(made.tag) && same_text(names, script, id, made),
            Value::Bytes(id) => values::is_bytes(made.tag) && same_text(names, script, id, made),
            Value::Ref(kind, object) => {
                made.tag == values::REF
                    && names.string((bits >> 32) as u32) == script.string(kind)
                    && self.same_object(names, script, bits as u32, object)
            }
        }
    }
}

fn same_text(names: &impl Names, script: &Script, id: u32, made: &Made) -> bool {
    let word = made.bits.to_le_bytes();
    let text = values::inline(made.tag, &word).unwrap_or_else(|| names.string(made.bits as u32));
    text == script.string(id)
}

//! What a location is called: after the object that it is of.

use super::row;
use super::text as parts;
use crate::model::{Location, Tables, Value};
use crate::ops::location as kind;

/// The names of the objects of a trace, and how locations go by them.
pub struct Called<'t> {
    pub tables: &'t Tables,
    /// The module of the script's own globals.
    pub script: Option<&'t [u8]>,
    /// By id.
    pub objects: &'t [String],
}

pub fn text(tables: &Tables, id: u32) -> String {
    let bytes = row(&tables.strings, id).map_or(&b""[..], Vec::as_slice);
    parts::short(bytes)
}

impl Called<'_> {
    /// The name of a location. `whole`: the script's own globals with their module.
    pub fn location(&self, id: u32, whole: bool) -> String {
        let Some(location) = row(&self.tables.locations, id) else {
            return String::new();
        };
        let Location {
            kind, object, key, ..
        } = *location;
        let owner = self.objects.get(object as usize).map_or("", String::as_str);
        let owner = if owner.is_empty() { "?" } else { owner };
        let owner = &parts::short(owner.as_bytes());
        let name = text(self.tables, location.name);
        match kind {
            kind::GLOBAL => {
                let module = text(self.tables, location.module);
                let own = self.script.is_none_or(|own| own == module.as_bytes());
                match module.is_empty() || module == "__main__" || own && !whole {
                    true => name,
                    false => format!("{module}.{name}"),
                }
            }
            kind::ATTRIBUTE if name.is_empty() => owner.to_owned(),
            kind::ATTRIBUTE => format!("{owner}.{name}"),
            kind::ITEM => format!("{owner}[{}]", self.key(&key)),
            kind::CONTENTS => format!("{owner}[*]"),
            _ => name,
        }
    }

    fn key(&self, key: &Value) -> String {
        let bytes = |id| row(&self.tables.strings, id).map_or(&b""[..], Vec::as_slice);
        match *key {
            Value::Absent => "?".to_owned(),
            Value::None => "None".to_owned(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => parts::float(value),
            Value::Str(id) => parts::string(&text(self.tables, id)),
            Value::Bytes(id) => parts::bytes(&parts::beginning(bytes(id))),
            Value::Ref(kind, 0) => text(self.tables, kind),
            Value::Ref(kind, object) => match self.objects.get(object as usize) {
                Some(name) if !name.is_empty() => name.clone(),
                _ => format!("<{}>", text(self.tables, kind)),
            },
        }
    }
}

//! The words of a spool: what the entries of a definitions log are, what flows make, how values are
//! kept, and what gaps there are. Python's names and numbers are the same, which a test holds.

/// An enum whose variants have codes, and what a code stands for.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$doc])* $variant = $code,)*
        }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// None where that stands for nothing.
            pub fn of(code: i64) -> Option<$name> {
                match code {
                    $($code => Some($name::$variant),)*
                    _ => None,
                }
            }

            pub fn code(self) -> u8 {
                self as u8
            }
        }
    };
}

codes! {
    /// An entry of a definitions log: its first field.
    Definition {
        String = 1,
        Site = 2,
        Object = 3,
        Location = 4,
        Thread = 5,
        /// This process.
        Process = 6,
        Note = 7,
        /// The object is the same in other processes.
        Shared = 8,
        /// From which process a forked one goes on.
        Inherited = 9,
        /// A child was waited for.
        Ended = 10,
        /// A child was made.
        Child = 11,
        Gap = 12,
        Flow = 13,
        /// Functions that are not only called by their names.
        Mentioned = 14,
        /// Sites whose value rests on all that is in a container.
        Counting = 15,
        /// Acts, each with the function in whose code it is.
        Bodies = 16,
        Stack = 20,
        /// A site that stands for another one with a stack.
        Called = 21,
        /// By what numbers the program and the kernel know a thread.
        Ident = 22,
    }
}

codes! {
    /// What a flow makes.
    Role {
        Node = 0,
        /// The value that a site writes.
        Value = 1,
        /// The key or index at which it writes.
        Key = 2,
        Guards = 3,
        /// The guards of one call of a function.
        Call = 4,
        /// What a loop waits for.
        Awaited = 5,
        /// What is done whether or not a call got what it was for.
        Regardless = 6,
        /// What functions return.
        Returned = 7,
        /// Acts that are done to each part of a copy.
        Each = 8,
    }
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Role::Node => "node",
            Role::Value => "value",
            Role::Key => "key",
            Role::Guards => "guards",
            Role::Call => "call",
            Role::Awaited => "awaited",
            Role::Regardless => "regardless",
            Role::Returned => "returned",
            Role::Each => "each",
        }
    }

    /// Whether what is made is a node, or belongs to one.
    pub fn is_of_node(self) -> bool {
        matches!(self, Role::Node | Role::Call)
    }

    /// Whether what is made belongs to a site, and not to a node.
    pub fn is_of_site(self) -> bool {
        matches!(
            self,
            Role::Value | Role::Key | Role::Guards | Role::Regardless
        )
    }
}

/// How the value of a record is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    Absent,
    None,
    False,
    True,
    Int,
    Float,
    /// A string id.
    Str,
    Bytes,
    /// A type name (string id) in the high 32 bits, an object number in the low.
    Ref,
    /// The sequence number of the event that let this one happen; there is no value.
    Link,
    /// So many bytes of UTF-8, 8 at most.
    InlineStr(u8),
    InlineBytes(u8),
}

impl Tag {
    /// The largest text that lies in the record itself, in bytes.
    pub const INLINE: usize = 8;

    pub const fn code(self) -> u8 {
        match self {
            Tag::Absent => 0,
            Tag::None => 1,
            Tag::False => 2,
            Tag::True => 3,
            Tag::Int => 4,
            Tag::Float => 5,
            Tag::Str => 6,
            Tag::Bytes => 7,
            Tag::Ref => 8,
            Tag::Link => 9,
            Tag::InlineStr(size) => 16 + size,
            Tag::InlineBytes(size) => 32 + size,
        }
    }

    /// None where that stands for nothing.
    #[inline]
    pub fn of(code: u8) -> Option<Tag> {
        Some(match code {
            0 => Tag::Absent,
            1 => Tag::None,
            2 => Tag::False,
            3 => Tag::True,
            4 => Tag::Int,
            5 => Tag::Float,
            6 => Tag::Str,
            7 => Tag::Bytes,
            8 => Tag::Ref,
            9 => Tag::Link,
            16..=24 => Tag::InlineStr(code - 16),
            32..=40 => Tag::InlineBytes(code - 32),
            _ => return None,
        })
    }
}

/// A process that defines more strings or places than this may have forgotten some, and given them
/// another id when it met them again.
pub const REMEMBERED: usize = 1 << 17;

/// Of something of the run that is not in its events: what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// A thread is older than the recording, and was recorded from its first event on.
    Adopted,
    /// The program has its own `threading.excepthook`, which a thread that died has called.
    Excepthook,
    /// A turn of a greenlet, or of a task of asyncio.
    Greenlet,
    Task,
    /// A name that `--include` gives, and a module of that name that was found.
    Include,
    Included,
    /// A thread is older than the recording, and was not recorded.
    Older,
    /// The thread ran code of the program's own, or of a package, that was not recorded.
    OwnCode,
    Package,
    /// A process of a package's own making was not recorded, or a program that was started.
    Process,
    Program,
    /// Code that ran already when the recording began.
    Running,
    Subinterpreter,
}

impl Gap {
    pub const ALL: &[Gap] = &[
        Gap::Adopted,
        Gap::Excepthook,
        Gap::Greenlet,
        Gap::Task,
        Gap::Include,
        Gap::Included,
        Gap::Older,
        Gap::OwnCode,
        Gap::Package,
        Gap::Process,
        Gap::Program,
        Gap::Running,
        Gap::Subinterpreter,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Gap::Adopted => "adopted",
            Gap::Excepthook => "excepthook",
            Gap::Greenlet => "greenlet",
            Gap::Task => "task",
            Gap::Include => "include",
            Gap::Included => "included",
            Gap::Older => "older",
            Gap::OwnCode => "own-code",
            Gap::Package => "package",
            Gap::Process => "process",
            Gap::Program => "program",
            Gap::Running => "running",
            Gap::Subinterpreter => "subinterpreter",
        }
    }

    pub fn of(name: &str) -> Option<Gap> {
        Gap::ALL.iter().copied().find(|gap| gap.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::{Definition, Role, Tag};

    #[test]
    fn codes_are_read_as_they_are_written() {
        for entry in Definition::ALL {
            assert_eq!(Definition::of(i64::from(entry.code())), Some(*entry));
        }
        for role in Role::ALL {
            assert_eq!(Role::of(i64::from(role.code())), Some(*role));
        }
        let known: Vec<Tag> = (0..=u8::MAX).filter_map(Tag::of).collect();
        assert!(known.contains(&Tag::InlineBytes(8)) && known.contains(&Tag::InlineStr(0)));
        for tag in known {
            assert_eq!(Tag::of(tag.code()), Some(tag));
        }
    }
}

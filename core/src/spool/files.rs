//! The names of a spool's files.

/// The header fields that are known at the start, and those that only the end knows: JSON, by the
/// supervisor.
pub const RUN: &str = "run.json";
pub const END: &str = "end.json";
/// See `page`.
pub const PAGE: &str = "page";
/// What the controller keeps, if the run is under control.
pub const CONTROL: &str = "control";

/// What a file has of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    Definitions {
        process: u32,
    },
    /// The records of one of its threads.
    Events {
        process: u32,
        thread: u32,
    },
    /// What this thread of it, a manager's server, has done for a thread of another process.
    Delegated {
        process: u32,
        thread: u32,
        caller: (u32, u32),
    },
}

impl File {
    pub fn name(self) -> String {
        match self {
            File::Definitions { process } => format!("p{process}.defs"),
            File::Events { process, thread } => format!("p{process}.t{thread}.events"),
            File::Delegated {
                process,
                thread,
                caller: (other, its),
            } => format!("p{process}.t{thread}.p{other}.t{its}.events"),
        }
    }

    pub fn process(self) -> u32 {
        match self {
            File::Definitions { process }
            | File::Events { process, .. }
            | File::Delegated { process, .. } => process,
        }
    }

    /// None for a file of another sort.
    pub fn of(name: &str) -> Option<File> {
        let rest = name.strip_prefix('p')?;
        if let Some(process) = rest.strip_suffix(".defs") {
            let process = process.parse().ok()?;
            return Some(File::Definitions { process });
        }
        let stem = rest.strip_suffix(".events")?;
        let (own, caller) = match stem.split_once(".p") {
            Some((own, caller)) => (own, Some(thread_in(caller)?)),
            None => (stem, None),
        };
        let (process, thread) = thread_in(own)?;
        Some(match caller {
            None => File::Events { process, thread },
            Some(caller) => File::Delegated {
                process,
                thread,
                caller,
            },
        })
    }
}

/// `K.tN`: a process's index and the id of its thread.
fn thread_in(name: &str) -> Option<(u32, u32)> {
    let (process, thread) = name.split_once(".t")?;
    Some((process.parse().ok()?, thread.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::File;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let (process, thread) = (2, 31);
        for file in [
            File::Definitions { process },
            File::Events { process, thread },
            File::Delegated {
                process,
                thread,
                caller: (1, 4),
            },
        ] {
            assert_eq!(File::of(&file.name()), Some(file));
        }
        for other in ["page", "p1", "p1.t.events", "px.defs", "p1.t1.p2.events"] {
            assert_eq!(File::of(other), None);
        }
    }
}

//! What a finding can be: its rule, the kind that the rule is a pattern of, and its status. The names are
//! those of `tracer.kinds`; a test holds the two lists against each other.

/// A family of bugs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    AtomicityViolation,
    DataRace,
    Deadlock,
    LostUpdate,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::AtomicityViolation => "atomicity-violation",
            Kind::DataRace => "data-race",
            Kind::Deadlock => "deadlock",
            Kind::LostUpdate => "lost-update",
        }
    }
}

/// Whether it happened in the run, or in another order of its events only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Observed,
    Predicted,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Observed => "observed",
            Status::Predicted => "predicted",
        }
    }
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])* $rule:ident = ($kind:ident, $name:literal),)*) => {
        /// A pattern of a kind, as one engine looks for it. Findings at the same place are told in
        /// this order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[doc = $doc])* $rule,)*
        }

        impl Rule {
            pub const ALL: &[Rule] = &[$(Rule::$rule,)*];

            pub fn kind(self) -> Kind {
                match self {
                    $(Rule::$rule => Kind::$kind,)*
                }
            }

            pub fn name(self) -> &'static str {
                match self {
                    $(Rule::$rule => $name,)*
                }
            }
        }
    };
}

rules! {
    /// An act failed because of what another did; no check was before it.
    ActFailed = (AtomicityViolation, "act-failed"),
    /// A check and its act, and another that has made the same check and acts before them.
    BothAct = (AtomicityViolation, "both-act"),
    /// A check and the act that rests on it, and a change between them.
    CheckThenAct = (AtomicityViolation, "check-then-act"),
    /// A check, and an act that failed because of what another did in between.
    Failed = (AtomicityViolation, "failed"),
    /// The same of an Event: `is_set()`, and then `set()` or `clear()`.
    Flag = (AtomicityViolation, "flag"),
    /// What a lock, a barrier or a future was asked for, and what was done then.
    LookAcquire = (AtomicityViolation, "look-acquire"),
    LookBarrier = (AtomicityViolation, "look-barrier"),
    LookFuture = (AtomicityViolation, "look-future"),
    LookRelease = (AtomicityViolation, "look-release"),
    /// A variable was looked at before a wait for a Condition, without its lock.
    LostWakeup = (AtomicityViolation, "lost-wakeup"),
    /// A consumer that leaves for good when it finds the queue empty.
    QueueEmpty = (AtomicityViolation, "queue-empty"),
    /// The same of a queue whose items come when a feeder thread has sent them.
    QueueEmptyFed = (AtomicityViolation, "queue-empty-fed"),
    /// A check of a queue, and a `get` or `put` that waits then or fails.
    QueueGet = (AtomicityViolation, "queue-get"),
    QueueGetFails = (AtomicityViolation, "queue-get-fails"),
    QueuePut = (AtomicityViolation, "queue-put"),
    QueuePutFails = (AtomicityViolation, "queue-put-fails"),
    /// Two that put into a queue that each found empty.
    QueuePutTwice = (AtomicityViolation, "queue-put-twice"),
    /// Of two accesses that nothing orders, the one that comes first may find nothing yet, or no more.
    Access = (DataRace, "access"),
    /// A change of a container that another iterates over.
    Iterate = (DataRace, "iterate"),
    /// Of two plain accesses only the order is open: nothing goes wrong by itself.
    Order = (DataRace, "order"),
    /// Threads that wait for each other in a circle.
    Circle = (Deadlock, "circle"),
    /// Threads that wait for what nobody can do any more.
    Hang = (Deadlock, "hang"),
    /// A write of what was made of a value that another had overwritten meanwhile.
    LostUpdate = (LostUpdate, "lost-update"),
}

//! What the server promised and did not keep.
use std::fmt;

/// The kind of a broken promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something was done twice: a call placed, a ring or its end told.
    Doubled,
    /// Something that a client was told is gone, or is different.
    Lost,
    /// A ring ended early, late or not at all.
    Mistimed,
    /// What was mended did not serve again, or not as quickly as before.
    Stuck,
}

/// One broken promise, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) evidence: String,
    pub(crate) kind: Kind,
}

impl Violation {
    pub(crate) fn doubled(evidence: String) -> Self {
        Self { evidence, kind: Kind::Doubled }
    }

    pub(crate) fn lost(evidence: String) -> Self {
        Self { evidence, kind: Kind::Lost }
    }

    pub(crate) fn stuck(evidence: String) -> Self {
        Self { evidence, kind: Kind::Stuck }
    }

    pub(crate) fn mistimed(evidence: String) -> Self {
        Self { evidence, kind: Kind::Mistimed }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Doubled => "doubled",
            Kind::Lost => "lost",
            Kind::Mistimed => "mistimed",
            Kind::Stuck => "stuck",
        };
        write!(f, "{kind}: {}", self.evidence)
    }
}

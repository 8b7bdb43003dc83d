//! How much of one text is read.

/// How many values of one text are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Most {
    values: usize,
    pub(super) message: &'static str,
}

impl Most {
    /// A dump of 5,000 nodes has fewer, with 200 values for each.
    pub(crate) const DUMP: Self = Self {
        values: 1_000_000,
        message: "it has more than 1,000,000 values, and meshgen reads no more",
    };
    /// More than 511 clusters can have with a hundred ranges of each kind.
    pub(crate) const MESH: Self = Self {
        values: 200_000,
        message: "it has more than 200,000 values, and meshgen reads no more",
    };

    /// How many there are.
    pub(crate) const fn values(self) -> usize {
        self.values
    }

    /// Whether a message is that of one of the bounds.
    pub(super) fn is_said_by(message: &str) -> bool {
        [Self::DUMP, Self::MESH]
            .iter()
            .any(|most| most.message == message)
    }
}

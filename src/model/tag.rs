//! Tags: what users write on a group. They change nothing.

/// One tag of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its key \[1..=128 characters\].
    pub key: String,
    /// Its value \[0..=256 characters\].
    pub value: String,
    /// Whether instances launched from then on are to have it too.
    pub propagate_at_launch: bool,
}

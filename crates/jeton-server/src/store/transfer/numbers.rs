/// Numbers that a move carries beside the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Numbers {
    /// The last numbers drawn.
    pub(in crate::store) revocations: i64,
    pub(in crate::store) audit: i64,
    pub(in crate::store) accepted_from: Option<i64>,
}

use std::fmt::Display;

/// A number and what there are so many of, in the singular or the plural.
pub(super) fn counted<N>(number: N, one: &str, many: &str) -> String
where
    N: Display + PartialEq + From<u8> + Copy,
{
    let what = if number == N::from(1) { one } else { many };
    format!("{number} {what}")
}

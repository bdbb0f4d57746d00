//! Walks through the pages, from a person's first step to what they came for.

mod entrance;
mod renewal;
mod sessions;

//! Walks through the pages, from a person's first step to what they came for.

mod console;
mod entrance;
mod first_run;
mod inspect;
mod mishaps;
mod own;
mod renewal;
mod reset;
mod sessions;

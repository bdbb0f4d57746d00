//! Walks through the pages, from a person's first step to what they came for.

mod clients;
mod console;
mod docs;
mod entrance;
mod first_run;
mod inspect;
mod keys;
mod mishaps;
mod own;
mod renewal;
mod reset;
mod sessions;
mod trail;
mod users;

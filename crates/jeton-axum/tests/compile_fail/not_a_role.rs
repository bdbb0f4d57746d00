//! A function asks for a role by a type that names none.

use jeton_axum::{Authorized, HasRole};

struct Editor;

fn edit(_token: &Authorized<HasRole<Editor>>) {}

fn main() {}

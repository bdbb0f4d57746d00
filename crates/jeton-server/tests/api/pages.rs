//! Pages as a browser without script meets them: which there are, for whom, and what their forms do.

mod account;
mod console;
mod docs;
mod entrance;
mod inspect;
mod stations;

/// A flaw of the trail: something that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Flaw {
    #[error("seal {0} is missing")]
    SealMissing(i64),
    #[error("seal {0} was changed, made under another master key, or does not follow the one before it")]
    SealChanged(i64),
    #[error(
        "the events numbered {first} to {last} are not those of seal {position}: it covers {sealed}, and {found} are there. \
         One of them was changed, removed, added or moved"
    )]
    Events {
        position: i64,
        first: i64,
        last: i64,
        sealed: i64,
        found: i64,
    },
    #[error("the mark that the events of seal {0} were given up was not made under this master key")]
    MarkForged(i64),
    #[error("the events of seal {0} were given up, and those of a seal before it were not")]
    GivenUpAlone(i64),
    #[error("event {0} was changed, or written by somebody without this master key")]
    Forged(i64),
    #[error(
        "event {0} carries no proof of who wrote it, and was written after proofs began. If a node of the version before \
         ran then, look at it and run `jeton audit upgraded` once no such node is left; otherwise somebody else wrote it"
    )]
    Unproven(i64),
    #[error(
        "event {0} does not follow the last one of its writer: one between them was removed, or it was copied or moved"
    )]
    OutOfPlace(i64),
    #[error(
        "event {0} does not have the number after the one before it: an event was removed, added or moved"
    )]
    Gap(i64),
    #[error("the personal fields of event {0} are not those it was written with")]
    Personal(i64),
    #[error("the personal fields of event {0} are gone, and nobody it tells of was deleted")]
    Erased(i64),
    #[error("seal {0}, which was expected, is not there: the end of the chain was cut off")]
    CutOff(i64),
    #[error("seal {0} is not the one that was expected: the chain was made anew")]
    OtherChain(i64),
    #[error(
        "seal {0}, which was expected, was given up with its events and those after it: expect a later head"
    )]
    HeadGivenUp(i64),
    #[error(
        "everything else is as it was written, but event {0} is an alarm: a running service saw what must not happen"
    )]
    Alarm(i64),
}

use std::{
    borrow::Cow,
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use indicatif::ProgressBar;

use crate::{
    cli::{
        counted::counted,
        input, progress,
        running::{Exit, Outcome, context},
        writing::writing,
    },
    config::Config,
    model::user::User,
    service::accounts::import::{Format, Importer, Refusal, Summary, Watcher},
};

/// The exit code when rows were refused.
const SOME_REFUSED: u8 = 1;

/// The exit code when the import could not begin or not go on.
const FAILED: u8 = 2;

pub(super) const ABOUT: &str = "Import accounts with their password hashes";

pub(super) const LONG_ABOUT: &str = "Import accounts with their password hashes, from a CSV file whose first line names the columns or from a \
             file with one JSON object on each line. The columns: username, password_hash, and if there are any \
             email, roles, claims, id, created_at and disabled, also under the names Flask and Django applications \
             give them. An account that is there already is left as it is: after an interruption the same command \
             finishes the import. Ends with 0 when every row is in, with 1 when some were refused, with 2 when the \
             import could not begin or go on.";

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The user table; - is standard input
    file: String,
    /// The form of the file [default: as its name ends]
    #[arg(long, value_name = "csv|jsonl")]
    format: Option<Notation>,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the refused rows to this file, as they are: mend them there and import it
    #[arg(long, value_name = "FILE")]
    report: Option<String>,
    /// Write a CSV file of ids that are no UUIDs and the users' new ones; - is standard output
    #[arg(long, value_name = "FILE")]
    ids: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Notation {
    Csv,
    Jsonl,
}

impl From<Notation> for Format {
    fn from(notation: Notation) -> Self {
        match notation {
            Notation::Csv => Self::Csv,
            Notation::Jsonl => Self::JsonLines,
        }
    }
}

pub(super) fn run(config: &Config, arguments: &Arguments) -> Outcome {
    let summary = import(config, arguments).map_err(|error| Exit {
        code: FAILED,
        message: error.to_string(),
    })?;
    say(&summary, arguments);
    if summary.refused == 0 {
        return Ok(());
    }
    let (one, many) = if arguments.dry_run {
        ("row would be", "rows would be")
    } else {
        ("row was", "rows were")
    };
    Err(Exit {
        code: SOME_REFUSED,
        message: format!("{} refused", counted(summary.refused, one, many)),
    }
    .into())
}

fn import(config: &Config, arguments: &Arguments) -> Outcome<Summary> {
    let file = &*arguments.file;
    let format = match arguments.format {
        Some(notation) => notation.into(),
        None => format_of(file)
            .ok_or_else(|| format!("{file}: name its format with --format csv or --format jsonl"))?,
    };
    let (report, ids) = (arguments.report.as_deref(), arguments.ids.as_deref());
    if report.is_some_and(|report| is_same(report, file)) {
        return Err("the report would be written over the file itself: give it another name".into());
    }
    if ids.is_some_and(|ids| is_same(ids, file)) {
        return Err("the table of ids would be written over the file itself: give it another name".into());
    }
    let (input, length) = open(file).map_err(|error| format!("{file}: {error}"))?;
    let mut teller = Teller {
        file,
        report: report.map(Report::create).transpose()?,
        ids: ids.map(Ids::create).transpose()?,
        bar: progress::bytes(length),
    };
    let summary = writing(config, async |store| {
        let importer = Importer {
            context: context(store),
            dry_run: arguments.dry_run,
        };
        let summary = importer.run(BufReader::new(input), format, &mut teller).await;
        summary.map_err(|error| format!("{file}: {error}").into())
    });
    teller.bar.finish_and_clear();
    let summary = summary?;
    if let Some(report) = teller.report {
        report.finish()?;
    }
    if let Some(ids) = teller.ids {
        ids.finish()?;
    }
    Ok(summary)
}

fn format_of(file: &str) -> Option<Format> {
    match Path::new(file).extension()?.to_str()?.to_lowercase().as_str() {
        "csv" | "tsv" => Some(Format::Csv),
        "jsonl" | "ndjson" => Some(Format::JsonLines),
        _ => None,
    }
}

fn is_same(one: &str, other: &str) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn open(file: &str) -> io::Result<(Box<dyn Read>, Option<u64>)> {
    if file == "-" {
        input::announce("the user table");
        return Ok((Box::new(io::stdin()), None));
    }
    let file = File::open(file)?;
    let about = file.metadata()?;
    let length = about.is_file().then_some(about.len());
    Ok((Box::new(file), length))
}

/// The refused rows. They appear under their name when the import is through: until then, what is there stays.
struct Report {
    path: PathBuf,
    part: PathBuf,
    file: BufWriter<File>,
}

impl Report {
    fn create(path: &str) -> Result<Self, String> {
        let part = PathBuf::from(format!("{path}.part"));
        let file = create_private(&part).map_err(|error| format!("{}: {error}", part.display()))?;
        Ok(Self {
            path: path.into(),
            part,
            file: BufWriter::new(file),
        })
    }

    fn write(&mut self, row: &[u8]) -> io::Result<()> {
        self.file.write_all(row)?;
        if !row.is_empty() && !row.ends_with(b"\n") {
            self.file.write_all(b"\n")?;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        fs::rename(self.part, self.path)
    }
}

/// Makes a file for its owner alone: hashes or names are in it.
fn create_private(path: impl AsRef<Path>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)
}

/// The table from the ids that could not be kept to those the users have now.
struct Ids(BufWriter<Box<dyn Write>>);

impl Ids {
    fn create(path: &str) -> Result<Self, String> {
        let out: Box<dyn Write> = if path == "-" {
            Box::new(io::stdout())
        } else {
            Box::new(create_private(path).map_err(|error| format!("{path}: {error}"))?)
        };
        let mut out = BufWriter::new(out);
        writeln!(out, "old_id,id,username").map_err(|error| format!("{path}: {error}"))?;
        Ok(Self(out))
    }

    fn write(&mut self, old: &str, user: &User) -> io::Result<()> {
        let (old, username) = (quoted(old), quoted(user.username.as_str()));
        writeln!(self.0, "{old},{},{username}", user.id)
    }

    fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A field of a CSV file (RFC 4180 §2).
fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains(['"', ',', '\r', '\n']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

/// Tells whoever typed the command.
struct Teller<'a> {
    file: &'a str,
    report: Option<Report>,
    ids: Option<Ids>,
    bar: ProgressBar,
}

impl Watcher for Teller<'_> {
    fn begins(&mut self, header: &[u8]) -> io::Result<()> {
        self.report.as_mut().map_or(Ok(()), |report| report.write(header))
    }

    fn refused(&mut self, line: u64, row: &[u8], refusal: &Refusal) -> io::Result<()> {
        let file = self.file;
        self.bar.suspend(|| eprintln!("{file}:{line}: {refusal}"));
        self.report.as_mut().map_or(Ok(()), |report| report.write(row))
    }

    fn wants_ids(&self) -> bool {
        self.ids.is_some()
    }

    fn renamed(&mut self, old: &str, user: &User) -> io::Result<()> {
        self.ids.as_mut().map_or(Ok(()), |ids| ids.write(old, user))
    }

    fn done(&mut self, bytes: u64) {
        self.bar.set_position(bytes);
    }
}

/// On standard error where the table of ids is on the other.
fn say(summary: &Summary, arguments: &Arguments) {
    let ids = arguments.ids.as_deref();
    let would = if arguments.dry_run { " would be" } else { "" };
    let mut lines = vec![format!(
        "{}{would} imported, {} already there, {}{would} refused",
        summary.imported, summary.already_there, summary.refused
    )];
    if summary.new_ids > 0 {
        let table = if ids.is_none() {
            "; --ids FILE writes which, also when all are there already"
        } else {
            ""
        };
        let have = counted(summary.new_ids, "row has", "rows have");
        lines.push(format!(
            "{have} an id that is no UUID: a new one takes its place{table}"
        ));
    }
    if !summary.ignored.is_empty() {
        let names: Vec<_> = summary.ignored.iter().map(String::as_str).collect();
        lines.push(format!("columns that were not read: {}", names.join(", ")));
    }
    for line in lines {
        if ids == Some("-") {
            eprintln!("{line}");
        } else {
            println!("{line}");
        }
    }
}

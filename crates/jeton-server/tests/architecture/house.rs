//! A crate as its own `use` lines and paths tell it: files, and arrows from each to those whose names it takes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::tokens::{self, Token};

/// A module by its names from the crate down; the crate's own has none.
pub(crate) type Module = Vec<String>;

/// The files of a crate, without its unit tests, and the arrows between them.
pub(crate) struct House {
    files: BTreeMap<Module, File>,
    arrows: BTreeMap<Module, BTreeSet<Module>>,
}

#[derive(Default)]
struct File {
    /// The paths in its code, as they stand there.
    paths: BTreeSet<Vec<String>>,
    /// The names its `use` lines bring in or hand on, and what they stand for.
    names: BTreeMap<String, Vec<String>>,
    /// Those of them that are handed on.
    handed_on: BTreeSet<String>,
    /// The words of its code outside of `use` lines.
    words: BTreeSet<String>,
}

impl House {
    /// Reads the sources of a crate in this workspace.
    pub(crate) fn read(package: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(package);
        let mut texts = BTreeMap::new();
        collect(&root.join("src"), &Module::new(), &mut texts);
        let mut hidden_files = BTreeSet::new();
        for (module, text) in &mut texts {
            let (product, hidden) = without_tests(text);
            *text = product;
            hidden_files.extend(hidden.into_iter().map(|name| child(module, &name)));
        }
        texts.retain(|module, _| !hidden_files.contains(module));
        let files = texts
            .iter()
            .map(|(module, text)| (module.clone(), File::read(text)));
        let mut house = Self {
            files: files.collect(),
            arrows: BTreeMap::new(),
        };
        assert!(!house.files.is_empty(), "{package} has no sources");
        for from in house.files.keys() {
            house.arrows.insert(from.clone(), house.taken_from(from));
        }
        house
    }

    /// Every file, and those whose names it takes.
    pub(crate) const fn arrows(&self) -> &BTreeMap<Module, BTreeSet<Module>> {
        &self.arrows
    }

    /// The paths a file names, as they stand there.
    pub(crate) fn paths(&self, module: &Module) -> impl Iterator<Item = &Vec<String>> {
        let file = &self.files[module];
        file.paths.iter().chain(file.names.values())
    }

    /// The files whose names a file takes: those that make them, not those that hand them on.
    fn taken_from(&self, from: &Module) -> BTreeSet<Module> {
        let file = &self.files[from];
        let names = file
            .names
            .iter()
            .filter(|(name, _)| !file.handed_on.contains(*name) || file.words.contains(*name));
        let taken = file.paths.iter().chain(names.map(|(_, path)| path));
        taken
            .filter_map(|path| self.maker(&self.absolute(from, path)?))
            .filter(|to| *to != from)
            .cloned()
            .collect()
    }

    /// Sets of files from each of which arrows lead to every other.
    pub(crate) fn circles(&self) -> BTreeSet<Vec<String>> {
        let reached: BTreeMap<_, _> = self.files.keys().map(|from| (from, self.reached(from))).collect();
        let circle = |from: &&Module| {
            let back = |to: &&&Module| reached[**to].contains(*from);
            let circle = reached[*from].iter().filter(back);
            circle.map(|module| module.join("/")).collect::<Vec<_>>()
        };
        let circles = reached.keys().map(circle);
        circles.filter(|circle| circle.len() > 1).collect()
    }

    fn reached<'h>(&'h self, from: &'h Module) -> BTreeSet<&'h Module> {
        let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(module) = next.pop() {
            for to in &self.arrows[module] {
                if reached.insert(to) {
                    next.push(to);
                }
            }
        }
        reached
    }

    /// A path of a file from the crate down; none where it leads to another crate.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let base = match first.as_str() {
            "crate" => Module::new(),
            "self" => module.clone(),
            "super" => {
                let ups = 1 + rest.iter().take_while(|name| *name == "super").count();
                let base = &module[..module.len().checked_sub(ups)?];
                return Some([base, &rest[ups - 1..]].concat());
            }
            _ if self.files.contains_key(&child(module, first)) => child(module, first),
            name => {
                let brought = self.files[module]
                    .names
                    .get(name)
                    .filter(|brought| brought.as_slice() != path)?;
                self.absolute(module, brought)?
            }
        };
        Some([&base[..], rest].concat())
    }

    /// The file that makes what a path names. A module alone is nothing that was made: whatever is taken from it counts.
    fn maker(&self, path: &[String]) -> Option<&Module> {
        let depth = (0..=path.len())
            .rev()
            .find(|depth| self.files.contains_key(&path[..*depth]))?;
        let (module, file) = self.files.get_key_value(&path[..depth])?;
        let (name, rest) = path[depth..].split_first()?;
        match file.names.get(name) {
            Some(brought) => self.maker(&[&self.absolute(module, brought)?[..], rest].concat()),
            None => Some(module),
        }
    }
}

impl File {
    fn read(text: &str) -> Self {
        let mut file = Self::default();
        let tokens = tokens::of(text);
        let (mut rest, mut is_public) = (&tokens[..], false);
        while let [first, after @ ..] = rest {
            rest = after;
            match first {
                Token::Name("pub") => is_public = true,
                Token::Other(';' | '{' | '}') => is_public = false,
                Token::Name("use") => {
                    let known: BTreeSet<_> = file.names.keys().cloned().collect();
                    rest = file.bring_in(rest, &[]);
                    if is_public {
                        let new = file.names.keys().filter(|name| !known.contains(*name));
                        file.handed_on.extend(new.cloned());
                    }
                }
                Token::Name(name) => {
                    file.words.insert((*name).to_owned());
                    let mut path = vec![(*name).to_owned()];
                    while let [Token::Into, Token::Name(name), after @ ..] = rest {
                        path.push((*name).to_owned());
                        rest = after;
                    }
                    if path.len() > 1 {
                        file.paths.insert(path);
                    }
                }
                _ => {}
            }
        }
        file
    }

    /// Reads a tree of a `use` line, and gives what follows it.
    fn bring_in<'t, 'n>(&mut self, mut rest: &'t [Token<'n>], above: &[String]) -> &'t [Token<'n>] {
        let mut path = above.to_vec();
        loop {
            match rest {
                [Token::Name("self"), after @ ..] if !path.is_empty() => rest = after,
                [Token::Name("as"), Token::Name(alias), after @ ..] => {
                    self.names.insert((*alias).to_owned(), path);
                    return after;
                }
                [Token::Name(name), after @ ..] => {
                    path.push((*name).to_owned());
                    rest = after;
                }
                [Token::Into, after @ ..] => rest = after,
                [Token::Other('*'), after @ ..] => return after,
                [Token::Other('{'), after @ ..] => {
                    rest = after;
                    while let [first, ..] = rest {
                        match first {
                            Token::Other('}') => return &rest[1..],
                            Token::Other(',') => rest = &rest[1..],
                            _ => rest = self.bring_in(rest, &path),
                        }
                    }
                    return rest;
                }
                _ => {
                    if let Some(name) = path.last() {
                        self.names.insert(name.clone(), path);
                    }
                    return rest;
                }
            }
        }
    }
}

fn child(module: &Module, name: &str) -> Module {
    let mut child = module.clone();
    child.push(name.to_owned());
    child
}

fn collect(folder: &Path, module: &Module, texts: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.is_dir() {
            collect(&path, &child(module, name), texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = if module.is_empty() && name == "lib" {
                module.clone()
            } else {
                child(module, name)
            };
            texts.insert(module, fs::read_to_string(&path).unwrap());
        }
    }
}

/// A file without its unit tests, and the names of modules that are tests in files of their own.
fn without_tests(text: &str) -> (String, Vec<String>) {
    let mut parts = text.split("#[cfg(test)]\n");
    let (mut product, mut hidden) = (parts.next().unwrap_or_default().to_owned(), Vec::new());
    for part in parts {
        match part
            .strip_prefix("mod ")
            .and_then(|part| part.split_once([';', ' ']))
        {
            Some((name, rest)) if !rest.starts_with('{') => {
                hidden.push(name.to_owned());
                product.push_str(rest);
            }
            // Unit tests are the end of their file.
            _ => break,
        }
    }
    (product, hidden)
}

//! Finding, reading and ordering the modules of a specification.
//!
//! A module is looked for in the file that names it, in the folder of the root, in the folders of the
//! search in order, and among the modules that come with the program. Reading is depth first: a module,
//! then what it EXTENDS, then what it INSTANCEs; that is also the order in which identifiers are seen.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::dependencies::dependencies;
use crate::config::nearest::nearest;
use crate::diagnostic::{Diagnostic, FileId, Severity, Sources, Span};
use crate::syntax::tree::{self, Module, Name};

/// Where modules are looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The folder of the root module.
    pub folder: PathBuf,
    /// Further folders, in order.
    pub libraries: Vec<PathBuf>,
}

/// All modules of a specification, read.
pub(super) struct Library {
    files: Vec<LoadedFile>,
    by_name: HashMap<String, (usize, usize)>,
    /// Files of modules in an order in which every module comes after what it names.
    bottom_up: Vec<(usize, usize)>,
}

struct LoadedFile {
    file: tree::File,
    built_in: bool,
}

impl Library {
    /// The module of a name.
    pub(super) fn module(&self, name: &str) -> Option<&Module> {
        let (file, module) = *self.by_name.get(name)?;
        self.files.get(file)?.file.modules.get(module)
    }

    /// True if the module comes with the program.
    pub(super) fn built_in(&self, name: &str) -> bool {
        self.by_name.get(name).is_some_and(|(file, _)| self.files[*file].built_in)
    }

    /// The first module of the first file.
    pub(super) fn root(&self) -> Option<&Module> {
        self.files.first()?.file.modules.first()
    }

    /// Modules, each after those it names; without the root.
    pub(super) fn bottom_up(&self) -> impl Iterator<Item = &Module> {
        self.bottom_up.iter().filter_map(|(file, module)| self.files[*file].file.modules.get(*module))
    }

    /// Files in loading order.
    pub(super) fn files(&self) -> impl Iterator<Item = &tree::File> {
        self.files.iter().map(|loaded| &loaded.file)
    }

    /// Names of all modules.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().flat_map(|loaded| &loaded.file.modules).map(|module| module.name.text.as_str())
    }
}

/// Reads a root module and everything it needs. `None` if anything is missing or cannot be parsed.
pub(super) fn load_file(
    sources: &mut Sources,
    root: &Path,
    search: &Search,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Library> {
    let text = match read_text(root) {
        Ok(text) => text,
        Err(error) => {
            diagnostics.push(unreadable(root, &error, Span::NONE));
            return None;
        }
    };
    let id = sources.add(root, text);
    let file = parse(sources, id, diagnostics)?;
    let stem = root.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    check_name(&file, &stem, diagnostics);
    load_tree(sources, file, search, diagnostics)
}

/// Larger files are not read: parsing takes about a hundred times their size in memory.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// The text of a file; bytes that are no text become replacement characters.
///
/// # Errors
/// When it cannot be read or has more than [`FILE_BYTES_MAX`] bytes.
pub fn read_text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("it has more than {} MB", FILE_BYTES_MAX >> 20)));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Says so when a root module cannot be read at all.
///
/// # Errors
/// The diagnostic.
pub fn readable(path: &Path) -> Result<(), Diagnostic> {
    let opened = File::open(path).and_then(|file| file.metadata());
    match opened {
        Ok(file) if file.is_dir() => Err(unreadable(path, &io::ErrorKind::IsADirectory.into(), Span::NONE)),
        Ok(_) => Ok(()),
        Err(error) => Err(unreadable(path, &error, Span::NONE)),
    }
}

fn unreadable(path: &Path, error: &io::Error, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error("4220", span, format!("cannot read {}: {error}", path.display()));
    match error.kind() {
        io::ErrorKind::IsADirectory => diagnostic.help("give the file of the root module, such as Spec.tla"),
        io::ErrorKind::NotFound => diagnostic.help("give the path of the root module, with or without `.tla`"),
        _ => diagnostic,
    }
}

/// Reads everything that a file already parsed needs.
pub(super) fn load_tree(
    sources: &mut Sources,
    file: tree::File,
    search: &Search,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Library> {
    let mut loader = Loader {
        sources,
        search,
        library: Library { files: Vec::new(), by_name: HashMap::new(), bottom_up: Vec::new() },
        nested: HashSet::new(),
        diagnostics: Vec::new(),
        failed: HashSet::new(),
        visiting: Vec::new(),
        done: HashSet::new(),
    };
    let errors_before = diagnostics.iter().any(Diagnostic::is_error);
    loader.add(file, false);
    loader.read_needed((0, 0));
    loader.order((0, 0));
    loader.library.bottom_up.retain(|place| *place != (0, 0));
    let failed = errors_before || loader.diagnostics.iter().any(Diagnostic::is_error);
    diagnostics.append(&mut loader.diagnostics);
    (!failed).then_some(loader.library)
}

fn parse(sources: &Sources, id: FileId, diagnostics: &mut Vec<Diagnostic>) -> Option<tree::File> {
    let (file, mut found) = crate::syntax::parse_file(sources, id);
    let failed = found.iter().any(|d| d.severity == Severity::Error);
    diagnostics.append(&mut found);
    if file.is_none() && !failed {
        let span = Span { file: id, start: 0, end: 0 };
        diagnostics.push(Diagnostic::error("parse", span, "this file holds no module"));
    }
    file.filter(|f| !failed && !f.modules.is_empty())
}

fn check_name(file: &tree::File, stem: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Some(module) = file.modules.first() else { return };
    if module.name.text != stem {
        let message = format!("module `{}` is in a file named `{stem}.tla`", module.name.text);
        diagnostics.push(
            Diagnostic::error("4221", module.name.span, message)
                .help(format!("rename the file to `{}.tla` or the module to `{stem}`", module.name.text)),
        );
    }
}

struct Loader<'s> {
    sources: &'s mut Sources,
    search: &'s Search,
    library: Library,
    nested: HashSet<String>,
    diagnostics: Vec<Diagnostic>,
    failed: HashSet<String>,
    visiting: Vec<(usize, usize)>,
    done: HashSet<(usize, usize)>,
}

impl Loader<'_> {
    fn add(&mut self, file: tree::File, built_in: bool) -> usize {
        let index = self.library.files.len();
        for (place, module) in file.modules.iter().enumerate() {
            if place > 0 && self.library.by_name.contains_key(&module.name.text) {
                let message = format!("there are two modules named `{}`", module.name.text);
                self.diagnostics.push(Diagnostic::error("4223", module.name.span, message));
            }
            self.library.by_name.entry(module.name.text.clone()).or_insert((index, place));
            self.nested.extend(dependencies(module).nested.into_iter().map(str::to_owned));
        }
        self.library.files.push(LoadedFile { file, built_in });
        index
    }

    /// The names a module needs, owned because reading adds files.
    fn needs(&self, place: (usize, usize)) -> Vec<Name> {
        let module = &self.library.files[place.0].file.modules[place.1];
        dependencies(module).modules.into_iter().cloned().collect()
    }

    fn read_needed(&mut self, place: (usize, usize)) {
        if !self.done.insert(place) {
            return;
        }
        for name in self.needs(place) {
            if let Some(found) = self.find(&name) {
                self.read_needed(found);
            }
        }
    }

    fn find(&mut self, name: &Name) -> Option<(usize, usize)> {
        if let Some(place) = self.library.by_name.get(&name.text) {
            return Some(*place);
        }
        if self.nested.contains(&name.text) || self.failed.contains(&name.text) {
            return None;
        }
        let (path, text, built_in) = match self.look_up(&name.text, name.span) {
            Some(found) => found,
            None => {
                self.missing(name);
                self.failed.insert(name.text.clone());
                return None;
            }
        };
        let id = self.sources.add(path, text);
        match parse(self.sources, id, &mut self.diagnostics) {
            Some(file) => {
                check_name(&file, &name.text, &mut self.diagnostics);
                let index = self.add(file, built_in);
                self.library.by_name.entry(name.text.clone()).or_insert((index, 0));
                Some((index, 0))
            }
            None => {
                self.failed.insert(name.text.clone());
                None
            }
        }
    }

    fn look_up(&mut self, name: &str, span: Span) -> Option<(PathBuf, String, bool)> {
        let file_name = format!("{name}.tla");
        for folder in std::iter::once(&self.search.folder).chain(&self.search.libraries) {
            let path = folder.join(&file_name);
            match read_text(&path) {
                Ok(text) => return Some((path, text, false)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => self.diagnostics.push(unreadable(&path, &error, span)),
            }
        }
        let text = crate::modules::source(name)?;
        Some((PathBuf::from(format!("<{file_name}>")), text.to_owned(), true))
    }

    fn missing(&mut self, name: &Name) {
        let mut known: Vec<String> = self.library.names().map(str::to_owned).collect();
        known.extend(self.nested.iter().cloned());
        known.extend(crate::modules::names().map(str::to_owned));
        for folder in std::iter::once(&self.search.folder).chain(&self.search.libraries) {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            known.extend(entries.filter_map(|entry| {
                let path = entry.path();
                let is_module = path.extension().is_some_and(|e| e == "tla");
                is_module.then(|| path.file_stem().map(|s| s.to_string_lossy().into_owned())).flatten()
            }));
        }
        let diagnostic = Diagnostic::error("4220", name.span, format!("there is no module `{}`", name.text));
        let help = match nearest(&name.text, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "modules are looked for in the folder of the root module, then in those of `--library`".to_owned(),
        };
        self.diagnostics.push(diagnostic.help(help));
    }

    /// Depth-first postorder, which is bottom up; a module met while it is being visited is a cycle.
    fn order(&mut self, place: (usize, usize)) {
        if self.library.bottom_up.contains(&place) {
            return;
        }
        self.visiting.push(place);
        for name in self.needs(place) {
            let Some(next) = self.library.by_name.get(&name.text).copied() else { continue };
            if let Some(start) = self.visiting.iter().position(|p| *p == next) {
                self.cycle(&name, start);
            } else {
                self.order(next);
            }
        }
        self.visiting.pop();
        self.library.bottom_up.push(place);
    }

    fn cycle(&mut self, name: &Name, start: usize) {
        let mut names: Vec<&str> = self.visiting[start..]
            .iter()
            .map(|(file, module)| self.library.files[*file].file.modules[*module].name.text.as_str())
            .collect();
        names.push(&name.text);
        let message = format!("modules need each other in a circle: {}", names.join(" → "));
        self.diagnostics.push(Diagnostic::error("4222", name.span, message));
    }
}

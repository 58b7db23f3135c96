//! Diagnostics as data: what is wrong, where, and what the reader can do about it.
//!
//! Every stage reports through these types; only the edge (`cli`) renders them, as text or JSON.
//! Positions are byte offsets into a [`Sources`] file; lines and columns are computed on demand
//! (columns count Unicode code points from 1, a tab advancing to the next multiple of 8).

use std::fmt;
use std::path::PathBuf;

/// A file held by [`Sources`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FileId(pub u32);

/// A half-open range of bytes of one file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of no text, for things that come from no file (command-line values, generated code).
    pub const NONE: Span = Span { file: FileId(u32::MAX), start: 0, end: 0 };

    /// True for [`Span::NONE`].
    pub fn is_none(self) -> bool {
        self.file.0 == u32::MAX
    }

    /// The smallest span that covers both, when both are in one file; else `self`.
    pub fn to(self, other: Span) -> Span {
        if self.is_none() {
            return other;
        }
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// How serious a diagnostic is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The run goes on.
    Warning,
    /// No verdict can be given.
    Error,
}

/// A second place that a diagnostic points at.
#[derive(Clone, PartialEq, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there, in a few words.
    pub text: String,
}

/// One thing to tell the user.
#[derive(Clone, PartialEq, Debug)]
pub struct Diagnostic {
    /// Stable code: a SANY or TLC number where there is one (`"4204"`), else a name (`"parse"`).
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// One line, no final full stop.
    pub message: String,
    /// The main place; [`Span::NONE`] when there is none.
    pub span: Span,
    /// Other places that explain it.
    pub labels: Vec<Label>,
    /// What the reader can do, if anything.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), span, labels: Vec::new(), help: None }
    }

    /// A warning.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Adds a second place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds advice if there is some.
    #[must_use]
    pub(crate) fn maybe_help(self, help: Option<&str>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Adds what the reader can do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// True for errors.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// One source text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Where it was read from; for built-in modules `<Name.tla>`.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    line_starts: Vec<u32>,
}

/// All texts of one run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

/// A place as people write it: both from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in code points, from 1, tabs to multiples of 8.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl Sources {
    /// Adds a text and gives its id.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1))
            .collect();
        self.files.push(SourceFile { path: path.into(), text, line_starts });
        FileId(self.files.len() as u32 - 1)
    }

    /// The file of an id, if there is one.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }

    /// The text of a span; empty for [`Span::NONE`].
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).and_then(|f| f.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// Line and column of a byte of a file.
    pub fn position(&self, file: FileId, offset: u32) -> Option<Position> {
        let source = self.get(file)?;
        let line = source.line_starts.partition_point(|s| *s <= offset) - 1;
        let start = source.line_starts[line] as usize;
        let end = (offset as usize).min(source.text.len());
        let column = source.text.as_bytes()[start..end.max(start)]
            .utf8_chunks()
            .flat_map(|c| c.valid().chars())
            .fold(0u32, |column, c| if c == '\t' { (column / 8 + 1) * 8 } else { column + 1 });
        Some(Position { line: line as u32 + 1, column: column + 1 })
    }

    /// First and last place of a span.
    pub fn range(&self, span: Span) -> Option<(Position, Position)> {
        Some((self.position(span.file, span.start)?, self.position(span.file, span.end)?))
    }

    /// `file:line:column`, or an empty string for a span of no text.
    pub fn place(&self, span: Span) -> String {
        match (self.get(span.file), self.position(span.file, span.start)) {
            (Some(file), Some(position)) => format!("{}:{position}", file.path.display()),
            _ => String::new(),
        }
    }
}

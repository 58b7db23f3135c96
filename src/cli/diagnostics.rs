//! Diagnostics → text, as rustc draws them.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, FileId, Severity, Sources, Span};

/// Draws diagnostics against their sources.
pub struct Drawing<'a> {
    sources: &'a Sources,
    renderer: Renderer,
}

impl<'a> Drawing<'a> {
    /// In colour or without.
    pub fn new(sources: &'a Sources, colour: bool) -> Self {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        Self { sources, renderer }
    }

    /// One diagnostic, ending in a newline.
    pub fn draw(&self, diagnostic: &Diagnostic) -> String {
        let level = match diagnostic.severity {
            Severity::Warning => Level::WARNING,
            Severity::Error => Level::ERROR,
        };
        let (title, details) = match diagnostic.message.split_once('\n') {
            Some((title, details)) => (title, Some(details)),
            None => (diagnostic.message.as_str(), None),
        };
        let mut group = Group::with_title(level.primary_title(title).id(diagnostic.code));
        for file in self.files(diagnostic) {
            if let Some(snippet) = self.snippet(file, diagnostic) {
                group = group.element(snippet);
            }
        }
        if let Some(details) = details {
            group = group.element(Level::NOTE.message(details));
        }
        for label in diagnostic.labels.iter().filter(|l| self.clamp(l.span).is_none()) {
            group = group.element(Level::NOTE.message(label.text.as_str()));
        }
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let mut text = self.renderer.render(&[group]);
        text.push('\n');
        text
    }

    /// The files the diagnostic points into, that of its main place first.
    fn files(&self, diagnostic: &Diagnostic) -> Vec<FileId> {
        let mut files = Vec::new();
        for span in std::iter::once(diagnostic.span).chain(diagnostic.labels.iter().map(|l| l.span)) {
            if self.clamp(span).is_some() && !files.contains(&span.file) {
                files.push(span.file);
            }
        }
        files
    }

    fn snippet<'d>(&'d self, file: FileId, diagnostic: &'d Diagnostic) -> Option<Snippet<'d, Annotation<'d>>> {
        let source = self.sources.get(file)?;
        let primary = Some(diagnostic.span).filter(|s| s.file == file).and_then(|s| self.clamp(s));
        let labels = diagnostic.labels.iter().filter(|l| l.span.file == file);
        let annotations = primary.map(|range| AnnotationKind::Primary.span(range)).into_iter().chain(
            labels.filter_map(|l| Some(AnnotationKind::Context.span(self.clamp(l.span)?).label(l.text.as_str()))),
        );
        Some(
            Snippet::source(source.text.as_str())
                .path(source.path.to_string_lossy().into_owned())
                .annotations(annotations.collect::<Vec<_>>()),
        )
    }

    /// The bytes of a span that are there: within the text, at characters' borders; whole definitions shrink
    /// to their first line so that a drawing stays short.
    fn clamp(&self, span: Span) -> Option<std::ops::Range<usize>> {
        let text = &self.sources.get(span.file)?.text;
        let start = text.floor_char_boundary(span.start as usize);
        let mut end = text.ceil_char_boundary((span.end as usize).max(start));
        let spanned = &text[start..end];
        if spanned.lines().count() > LINES_MAX {
            end = start + spanned.find('\n').unwrap_or(spanned.len());
        }
        Some(start..end)
    }
}

/// Spans of more lines are drawn by their first line.
const LINES_MAX: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> (Sources, FileId) {
        let mut sources = Sources::default();
        let file = sources.add("Clock.tla", "---- MODULE Clock ----\nVARIABLE hour\nNext == hur' = 1\n====\n");
        (sources, file)
    }

    #[test]
    fn draws_code_place_label_and_help() {
        let (sources, file) = sources();
        let diagnostic = Diagnostic::error("4205", Span { file, start: 45, end: 48 }, "unknown name `hur`")
            .label(Span { file, start: 32, end: 36 }, "`hour` is declared here")
            .help("did you mean `hour`?");
        insta::assert_snapshot!(Drawing::new(&sources, false).draw(&diagnostic));
    }

    #[test]
    fn draws_without_a_place() {
        let (sources, _) = sources();
        let diagnostic = Diagnostic::warning("config", Span::NONE, "no invariants\nnothing to check");
        insta::assert_snapshot!(Drawing::new(&sources, false).draw(&diagnostic));
    }

    #[test]
    fn spans_outside_the_text_do_no_harm() {
        let (sources, file) = sources();
        for span in [
            Span { file, start: 1_000, end: 2_000 },
            Span { file, start: 5, end: 1_000 },
            Span { file, start: 9, end: 3 },
            Span { file: FileId(7), start: 0, end: 1 },
        ] {
            let diagnostic = Diagnostic::error("parse", span, "odd").label(span, "here");
            assert!(Drawing::new(&sources, false).draw(&diagnostic).contains("odd"));
        }
    }
}

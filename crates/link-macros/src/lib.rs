//! The attribute `traces` of `tlaloc-link`; use it from there.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proc_macro::{Delimiter, TokenStream, TokenTree};

/// How the names of trace files end.
const EXTENSION: &str = ".itf.json";

/// Makes a `#[test]` of every trace in a folder.
///
/// ```ignore
/// #[tlaloc_link::traces("tests/traces")]
/// fn follows(trace: &Trace) -> Result<Coverage, Failure> {
///     replay(trace, &mut Coordinator::default())
/// }
/// ```
///
/// The folder is relative to the package. Beside the function stands a module of the same name with a test for each
/// file `*.itf.json`, named after it, so that `cargo test follows::lost_vote` runs one. The files become part of the
/// test binary; as cargo does not see new files by itself, one more test fails when the folder has changed since.
/// `#[ignore]` and `#[should_panic]` on the function go to its tests.
#[proc_macro_attribute]
pub fn traces(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let expanded = folder(attribute).and_then(|folder| expand(&folder, item));
    expanded.unwrap_or_else(|message| format!("::core::compile_error!({message:?});").parse().unwrap_or_default())
}

type Result<T> = std::result::Result<T, String>;

fn folder(attribute: TokenStream) -> Result<String> {
    let wrong = || "`traces` takes the folder as a string: #[traces(\"tests/traces\")]".to_owned();
    let tokens: Vec<_> = attribute.into_iter().collect();
    let [TokenTree::Literal(literal)] = tokens.as_slice() else { return Err(wrong()) };
    let text = literal.to_string();
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('\\'));
    inside.map(str::to_owned).ok_or_else(wrong)
}

/// The function, and a module with its tests.
fn expand(folder: &str, item: TokenStream) -> Result<TokenStream> {
    let function = Function::of(item)?;
    let package = std::env::var("CARGO_MANIFEST_DIR").map_err(|_| "there is no CARGO_MANIFEST_DIR".to_owned())?;
    let absolute = Path::new(&package).join(folder);
    let files = files(&absolute).map_err(|error| format!("the folder {}: {error}", absolute.display()))?;
    if files.is_empty() {
        return Err(format!("there is no file *{EXTENSION} in {}", absolute.display()));
    }
    let Function { name, moved, kept } = function;
    let mut tests = String::new();
    let mut taken = BTreeSet::from(["the_folder_is_as_compiled".to_owned()]);
    let mut names = Vec::new();
    for file in &files {
        let base = file.file_name().and_then(|n| n.to_str()).ok_or("a file's name is no text")?;
        let (test, path) = (test_name(base, &mut taken), file.to_str().ok_or("a file's path is no text")?);
        let shown = format!("{folder}/{base}");
        let _ = write!(
            tests,
            "#[test] {moved} fn {test}() {{
                ::tlaloc_link::testing::run({shown:?}, ::core::include_str!({path:?}), super::{name});
            }}"
        );
        names.push(base);
    }
    let package_files = absolute.to_str().ok_or("the folder's path is no text")?;
    let module = format!(
        "#[cfg(test)] mod {name} {{
            {tests}
            #[test] fn the_folder_is_as_compiled() {{
                ::tlaloc_link::testing::folder_is({package_files:?}, &{names:?});
            }}
        }}"
    );
    let mut expanded: TokenStream = kept;
    expanded.extend(module.parse::<TokenStream>().map_err(|error| error.to_string())?);
    Ok(expanded)
}

fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(EXTENSION)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// An identifier like the file's name that no other test has.
fn test_name(base: &str, taken: &mut BTreeSet<String>) -> String {
    let stem = base.strip_suffix(EXTENSION).unwrap_or(base);
    let mut name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || name == "self" || name == "super" || name == "crate" {
        name.insert_str(0, "trace_");
    }
    while taken.contains(&name) {
        name.push('_');
    }
    taken.insert(name.clone());
    // Keywords such as `loop` are names, too.
    format!("r#{name}")
}

/// The function under the attribute.
struct Function {
    name: String,
    /// Attributes that belong to its tests.
    moved: TokenStream,
    /// All the rest.
    kept: TokenStream,
}

impl Function {
    fn of(item: TokenStream) -> Result<Function> {
        let (mut moved, mut kept) = (TokenStream::new(), TokenStream::new());
        let mut name = None;
        let mut tokens = item.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let attribute = match (&token, tokens.peek()) {
                (TokenTree::Punct(punct), Some(TokenTree::Group(group)))
                    if punct.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
                {
                    group.stream().into_iter().next().map(|word| word.to_string())
                }
                _ => None,
            };
            if let Some(word) = attribute {
                let target = if word == "ignore" || word == "should_panic" { &mut moved } else { &mut kept };
                target.extend([token]);
                target.extend(tokens.next());
                continue;
            }
            let is_fn = name.is_none() && token.to_string() == "fn";
            if name.is_none() && token.to_string() == "async" {
                return Err("`traces` takes a plain function: block on the future inside of it".to_owned());
            }
            kept.extend([token]);
            if is_fn {
                name = tokens.peek().map(TokenTree::to_string);
            }
        }
        let name = name.ok_or("`traces` belongs to a function that takes a trace")?;
        Ok(Function { name, moved, kept })
    }
}

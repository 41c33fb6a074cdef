//! Every link of the Markdown files leads somewhere, for readers of the files and of the rendered
//! documentation.
//!
//! A chapter in `src/docs` is read in two forms. As a file, on GitHub, its links are defined at its end:
//! items by their page on docs.rs, other chapters by their files. In the rendered documentation
//! `links.txt` comes before it and defines the same labels as paths of Rust, which rustdoc checks; the
//! first definition of a label counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const DOCS_RS: &str = "https://docs.rs/apportion/latest/apportion/";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A Markdown file without its programs.
struct Page {
    path: PathBuf,
    text: String,
    /// The definitions `[label]: target`, by the label in lower case: Markdown ignores the case.
    definitions: BTreeMap<String, String>,
    anchors: BTreeSet<String>,
}

impl Page {
    fn read(path: PathBuf) -> Self {
        let whole = fs::read_to_string(&path).unwrap();
        let mut in_program = false;
        let prose = |line: &&str| {
            let is_fence = line.trim_start().starts_with("```");
            in_program ^= is_fence;
            !in_program && !is_fence
        };
        let lines: Vec<&str> = whole.lines().filter(prose).collect();
        let definitions = definitions(lines.iter().copied());
        let body = lines.iter().filter(|line| definition(line).is_none());
        let text = body.copied().collect::<Vec<_>>().join("\n");
        let anchors = lines.iter().filter(|line| line.starts_with('#')).map(|line| slug(line));
        Self { path, text, definitions, anchors: anchors.collect() }
    }

    fn name(&self) -> String {
        self.path.strip_prefix(root()).unwrap().display().to_string()
    }

    /// Targets of `[text](target)`.
    fn inline(&self) -> impl Iterator<Item = &str> {
        self.text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap())
    }

    /// Labels of `[text][label]` and of code in brackets, `` [`label`] ``.
    fn labels(&self) -> BTreeSet<String> {
        let after = |mark: &'static str| {
            self.text.match_indices(mark).map(move |(at, _)| &self.text[at + mark.len()..])
        };
        let full = after("][").map(|rest| rest.split(']').next().unwrap().to_lowercase());
        let code = after("[`").filter_map(|rest| rest.split_once("`]"));
        let is_label =
            |text: &str, rest: &str| !text.contains('`') && !rest.starts_with(['(', '[']);
        let code = code.filter(|(text, rest)| is_label(text, rest));
        full.chain(code.map(|(text, _)| format!("`{}`", text.to_lowercase()))).collect()
    }
}

fn definition(line: &str) -> Option<(&str, &str)> {
    let (label, target) = line.strip_prefix('[')?.split_once("]: ")?;
    (!target.contains(' ')).then_some((label, target))
}

fn definitions<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (label, target) in lines.filter_map(definition) {
        let earlier = all.insert(label.to_lowercase(), target.to_string());
        assert_eq!(earlier, None, "{label} is defined twice");
    }
    all
}

/// The anchor of a heading.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn pages() -> Vec<Page> {
    let mut paths = Vec::new();
    let mut folders = vec![root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // Not what was built, nor the packages of others.
            let others = ["target", "node_modules"];
            if path.is_dir() && !others.contains(&&*name) && !name.starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.into_iter().map(Page::read).collect()
}

fn chapters() -> Vec<Page> {
    let folder = root().join("src/docs");
    pages().into_iter().filter(|page| page.path.parent() == Some(&folder)).collect()
}

fn rust_links() -> BTreeMap<String, String> {
    definitions(fs::read_to_string(root().join("src/docs/links.txt")).unwrap().lines())
}

#[test]
fn every_target_exists() {
    let pages = pages();
    assert!(pages.len() > 12);
    for page in &pages {
        for target in page.inline().chain(page.definitions.values().map(String::as_str)) {
            check(page, target, &pages);
        }
    }
}

/// What the published package does not have.
const LEFT_OUT: [&str; 6] =
    ["benches/", "CONTRIBUTING.md", "examples/integrations/", "SECURITY.md", "SPEC.md", "spec/"];

fn in_package() -> bool {
    !root().join("benches").exists()
}

fn check(page: &Page, target: &str, pages: &[Page]) {
    let dead = || format!("{}: the link to {target:?} is dead", page.name());
    assert!(!target.contains("::"), "{}: {target:?} is a path of Rust", page.name());
    if let Some(chapter) = target.strip_prefix(DOCS_RS).and_then(|rest| rest.strip_prefix("docs/"))
    {
        let chapter = chapter.split('/').next().unwrap();
        assert!(root().join(format!("src/docs/{chapter}.md")).exists(), "{}", dead());
    }
    if target.contains("://") {
        return;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => page.path.clone(),
        _ if in_package() && LEFT_OUT.iter().any(|out| file.starts_with(out)) => return,
        _ => page.path.parent().unwrap().join(file),
    };
    assert!(path.exists(), "{}", dead());
    if !anchor.is_empty() {
        let path = path.canonicalize().unwrap();
        let there = pages.iter().find(|page| page.path.canonicalize().unwrap() == path);
        assert!(there.is_some_and(|there| there.anchors.contains(anchor)), "{}", dead());
    }
}

#[test]
fn labels_are_defined_where_they_are_used() {
    for page in pages() {
        let defined: BTreeSet<String> = page.definitions.keys().cloned().collect();
        let mut used = page.labels();
        // Plain words in brackets are links where the word is defined.
        let is_used = |label: &&String| page.text.to_lowercase().contains(&format!("[{label}]"));
        used.extend(defined.iter().filter(is_used).cloned());
        assert_eq!(used, defined, "{}", page.name());
    }
}

#[test]
fn chapters_link_to_the_same_in_both_forms() {
    let rust = rust_links();
    let mut used = BTreeSet::new();
    for page in chapters() {
        for (label, target) in &page.definitions {
            let path = rust.get(label).unwrap_or_else(|| panic!("links.txt lacks {label}"));
            assert_eq!(rendered(target), expected(path), "{}: {label}", page.name());
            used.insert(label.clone());
        }
    }
    assert_eq!(rust.keys().cloned().collect::<BTreeSet<_>>(), used);
}

/// Names in the address of a page: `partition/struct.Plan.html#method.moved` is of `Plan` and `moved`.
fn rendered(target: &str) -> Vec<String> {
    let Some(path) = target.strip_prefix(DOCS_RS) else {
        // The chapter on placing replicas is two files and one page.
        let target = target.replace("placing_replicas_promises.md", "placing_replicas.md");
        return vec![target.replace(".md", "")];
    };
    let path = path.replace("/index.html", ".html").replace(".html", "");
    let (page, member) = path.split_once('#').unwrap_or((&path, ""));
    let last = |text: &str| text.rsplit(['/', '.']).next().unwrap().to_string();
    [page, member].into_iter().filter(|part| !part.is_empty()).map(last).collect()
}

/// The last names of a path of Rust, a member with its type.
fn expected(path: &str) -> Vec<String> {
    if let Some(chapter) = path.strip_prefix("crate::docs::") {
        return vec![chapter.to_string()];
    }
    let names: Vec<&str> = path.trim_end_matches("()").split("::").collect();
    let is_type = |name: &str| name.starts_with(char::is_uppercase) && !name.contains('_');
    let is_member = names.len() > 2 && is_type(names[names.len() - 2]);
    names[names.len() - 1 - usize::from(is_member)..].iter().map(ToString::to_string).collect()
}

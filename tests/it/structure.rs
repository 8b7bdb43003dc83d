//! The structure of the sources: imports between files go one way, and docs/architecture.md names what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

use crate::common::root;

/// Which modules a file names, outside of its tests.
struct Names<'a> {
    /// The file's own module, from the top of the crate.
    module: &'a [String],
    /// Every module of the crate.
    modules: &'a BTreeSet<Vec<String>>,
    found: BTreeSet<Vec<String>>,
}

impl Names<'_> {
    /// Takes a path in; what it leads to is the deepest module on its way.
    fn path(&mut self, segments: &[String]) {
        let mut way: Vec<String> = match segments.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("super" | "self") => self.module.to_vec(),
            Some(first) => {
                let mut child = self.module.to_vec();
                child.push(first.to_owned());
                if !self.modules.contains(&child) {
                    return;
                }
                self.module.to_vec()
            }
            None => return,
        };
        for segment in segments {
            match segment.as_str() {
                "crate" | "self" => {}
                "super" => drop(way.pop()),
                name => way.push(name.to_owned()),
            }
        }
        while !way.is_empty() && !self.modules.contains(&way) {
            way.pop();
        }
        // A part of a module may use what the module has for all its parts.
        if !self.module.starts_with(&way) && self.modules.contains(&way) {
            self.found.insert(way);
        }
    }

    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.path(&with(&name.ident)),
            syn::UseTree::Rename(name) => self.path(&with(&name.ident)),
            syn::UseTree::Glob(_) => self.path(before),
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.tree(before, tree));
            }
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => {
            list.path.is_ident("cfg") && list.tokens.to_string().contains("test")
        }
        _ => false,
    })
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            self.tree(&[], &item.tree);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if segments.len() > 1 {
            self.path(&segments);
        }
        visit::visit_path(self, path);
    }
}

/// The module of a file below `src`.
fn module(file: &Path) -> Vec<String> {
    let file = file.strip_prefix(root().join("src")).unwrap();
    let mut parts: Vec<String> = file
        .with_extension("")
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
        parts.pop();
    }
    parts
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    files_that_end(folder, "rs", found);
}

fn files_that_end(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_that_end(&path, extension, found);
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
}

/// Of each module the modules that it names.
fn imports() -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let mut all = Vec::new();
    files(&root().join("src"), &mut all);
    let is_tests = |file: &PathBuf| module(file).iter().any(|part| part == "tests");
    all.retain(|file| !is_tests(file) && !file.ends_with("src/main.rs"));
    let modules: BTreeSet<Vec<String>> = all.iter().map(|file| module(file)).collect();
    let of_file = |file: &PathBuf| {
        let own = module(file);
        let text = fs::read_to_string(file).unwrap();
        let mut names = Names {
            module: &own,
            modules: &modules,
            found: BTreeSet::new(),
        };
        names.visit_file(&syn::parse_file(&text).unwrap());
        let found = names.found;
        (own, found)
    };
    all.iter().map(of_file).collect()
}

/// The circles: of each set of modules that lead to each other, its members.
fn circles(imports: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>) -> BTreeSet<Vec<String>> {
    let reach = |from: &Vec<String>| {
        let mut seen: BTreeSet<&Vec<String>> = BTreeSet::new();
        let mut next: Vec<&Vec<String>> = imports[from].iter().collect();
        while let Some(module) = next.pop() {
            if seen.insert(module) {
                next.extend(&imports[module]);
            }
        }
        seen
    };
    let reached: BTreeMap<&Vec<String>, BTreeSet<&Vec<String>>> = imports
        .keys()
        .map(|module| (module, reach(module)))
        .collect();
    let in_circle = |module: &&Vec<String>| reached[*module].contains(*module);
    imports
        .keys()
        .filter(in_circle)
        .map(|module| {
            let with = reached[module]
                .iter()
                .filter(|other| reached[**other].contains(module));
            with.map(|other| other.join("::")).collect()
        })
        .collect()
}

#[test]
fn imports_between_files_go_in_no_circle() {
    let found = circles(&imports());
    let shown: Vec<String> = found.iter().map(|circle| circle.join(", ")).collect();
    assert!(found.is_empty(), "import circles:\n{}", shown.join("\n"));
}

#[test]
fn a_circle_is_found() {
    let module = |name: &str| vec![name.to_owned()];
    let imports = [("a", ["b"]), ("b", ["c"]), ("c", ["b"])];
    let imports =
        imports.map(|(from, to)| (module(from), to.iter().map(|to| module(to)).collect()));
    let found = circles(&imports.into_iter().collect());
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        [["b".to_owned(), "c".to_owned()]]
    );
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// What stands between backticks in a line of a page.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[test]
fn the_page_lists_every_module() {
    let page = text("docs/architecture.md");
    let (_, table) = page.split_once("\n## The modules\n").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| "));
    let listed: BTreeSet<&str> = rows
        .filter_map(|row| row.split(" | ").next())
        .flat_map(quoted)
        .collect();
    let top = text("src/lib.rs");
    let modules: BTreeSet<&str> = top
        .lines()
        .map(|line| line.strip_prefix("pub ").unwrap_or(line))
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(listed, modules, "left: the table, right: src/lib.rs");
}

#[test]
fn the_page_names_paths_that_are_there() {
    let page = text("docs/architecture.md");
    let folders = ["src/", "tests/", "conformance/", "fixtures/", "templates/"];
    let words = page.lines().flat_map(quoted);
    let paths = words.filter_map(|word| word.split(' ').next());
    let paths: Vec<&str> = paths
        .filter(|path| folders.iter().any(|folder| path.starts_with(folder)))
        .filter(|path| !path.contains('<'))
        .collect();
    assert!(paths.len() > 50, "the paths were not found");
    for path in paths {
        assert!(root().join(path).exists(), "{path} is not there");
    }
}

/// The names of the types that a file declares, outside of its tests.
#[derive(Default)]
struct Types(Vec<String>);

impl<'ast> Visit<'ast> for Types {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let name = match item {
            syn::Item::Struct(item) => &item.ident,
            syn::Item::Enum(item) => &item.ident,
            syn::Item::Trait(item) => &item.ident,
            syn::Item::Type(item) => &item.ident,
            syn::Item::Mod(item) if !is_test(&item.attrs) => {
                return visit::visit_item_mod(self, item);
            }
            _ => return,
        };
        self.0.push(name.to_string());
    }
}

#[test]
fn a_type_name_means_one_thing() {
    // Each command has its own arguments and formats; nothing but its own file in src/cli uses them.
    let allowed = ["Args", "Format"];
    let mut all = Vec::new();
    files(&root().join("src"), &mut all);
    all.retain(|file| !module(file).iter().any(|part| part == "tests"));
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in &all {
        let mut types = Types::default();
        types.visit_file(&syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap());
        for name in types.0 {
            let place = module(file).join("::");
            places.entry(name).or_default().push(place);
        }
    }
    assert!(places.len() > 300, "the types were not found");
    let twice: Vec<String> = places
        .iter()
        .filter(|(name, places)| places.len() > 1 && !allowed.contains(&name.as_str()))
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    let list = twice.join("\n");
    assert!(twice.is_empty(), "one name for several types:\n{list}");
}

#[test]
fn a_template_names_the_type_that_fills_it() {
    let mut templates = Vec::new();
    files_that_end(&root().join("templates"), "j2", &mut templates);
    assert!(templates.len() > 15, "the templates were not found");
    for template in &templates {
        let text = fs::read_to_string(template).unwrap();
        let line = text.lines().next().unwrap();
        let Some((_, context)) = line.split_once("Context: `") else {
            continue;
        };
        let (name, rest) = context.split_once("` in ").unwrap();
        let path = rest.split([' ', ';']).next().unwrap().trim_end_matches('.');
        let source = fs::read_to_string(root().join(path)).unwrap_or_default();
        let declares = |end: &str| source.contains(&format!("struct {name}{end}"));
        let is_there = ["<", " ", "("].into_iter().any(declares);
        assert!(is_there, "{}: {name} in {path}", template.display());
    }
}

#[test]
fn other_crates_see_the_command_line_and_what_the_tests_use() {
    let top = syn::parse_file(&text("src/lib.rs")).unwrap();
    let public: Vec<String> = top
        .items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(item) => Some((&item.vis, item.ident.to_string())),
            _ => None,
        })
        .filter(|(visibility, _)| matches!(visibility, syn::Visibility::Public(_)))
        .map(|(_, name)| name)
        .collect();
    // `unreachable_pub` finds whatever else is `pub` once its module is private here.
    assert_eq!(public, ["cli", "testing"]);
}

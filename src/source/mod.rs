//! Every text that was read, and the only place that turns routes into bytes, lines and columns.
//!
//! The other stages hold [`Place`]s; reports ask [`Sources`] where these are.

mod place;
mod quoted;
mod redact;
mod route;
mod unseen;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use place::{FileId, Place, PlacePart};
pub(crate) use quoted::quoted;
pub(crate) use redact::looks_like_a_key;
pub(crate) use redact::{MASK, redacted};
pub(crate) use route::{Route, RouteStep};
pub(crate) use unseen::{escaped, is_unseen};

use serde_json::Value;

use crate::pki::KeyText;
use crate::yaml::{LineIndex, Marks, Node};
use redact::KnownKeys;

pub(crate) use crate::yaml::Position;

/// One text that was read: mesh.yaml or a dump.
pub struct SourceFile {
    /// How the file is called in messages: as given on the command line, or relative to mesh.yaml.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Its documents; empty where the text could not be parsed.
    pub documents: Vec<Node>,
    /// Whether its lines may be shown, secrets masked.
    is_shown: bool,
    lines: LineIndex,
    /// By the place where a string is written, the way back from its bytes.
    marks: Mutex<BTreeMap<usize, Arc<Marks>>>,
}

impl SourceFile {
    /// A file and the documents that its text was parsed into.
    pub fn new(name: impl Into<String>, text: String, documents: Vec<Node>) -> Self {
        let lines = LineIndex::new(&text);
        Self {
            name: name.into(),
            text,
            documents,
            is_shown: true,
            lines,
            marks: Mutex::default(),
        }
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: usize) -> Position {
        self.lines.position(offset)
    }

    /// Where bytes inside a string stand in this file.
    fn range_within(&self, node: &Node, inner: Range<usize>) -> Range<usize> {
        let mut all = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let marks = all
            .entry(node.written().start)
            .or_insert_with(|| Arc::new(node.marks(&self.text)));
        let marks = Arc::clone(marks);
        drop(all);
        node.range_within(&self.text, &marks, inner)
    }

    /// The lines as they may be shown: with the columns that they have, secrets masked, `keys` among them. `None` where none
    /// may.
    fn masked_lines(&self, keys: &KnownKeys) -> Option<Vec<String>> {
        if !self.is_shown {
            return None;
        }
        let text = redact::masked(&self.text, &self.documents, keys);
        // A byte order mark is no column.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let lines = text.split('\n');
        let lines = lines.map(|line| unseen::replaced(line.trim_end_matches('\r')).into_owned());
        Some(lines.collect())
    }
}

/// All texts of one run. Files are only ever added, so a `FileId` stays valid.
pub struct Sources {
    base: PathBuf,
    files: Vec<SourceFile>,
    owners: BTreeMap<FileId, DumpOwner>,
    keys: KnownKeys,
}

/// Whose dump a file is.
struct DumpOwner {
    cluster: String,
    /// The objects in it: document, way to the object, and what it is called, such as `Secret/cilium-ca`.
    objects: Vec<(usize, Route, String)>,
}

impl Sources {
    /// No texts yet. The first is to be named as it is given; the names of all others are relative to `base`.
    pub fn new(base: PathBuf) -> Self {
        Self {
            base,
            files: Vec::new(),
            owners: BTreeMap::new(),
            keys: KnownKeys::default(),
        }
    }

    /// Takes in the private keys that were read, which are then shown nowhere.
    pub(crate) fn keep_secret(&mut self, keys: Vec<KeyText>) {
        self.keys = KnownKeys::of(keys);
    }

    /// A sentence, name or path as it may be shown: without key material, and with invisible characters as
    /// escapes.
    pub(crate) fn shown(&self, text: &str) -> String {
        let text = redact::without(&self.keys, text);
        escaped(&text).into_owned()
    }

    /// The same of a text that may have several lines, each by itself.
    pub(crate) fn shown_lines(&self, text: &str) -> String {
        let lines: Vec<String> = text.split('\n').map(|line| self.shown(line)).collect();
        lines.join("\n")
    }

    /// A value with every key and text in it as it may be shown.
    pub(crate) fn shown_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.shown(&text).into(),
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.shown_value(item))
                .collect(),
            Value::Object(entries) => {
                let entries = entries.into_iter();
                let entries =
                    entries.map(|(key, value)| (self.shown(&key), self.shown_value(value)));
                Value::Object(entries.collect())
            }
            other => other,
        }
    }

    /// The lines of a file as they may be shown: with the columns that they have, secrets masked. `None` where none may.
    pub fn masked_lines(&self, id: FileId) -> Option<Vec<String>> {
        self.file(id).masked_lines(&self.keys)
    }

    /// Whether a text holds a piece of a private key that was read.
    pub(crate) fn holds_a_key(&self, text: &str) -> bool {
        self.keys.is_in(text)
    }

    /// The ids of all files.
    pub fn ids(&self) -> impl Iterator<Item = FileId> {
        (0..self.files.len()).map(FileId)
    }

    /// Where a file is for whoever runs the command, while its name may be relative to mesh.yaml.
    pub fn path(&self, id: FileId) -> PathBuf {
        let name = &self.file(id).name;
        if id.0 == 0 {
            PathBuf::from(name)
        } else {
            self.base.join(name)
        }
    }

    /// Takes a file in and gives the id by which places name it.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() - 1)
    }

    /// Notes that a file is a dump of a cluster, and one of the objects in it by the place where it begins.
    pub fn name_object(&mut self, cluster: &str, place: &Place, object: String) {
        let owner = self.owners.entry(place.file).or_insert_with(|| DumpOwner {
            cluster: cluster.to_owned(),
            objects: Vec::new(),
        });
        let named = (place.document, place.route.clone(), object);
        owner.objects.push(named);
    }

    /// The route of a place as findings give it and `ignore` takes it. In mesh.yaml it is the way from the top:
    /// `clusters[1].id`. In a dump cluster and object stand first, and the way goes on inside a valuesBlock:
    /// `dumps.paris.ApplicationInstallation/cilium.spec.valuesBlock.cluster.name`.
    pub fn route(&self, place: &Place) -> String {
        let Some(owner) = self.owners.get(&place.file) else {
            return place.route.to_string();
        };
        let mut route = Route::root().key("dumps").key(&owner.cluster);
        let mut steps = place.route.steps();
        let object = owner.objects.iter().find(|(document, object, _)| {
            *document == place.document && place.route.is_within(object)
        });
        if let Some((_, object, name)) = object {
            route = route.key(name);
            steps = &steps[object.steps().len()..];
        }
        let route = route.below(steps).below(place.inner.steps());
        route.to_string()
    }

    /// Has no line of a file shown in any report.
    pub fn hide(&mut self, id: FileId) {
        self.files[id.0].is_shown = false;
    }

    /// The file of an id that [`Sources::add`] gave.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0]
    }

    /// The value at a place, if the document has one there.
    pub fn node(&self, place: &Place) -> Option<&Node> {
        let document = self.file(place.file).documents.get(place.document)?;
        descend(document, place.route.steps())
    }

    /// The same value, to change it.
    pub fn node_mut(&mut self, place: &Place) -> Option<&mut Node> {
        let file = &mut self.files[place.file.0];
        let document = file.documents.get_mut(place.document)?;
        let mut steps = place.route.steps().iter();
        steps.try_fold(document, |node, step| match step {
            RouteStep::Index(index) => node.at_mut(*index),
            RouteStep::Key(key) => node.get_mut(key),
        })
    }

    /// Where a place is in its file's bytes. A route that leads nowhere resolves to the nearest
    /// value above it, so that a finding about something absent points at its owner.
    pub fn range(&self, place: &Place) -> Range<usize> {
        if let PlacePart::Bytes(range) = &place.part {
            return self.clamp(place.file, range.clone());
        }
        let file = self.file(place.file);
        let Some(document) = file.documents.get(place.document) else {
            return 0..0;
        };
        let mut node = document;
        let mut range = node.span.clone();
        for step in place.route.steps() {
            let Some((next, key)) = child(node, step) else {
                return owner_range(node, range);
            };
            range = match (&place.part, key) {
                (PlacePart::Key, Some(key)) => key,
                _ => next.span.clone(),
            };
            node = next;
        }
        match &place.part {
            PlacePart::Within(inner) => file.range_within(node, inner.clone()),
            _ => range,
        }
    }

    /// Start and end of a place, for people.
    pub fn positions(&self, place: &Place) -> (Position, Position) {
        let range = self.range(place);
        let file = self.file(place.file);
        (file.position(range.start), file.position(range.end))
    }

    /// The key by which a rule orders findings: file, then offset.
    pub fn order(&self, place: &Place) -> (FileId, usize) {
        (place.file, self.range(place).start)
    }

    fn clamp(&self, file: FileId, range: Range<usize>) -> Range<usize> {
        let text = &self.file(file).text;
        let floor = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        floor(range.start)..floor(range.end.max(range.start))
    }
}

fn descend<'a>(node: &'a Node, steps: &[RouteStep]) -> Option<&'a Node> {
    steps
        .iter()
        .try_fold(node, |node, step| child(node, step).map(|(next, _)| next))
}

fn child<'a>(node: &'a Node, step: &RouteStep) -> Option<(&'a Node, Option<Range<usize>>)> {
    match step {
        RouteStep::Index(index) => node.at(*index).map(|item| (item, None)),
        RouteStep::Key(key) => node
            .entry(key)
            .map(|entry| (&entry.value, Some(entry.key_span.clone()))),
    }
}

/// What to underline for something absent from `node`: its `name`, else its first key, else itself.
fn owner_range(node: &Node, fallback: Range<usize>) -> Range<usize> {
    if let Some(name) = node.get("name") {
        return name.span.clone();
    }
    match node.entries().and_then(<[_]>::first) {
        Some(entry) => entry.key_span.clone(),
        None => fallback,
    }
}

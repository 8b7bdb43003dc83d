//! From the text of a file to the outputs that it holds, by content alone.

use serde_json::Value;

use super::outputs::SavedOutput;
use super::parse::scan::Scan;
use super::parse::{LineFinder, cli, cut, health_json, newlines, objects, peers_json, tls};
use crate::yaml::{self, ScalarRules};

/// Why nothing, or not all, of a file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unread {
    /// There is nothing in it.
    Empty,
    /// It ends inside JSON or YAML.
    Cut,
    /// kubectl says why it has no output: its first such line.
    Refused(String),
    /// It is something else.
    Unknown,
}

/// The outputs of a text.
pub(super) fn outputs(text: &str) -> (Vec<SavedOutput>, Option<Unread>) {
    let mut reader = OutputReader::default();
    match yaml_start(text) {
        Some((at, line)) => {
            reader.read(&text[..at], 1);
            reader.yaml(&text[at..], line);
        }
        None => reader.read(text, 1),
    }
    let OutputReader {
        mut outputs,
        scan,
        is_cut,
        refusal,
    } = reader;
    outputs.extend(scan.finish(!text.ends_with('\n')));
    let unread = match refusal {
        _ if text.trim().is_empty() => Some(Unread::Empty),
        _ if is_cut => Some(Unread::Cut),
        Some(said) if outputs.is_empty() => Some(Unread::Refused(said)),
        None if outputs.is_empty() => Some(Unread::Unknown),
        _ => None,
    };
    (outputs, unread)
}

#[derive(Default)]
struct OutputReader {
    outputs: Vec<SavedOutput>,
    scan: Scan,
    is_cut: bool,
    refusal: Option<String>,
}

impl OutputReader {
    /// Reads lines, and JSON documents between them.
    fn read(&mut self, text: &str, first: usize) {
        let (mut rest, mut line, mut tries_json) = (text, first, true);
        while !rest.is_empty() {
            if tries_json && begins_json(rest) {
                let passed = self.json(rest, line);
                tries_json = passed.is_some();
                if let Some(passed) = passed.filter(|passed| *passed > 0) {
                    line += newlines(&rest[..passed]);
                    rest = &rest[passed..];
                    continue;
                }
            }
            let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
            self.line(&rest[..end], line);
            rest = &rest[end..];
            line += 1;
        }
    }

    fn line(&mut self, raw: &str, line: usize) {
        if self.refusal.is_none() && is_refusal(raw.trim()) {
            self.refusal = Some(raw.trim().to_owned());
        }
        self.scan.line(raw, line);
    }

    /// Reads a JSON document at the beginning of a text: how many bytes were passed over, or `None` where it has no end.
    fn json(&mut self, text: &str, line: usize) -> Option<usize> {
        let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        match documents.next()? {
            Ok(value) => {
                let end = documents.byte_offset();
                self.value(&value, &text[..end], line);
                Some(end)
            }
            Err(error) if error.is_eof() => {
                self.is_cut = true;
                self.outputs.extend(cut::agent(text, line));
                None
            }
            Err(error) => {
                // Another output may begin where this one broke off.
                self.is_cut |= error.line() > 1;
                let lines = text.split_inclusive('\n').take(error.line() - 1);
                let passed = lines.map(str::len).sum();
                self.outputs.extend(cut::agent(&text[..passed], line));
                Some(passed)
            }
        }
    }

    fn value(&mut self, value: &Value, text: &str, line: usize) {
        let agent = |text| {
            health_json::read(value, text, line).or_else(|| peers_json::agent(value, text, line))
        };
        if let Some(cli) = cli::json(value, text, line) {
            self.outputs.push(SavedOutput::Cli(cli));
        } else if value.get("kind").is_some() {
            let lines = LineFinder::new(text, line);
            let name_line = |at: usize| lines.pass(item_name(value, at));
            self.outputs.extend(objects::outputs(value, &name_line));
        } else if let Some(agent) = agent(text) {
            self.outputs.push(SavedOutput::Agent(agent));
        } else if let Some(peers) = peers_json::kvstoremesh(value, text, line) {
            self.outputs.push(SavedOutput::KvStoreMesh(peers));
        } else if let Some(fault) = tls::log(text, line) {
            self.outputs.push(SavedOutput::Tls(vec![fault]));
        }
    }

    /// Reads Kubernetes objects in YAML; what follows them, or a torn end, is cut away and looked at as lines.
    fn yaml(&mut self, text: &str, first: usize) {
        let mut end = text.len();
        let lines = LineFinder::new(text, first);
        for _ in 0..3 {
            match yaml::parse(&text[..end], ScalarRules::Go) {
                Ok(stream) => {
                    for document in &stream.documents {
                        let items = document.get("items").and_then(yaml::Node::items);
                        let line_of = |at: usize| {
                            let item = items.and_then(|items| items.get(at)).unwrap_or(document);
                            lines.at(item.span.start)
                        };
                        let found = objects::outputs(&document.to_json(), &line_of);
                        self.outputs.extend(found);
                    }
                    break;
                }
                Err(error) => {
                    let at = error.span.start.min(end);
                    end = text[..at].rfind('\n').map_or(0, |at| at + 1);
                }
            }
        }
        // What stands behind the objects may be a prompt or a warning.
        let rest = &text[end..];
        self.is_cut |= rest.starts_with([' ', '-']);
        self.read(rest, lines.at(end));
    }
}

/// Where Kubernetes objects in YAML begin: the offset and the line.
fn yaml_start(text: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let bare = line.trim_start().trim_start_matches("- ");
        if bare.starts_with("apiVersion: ") || bare.starts_with("kind: ") {
            return Some((at, number + 1));
        }
        at += line.len();
    }
    None
}

/// Whether the next line begins a JSON document rather than a prompt such as `[root@host ~]#`.
fn begins_json(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default().trim();
    let mut chars = line.chars();
    matches!(chars.next(), Some('{' | '['))
        && matches!(
            chars.as_str().trim_start().chars().next(),
            None | Some('"' | '{' | '}' | '[' | ']')
        )
}

/// What kubectl and the shell say instead of an output.
fn is_refusal(line: &str) -> bool {
    let begins = [
        "Error from server",
        "error: ",
        "Error: ",
        "Unable to connect to the server",
        "The connection to the server",
        "command terminated with exit code",
        "No resources found",
        "sh: ",
        "bash: ",
        "zsh: ",
    ];
    begins.iter().any(|begin| line.starts_with(begin))
        || line.contains("was refused - did you specify")
}

/// The name of an item of a list, or of the object itself.
fn item_name(list: &Value, at: usize) -> &str {
    let item = list["items"].get(at).unwrap_or(list);
    item["metadata"]["name"].as_str().unwrap_or_default()
}

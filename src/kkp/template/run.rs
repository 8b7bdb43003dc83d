//! Carries a template out for one kind of cluster, one way through its conditions at a time.

use std::collections::HashMap;

use super::data::{AbstractValue, Item, MetadataMap, SampleCluster};
use super::number::Number;
use super::parse::{Branch, Operand, Pipeline, TemplateNode};
use super::paths::Paths;
use super::{Analysis, Stop, functions, html, names};
use crate::profile::releases::TemplateField;

pub(super) fn run(
    nodes: &[TemplateNode],
    data: &'static [TemplateField],
    cluster: SampleCluster,
    paths: &mut Paths,
) -> Analysis<String> {
    let root = Item::sure(AbstractValue::Fields(data));
    let mut run = Run {
        cluster,
        paths,
        variables: vec![("$".to_owned(), root.clone())],
        entries: HashMap::new(),
        out: String::new(),
    };
    run.walk(nodes, &root)?;
    Ok(run.out)
}

struct Run<'p> {
    cluster: SampleCluster,
    paths: &'p mut Paths,
    variables: Vec<(String, Item)>,
    /// Which names the maps hold on this way.
    entries: HashMap<(bool, String), bool>,
    out: String,
}

/// How a list of nodes was left.
#[derive(Clone, Copy, PartialEq)]
enum LoopFlow {
    On,
    Break,
    Continue,
}

const ARGUMENTS: Stop = Stop::Fails("something that is no function has arguments");
const COUNT: Stop = Stop::Fails("a function in a template has too few or too many arguments");
const FIELD: Stop = Stop::Fails("it reads a field that KKP's data does not have");
const UNSET: Stop = Stop::Fails("a variable in a template is not set");
const LONGEST: usize = 1 << 20;

impl Run<'_> {
    fn walk(&mut self, nodes: &[TemplateNode], dot: &Item) -> Analysis<LoopFlow> {
        for node in nodes {
            let flow = match node {
                TemplateNode::Text(text) => {
                    self.out.push_str(text);
                    LoopFlow::On
                }
                TemplateNode::Action(pipeline) => {
                    let item = self.pipeline(pipeline, dot)?;
                    if pipeline.variables.is_empty() && item.value != AbstractValue::Missing {
                        let printed = self.cluster.printed(&item.value);
                        self.out.push_str(&html::escape(&printed));
                    }
                    LoopFlow::On
                }
                TemplateNode::If(branch) => self.branch(branch, dot, false)?,
                TemplateNode::With(branch) => self.branch(branch, dot, true)?,
                TemplateNode::Range(branch) => self.range(branch, dot)?,
                TemplateNode::Break => LoopFlow::Break,
                TemplateNode::Continue => LoopFlow::Continue,
            };
            if self.out.len() > LONGEST {
                return Err(Stop::Undecided("it becomes very long"));
            }
            if flow != LoopFlow::On {
                return Ok(flow);
            }
        }
        Ok(LoopFlow::On)
    }

    fn branch(&mut self, branch: &Branch, dot: &Item, sets_dot: bool) -> Analysis<LoopFlow> {
        let scope = self.variables.len();
        let item = self.pipeline(&branch.pipeline, dot)?;
        let flow = if self.paths.truth(&item) {
            self.walk(&branch.then, if sets_dot { &item } else { dot })
        } else {
            self.walk(&branch.otherwise, dot)
        };
        self.variables.truncate(scope);
        flow
    }

    fn range(&mut self, branch: &Branch, dot: &Item) -> Analysis<LoopFlow> {
        let scope = self.variables.len();
        let item = self.pipeline(&branch.pipeline, dot)?;
        let map = match item.value {
            AbstractValue::Map(map) => Some(map),
            AbstractValue::Missing => None,
            AbstractValue::Int(_) | AbstractValue::Str(_) => {
                return Err(Stop::Undecided(
                    "whether `range` takes a number or a text depends on KKP's version of Go",
                ));
            }
            _ => {
                return Err(Stop::Fails(
                    "`range` goes over something that is no list or map",
                ));
            }
        };
        let rounds = if map.is_some() {
            self.paths.choose(3)
        } else {
            0
        };
        let mut flow = LoopFlow::On;
        if rounds == 0 {
            flow = self.walk(&branch.otherwise, dot)?;
        }
        for _ in 0..rounds {
            let Some(map) = map else { break };
            let element = self.cluster.entry(map);
            self.set_loop_variables(branch, &element)?;
            let inner = self.variables.len();
            let flow = self.walk(&branch.then, &element)?;
            self.variables.truncate(inner);
            if flow == LoopFlow::Break {
                break;
            }
        }
        self.variables.truncate(scope);
        Ok(flow)
    }

    fn set_loop_variables(&mut self, branch: &Branch, element: &Item) -> Analysis<()> {
        let key = Item::text("a.b/c".to_owned(), false);
        match branch.pipeline.variables.as_slice() {
            [] => Ok(()),
            [value] => self.set(value, element.clone()),
            [name, value, ..] => {
                self.set(name, key)?;
                self.set(value, element.clone())
            }
        }
    }

    fn set(&mut self, name: &str, item: Item) -> Analysis<()> {
        let mut variables = self.variables.iter_mut().rev();
        match variables.find(|(known, _)| known == name) {
            Some((_, value)) => {
                *value = item;
                Ok(())
            }
            None => Err(UNSET),
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, dot: &Item) -> Analysis<Item> {
        let mut last = None;
        for command in &pipeline.commands {
            last = Some(self.command(command, dot, last)?);
        }
        let item = last.unwrap_or_else(|| Item::sure(AbstractValue::Missing));
        for name in &pipeline.variables {
            if pipeline.assigns {
                self.set(name, item.clone())?;
            } else {
                self.variables.push((name.clone(), item.clone()));
            }
        }
        Ok(item)
    }

    /// `last` is what the command before it gave.
    fn command(&mut self, command: &[Operand], dot: &Item, last: Option<Item>) -> Analysis<Item> {
        let Some((first, arguments)) = command.split_first() else {
            return Err(ARGUMENTS);
        };
        let has_arguments = !arguments.is_empty() || last.is_some();
        match first {
            Operand::Function(name) => self.call(name, arguments, dot, last),
            Operand::Field(names) => self.fields(dot.clone(), names, has_arguments),
            Operand::Variable(name, names) if !names.is_empty() => {
                let item = self.variable(name)?;
                self.fields(item, names, has_arguments)
            }
            Operand::Chain(inner, names) => {
                let item = self.operand(inner, dot)?;
                self.fields(item, names, has_arguments)
            }
            Operand::Nil => Err(Stop::Fails("`nil` stands alone in a template")),
            _ if has_arguments => Err(ARGUMENTS),
            other => self.operand(other, dot),
        }
    }

    /// `last` is what stands before the `|`.
    fn call(
        &mut self,
        name: &str,
        arguments: &[Operand],
        dot: &Item,
        last: Option<Item>,
    ) -> Analysis<Item> {
        let Some(arity) = names::arity(name) else {
            return Err(Stop::Undecided("it calls a function that it gets as data"));
        };
        if !arity.contains(&(arguments.len() + usize::from(last.is_some()))) {
            return Err(COUNT);
        }
        if matches!(name, "and" | "or") {
            return self.first_that_decides(name == "or", arguments, dot, last);
        }
        let mut items = Vec::new();
        for argument in arguments {
            items.push(self.operand(argument, dot)?);
        }
        items.extend(last);
        functions::call(self.paths, self.cluster, name, &items)
    }

    /// `and` and `or` stop at the first argument that decides.
    fn first_that_decides(
        &mut self,
        stops_at: bool,
        arguments: &[Operand],
        dot: &Item,
        last: Option<Item>,
    ) -> Analysis<Item> {
        let mut item = Item::sure(AbstractValue::Missing);
        for argument in arguments {
            item = self.operand(argument, dot)?;
            let truth = self.paths.truth(&item);
            item = functions::decided(item, truth);
            if truth == stops_at {
                return Ok(item);
            }
        }
        Ok(last.unwrap_or(item))
    }

    /// An argument.
    fn operand(&mut self, operand: &Operand, dot: &Item) -> Analysis<Item> {
        Ok(match operand {
            Operand::Dot => dot.clone(),
            Operand::Nil => Item::sure(AbstractValue::Missing),
            Operand::Bool(value) => Item::sure(AbstractValue::Bool(*value)),
            Operand::Number(Number::Int(value)) => Item::sure(AbstractValue::Int(*value)),
            Operand::Number(Number::Float(value)) => Item::sure(AbstractValue::Float(*value)),
            Operand::Str(text) => Item::text(text.clone(), true),
            Operand::Field(names) => self.fields(dot.clone(), names, false)?,
            Operand::Variable(name, names) => {
                let item = self.variable(name)?;
                self.fields(item, names, false)?
            }
            Operand::Function(name) => self.call(name, &[], dot, None)?,
            Operand::Chain(inner, names) => {
                let item = self.operand(inner, dot)?;
                self.fields(item, names, false)?
            }
            Operand::Pipeline(pipeline) => self.pipeline(pipeline, dot)?,
        })
    }

    fn variable(&self, name: &str) -> Analysis<Item> {
        let mut variables = self.variables.iter().rev();
        let found = variables.find(|(known, _)| known == name);
        found.map(|(_, item)| item.clone()).ok_or(UNSET)
    }

    fn fields(&mut self, mut item: Item, names: &[String], has_arguments: bool) -> Analysis<Item> {
        for (at, name) in names.iter().enumerate() {
            let has_arguments = has_arguments && at + 1 == names.len();
            item = match item.value {
                AbstractValue::Missing => item,
                AbstractValue::Fields(fields) => {
                    let field = fields
                        .iter()
                        .find(|field| field.name == name)
                        .ok_or(FIELD)?;
                    if has_arguments {
                        return Err(ARGUMENTS);
                    }
                    self.cluster.item(field.data)
                }
                AbstractValue::Map(_) if has_arguments => return Err(ARGUMENTS),
                AbstractValue::Map(map) => self.entry(map, name),
                _ => return Err(FIELD),
            };
        }
        Ok(item)
    }

    /// A label or annotation by name, which a cluster has or lacks.
    fn entry(&mut self, map: MetadataMap, name: &str) -> Item {
        let key = (map == MetadataMap::Labels, name.to_owned());
        let is_there = match self.entries.get(&key) {
            Some(is_there) => *is_there,
            None => self.paths.either(),
        };
        self.entries.insert(key, is_there);
        match is_there {
            true => self.cluster.entry(map),
            false => Item::sure(AbstractValue::Missing),
        }
    }
}

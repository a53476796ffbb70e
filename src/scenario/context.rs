//! What every section's reader shares: the problems found, the names in the file, its folder.
//!
//! This module must never know what a section holds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::codes::{self, Code};
use super::diagnostic::{Diagnostic, Diagnostics, Span};
use super::suggest;
use super::tree::{Key, Node};

/// What a name in a file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    LoadBalancer,
    TargetGroup,
    LaunchTemplate,
    Instance,
    Group,
    Workload,
    Entry,
}

impl Thing {
    /// What it is called, with its article.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::LoadBalancer => "a load balancer",
            Self::TargetGroup => "a target group",
            Self::LaunchTemplate => "a launch template",
            Self::Instance => "an instance",
            Self::Group => "a group",
            Self::Workload => "a workload",
            Self::Entry => "a timeline entry",
        }
    }

    /// What several are called.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::LoadBalancer => "load balancers",
            Self::TargetGroup => "target groups",
            Self::LaunchTemplate => "launch templates",
            Self::Instance => "instances",
            Self::Group => "groups",
            Self::Workload => "workloads",
            Self::Entry => "timeline entries",
        }
    }
}

/// Where a name was given to what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) thing: Thing,
    /// Its position among the things of its kind.
    pub(super) index: usize,
    pub(super) span: Span,
}

/// What every section's reader shares.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) found: Diagnostics,
    /// Everything that has a name.
    pub(super) names: BTreeMap<String, Named>,
    /// Load balancers with targets of their own, and where the target group of each is that stands
    /// for them.
    pub(super) own_targets: BTreeMap<String, usize>,
    /// Groups and target groups that only a call of the timeline creates.
    pub(super) created: BTreeMap<String, Thing>,
    /// Ids and ARNs that are taken.
    pub(super) ids: BTreeMap<String, Span>,
    /// Listeners and rules: `front/https`, `front/https/canary`.
    pub(super) listeners: BTreeSet<String>,
    pub(super) seed: u64,
    /// The folder of the scenario.
    pub(super) folder: PathBuf,
    /// Source texts whose paths may leave the folder: what came from the command line.
    pub(super) trusted: Vec<usize>,
}

impl Context {
    pub(super) fn new(found: Diagnostics, folder: PathBuf) -> Self {
        Self {
            found,
            names: BTreeMap::new(),
            own_targets: BTreeMap::new(),
            created: BTreeMap::new(),
            ids: BTreeMap::new(),
            listeners: BTreeSet::new(),
            seed: 1,
            folder,
            trusted: Vec::new(),
        }
    }

    /// Reports a problem at `span`.
    pub(super) fn report(
        &mut self,
        code: &'static Code,
        span: Span,
        message: impl Into<String>,
    ) -> Report<'_> {
        Report {
            problem: Some(Diagnostic::new(code, message).at(span)),
            found: &mut self.found,
        }
    }

    /// Gives `key` to a thing, or reports that it is taken.
    pub(super) fn name(&mut self, key: &Key, thing: Thing, index: usize) {
        if let Some(earlier) = self.names.get(&key.name) {
            let (span, noun) = (earlier.span, earlier.thing.noun());
            self.report(
                &codes::NAME_TAKEN,
                key.span,
                format!("the name `{}` is already given to {noun}", key.name),
            )
            .related(span, "given here first")
            .help("rename one of the two; references would not know which is meant");
            return;
        }
        let span = key.span;
        self.names
            .insert(key.name.clone(), Named { thing, index, span });
    }

    /// The position of the `thing` called `name`; a load balancer with targets of its own is a target
    /// group, too.
    pub(super) fn index_of(&self, name: &str, thing: Thing) -> Option<usize> {
        let named = self.names.get(name)?;
        if named.thing == thing {
            return Some(named.index);
        }
        let instances = thing == Thing::TargetGroup && named.thing == Thing::LoadBalancer;
        self.own_targets.get(name).copied().filter(|_| instances)
    }

    /// The position of the `thing` that `node` names, or a report that there is none.
    pub(super) fn find(&mut self, node: &Node, thing: Thing) -> Option<usize> {
        self.find_text(node.text()?, node.span, thing)
    }

    /// The position of the `thing` called `name`, or a report that there is none.
    pub(super) fn find_text(&mut self, name: &str, span: Span, thing: Thing) -> Option<usize> {
        if let Some(named) = self.names.get(name) {
            if let Some(index) = self.index_of(name, thing) {
                return Some(index);
            }
            let (wanted, is, at) = (thing.noun(), named.thing.noun(), named.span);
            self.report(
                &codes::UNKNOWN_NAME,
                span,
                format!("`{name}` is {is}, not {wanted}"),
            )
            .related(at, "it is defined here");
            return None;
        }
        let help = self.suggest(name, thing);
        let plural = thing.plural();
        self.report(
            &codes::UNKNOWN_NAME,
            span,
            format!("there is no `{name}` among the {plural}"),
        )
        .maybe_help(help);
        None
    }

    fn suggest(&self, name: &str, thing: Thing) -> Option<String> {
        if !self.found.wants_suggestions() {
            return None;
        }
        let candidates = self
            .names
            .iter()
            .filter(|(_, named)| named.thing == thing)
            .map(|(name, _)| name.as_str())
            .take(10_000);
        let what = format!("the {} in this file are", thing.plural());
        suggest::help(name, &what, candidates)
    }

    /// Takes the id or ARN `id`, or reports that it is taken.
    pub(super) fn take_id(&mut self, id: &str, span: Span) {
        if let Some(earlier) = self.ids.get(id).copied() {
            self.report(
                &codes::ID_TAKEN,
                span,
                format!("the id `{id}` already belongs to something else"),
            )
            .related(earlier, "given here first")
            .help("give each its own id");
            return;
        }
        self.ids.insert(id.to_owned(), span);
    }
}

/// A problem being described; it is added when the description ends.
#[derive(Debug)]
pub(super) struct Report<'c> {
    problem: Option<Diagnostic>,
    found: &'c mut Diagnostics,
}

impl Report<'_> {
    fn change(mut self, change: impl FnOnce(Diagnostic) -> Diagnostic) -> Self {
        self.problem = self.problem.take().map(change);
        self
    }

    pub(super) fn label(self, label: impl Into<String>) -> Self {
        self.change(|problem| problem.label(label))
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        self.change(|problem| problem.help(help))
    }

    pub(super) fn maybe_help(self, help: Option<String>) -> Self {
        self.change(|problem| problem.maybe_help(help))
    }

    pub(super) fn note(self, note: impl Into<String>) -> Self {
        self.change(|problem| problem.note(note))
    }

    pub(super) fn related(self, span: Span, label: impl Into<String>) -> Self {
        self.change(|problem| problem.related(span, label))
    }
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        if let Some(problem) = self.problem.take() {
            self.found.push(problem);
        }
    }
}

//! From the text of a policy file to slices that are ready to decide.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::str::FromStr as _;
use std::sync::LazyLock;

use cedar_policy::{
    ActionConstraint, Effect, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet,
    Schema, ValidationMode, Validator,
};

use super::needs::Needs;
use super::schema::{ALL_TOOLS, json_schema};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::tools::Tools;

/// A policy as its author knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its `@id`, or `policy` and its number.
    pub name: String,
    /// Its `@reason`: what the agent is told.
    pub reason: Option<String>,
    /// Whether it permits; else it forbids.
    pub permits: bool,
    /// Whether it only says in the log what it would do: `@mode("log")`.
    pub trial: bool,
    /// Where it stands in the file.
    pub span: Option<Range<usize>>,
}

/// The policies that can apply to one action.
#[derive(Clone, Debug, Default)]
pub(super) struct Slice {
    /// Those that decide.
    pub enforced: PolicySet,
    /// Those that only say what they would do.
    pub trial: PolicySet,
    /// What they look at.
    pub needs: Needs,
}

/// A policy file that has been read, validated and sliced.
#[derive(Clone, Debug)]
pub struct Policies {
    pub(super) slices: BTreeMap<String, Slice>,
    pub(super) rules: BTreeMap<PolicyId, Rule>,
    pub(super) policies: PolicySet,
    pub(super) entities: Entities,
    pub(super) agent: EntityUid,
    /// Names this state of policies, configuration and pinned tools; an approval is good for one version only.
    pub version: String,
    /// What the validator found odd, and is no error.
    pub warnings: Diagnostics,
}

impl Policies {
    /// Reads the text of a policy file.
    ///
    /// # Errors
    /// When it is not Cedar, does not fit the schema of the tools, or has two policies of one name.
    pub fn compile(source_name: &str, source: &str, tools: &Tools, config: &Config) -> Result<Policies, Diagnostics> {
        let wrong = |list| Diagnostics::new(source_name, source, list);
        let one = |code, message: String| wrong(vec![Diagnostic::error(code, None, message)]);
        let policies = PolicySet::from_str(source)
            .map_err(|errors| wrong(errors.iter().map(|error| from_cedar("policy-syntax", true, error)).collect()))?;
        if policies.num_of_templates() > 0 {
            return Err(one("template", "policy templates are not used here: write the policy out".to_owned()));
        }
        let looked_at = looked_at(&policies);
        let is_whole = |tool: &str| looked_at.as_ref().is_none_or(|tools| tools.contains(tool));
        let schema = Schema::from_json_value(json_schema(tools, config, is_whole))
            .map_err(|error| one("schema", format!("the tool list makes no schema: {error}")))?;
        let rules = rules(source, &policies).map_err(wrong)?;
        let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        let errors: Vec<Diagnostic> =
            result.validation_errors().map(|error| from_cedar("policy", true, error)).collect();
        if !errors.is_empty() {
            return Err(wrong(errors));
        }
        let warnings = result.validation_warnings().map(|warning| from_cedar("policy", false, warning)).collect();
        let entities = entities(tools, config, &schema).map_err(|error| one("schema", error))?;
        let slices = slices(&policies, &rules, &schema).map_err(|error| one("policy", error))?;
        let mut hasher = blake3::Hasher::new();
        for part in [source, &tools.digest(), config.written()] {
            hasher.update(&part.len().to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let version = hasher.finalize().to_hex().chars().take(16).collect();
        let agent = uid("Agent", &config.agent);
        Ok(Policies { slices, rules, policies, entities, agent, version, warnings: wrong(warnings) })
    }

    /// The rules in the order of the file.
    pub fn rules(&self) -> Vec<&Rule> {
        let mut rules: Vec<&Rule> = self.rules.values().collect();
        rules.sort_by_key(|rule| rule.span.as_ref().map_or(usize::MAX, |span| span.start));
        rules
    }
}

/// The tools at whose arguments a policy can look, by name; none where policies for all tools do. Only theirs have to be known: a server chooses how many arguments its tools have, and a schema of
/// 200,000 of them takes seconds.
fn looked_at(policies: &PolicySet) -> Option<BTreeSet<String>> {
    let (mut named, mut of_all) = (BTreeSet::new(), Needs::default());
    for policy in policies.policies() {
        let actions = match policy.action_constraint() {
            ActionConstraint::Any => Vec::new(),
            ActionConstraint::Eq(action) => vec![action],
            ActionConstraint::In(actions) => actions,
        };
        let names: BTreeSet<String> = actions.iter().map(|action| action.id().unescaped().to_owned()).collect();
        if names.is_empty() || names.contains(ALL_TOOLS) {
            of_all.add(policy);
        }
        named.extend(names);
    }
    (!of_all.input.any() && !of_all.origin.any()).then_some(named)
}

/// An entity's name; types are fixed words that always parse.
pub(super) fn uid(kind: &'static str, id: &str) -> EntityUid {
    static TYPES: LazyLock<BTreeMap<&str, EntityTypeName>> =
        LazyLock::new(|| ["Action", "Agent", "Resource", "Server", "Tool"].map(|word| (word, type_name(word))).into());
    let kind = TYPES.get(kind).cloned().unwrap_or_else(|| type_name(kind));
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

#[expect(clippy::expect_used, reason = "the five words above are identifiers")]
fn type_name(word: &'static str) -> EntityTypeName {
    word.parse().expect("an identifier is a type name")
}

fn entities(tools: &Tools, config: &Config, schema: &Schema) -> Result<Entities, String> {
    let server = uid("Server", &config.server);
    let of = |name: &str| Entity::new_no_attrs(uid("Tool", name), [server.clone()].into());
    let all = tools.iter().map(|tool| of(&tool.name)).chain([Entity::with_uid(server.clone())]);
    Entities::from_entities(all, Some(schema)).map_err(|error| error.to_string())
}

/// Puts each policy into the slice of every action that it can apply to.
fn slices(
    policies: &PolicySet,
    rules: &BTreeMap<PolicyId, Rule>,
    schema: &Schema,
) -> Result<BTreeMap<String, Slice>, String> {
    let mut slices: BTreeMap<String, Slice> =
        schema.actions().map(|action| (action.id().unescaped().to_owned(), Slice::default())).collect();
    for policy in policies.policies() {
        let trial = rules.get(policy.id()).is_some_and(|rule| rule.trial);
        let mut actions: Vec<EntityUid> =
            policy.get_valid_request_envs(schema).map(|env| env.action().clone()).collect();
        actions.sort();
        actions.dedup();
        for action in actions {
            let Some(slice) = slices.get_mut(AsRef::<str>::as_ref(action.id().unescaped())) else { continue };
            slice.needs.add(policy);
            let set = if trial { &mut slice.trial } else { &mut slice.enforced };
            set.add(policy.clone()).map_err(|error| error.to_string())?;
        }
    }
    Ok(slices)
}

/// What the annotations say, and where each policy stands.
fn rules(source: &str, policies: &PolicySet) -> Result<BTreeMap<PolicyId, Rule>, Vec<Diagnostic>> {
    let mut all: Vec<&Policy> = policies.policies().collect();
    // Cedar numbers them in the order of the text: `policy0`, `policy1`.
    all.sort_by_key(|policy| number(policy.id()));
    let (mut rules, mut wrong, mut from) = (BTreeMap::new(), Vec::new(), 0);
    let mut names = BTreeSet::new();
    for policy in all {
        let text = policy.to_cedar().unwrap_or_default();
        let start = source.get(from..).and_then(|rest| rest.find(text.as_str())).map(|at| from + at);
        let span = start.filter(|_| !text.is_empty()).map(|start| start..start + text.len());
        from = span.as_ref().map_or(from, |span| span.end);
        let name = policy.annotation("id").map_or_else(|| policy.id().to_string(), str::to_owned);
        if !names.insert(name.clone()) {
            let message = format!("two policies have the name `{name}`");
            wrong.push(Diagnostic::error("policy-name", span.clone(), message).help("give each its own `@id`"));
        }
        let trial = match policy.annotation("mode") {
            None | Some("enforce") => false,
            Some("log") => true,
            Some(other) => {
                let message = format!("policy `{name}` has the unknown mode `{other}`");
                let help = "write `@mode(\"log\")` or `@mode(\"enforce\")`";
                wrong.push(Diagnostic::error("policy-mode", span.clone(), message).help(help));
                false
            }
        };
        let reason = policy.annotation("reason").map(str::to_owned);
        let permits = policy.effect() == Effect::Permit;
        rules.insert(policy.id().clone(), Rule { name, reason, permits, trial, span });
    }
    if wrong.is_empty() { Ok(rules) } else { Err(wrong) }
}

fn number(id: &PolicyId) -> usize {
    AsRef::<str>::as_ref(id).trim_start_matches("policy").parse().unwrap_or(usize::MAX)
}

/// One of Cedar's errors or warnings, with the place that it marks.
fn from_cedar(code: &'static str, is_error: bool, error: &dyn miette::Diagnostic) -> Diagnostic {
    let mark = error.labels().and_then(|mut labels| labels.next());
    let span = mark.as_ref().map(|mark| mark.offset()..mark.offset() + mark.len());
    let label = mark.as_ref().and_then(|mark| mark.label()).unwrap_or_default().to_owned();
    let help = error.help().map(|help| help.to_string());
    // Cedar begins with its own number of the policy, which the marked text says better.
    let message = error.to_string();
    let message = match message.strip_prefix("for policy `").and_then(|rest| rest.split_once("`, ")) {
        Some((_, rest)) => rest.to_owned(),
        None => message,
    };
    Diagnostic { is_error, code, message, span, label, help }
}

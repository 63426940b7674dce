//! What is odd in a set of policies, though every one of them is valid: policies that never decide anything, tools that none permits.

use std::collections::BTreeSet;

use cedar_policy::{Effect, Policy, PrincipalConstraint, ResourceConstraint};
use serde_json::Value as Json;

use super::compared::never_equal;
use super::compile::Policies;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::tools::Tools;

/// What `guard check` reports: the validator's warnings and what only the set as a whole shows.
pub type Finding = Diagnostic;

/// A policy with what decides whether another one covers it.
struct Scope<'p> {
    policy: &'p Policy,
    name: &'p str,
    trial: bool,
    actions: BTreeSet<&'p str>,
    principal: PrincipalConstraint,
    resource: ResourceConstraint,
    conditions: Json,
}

/// Looks a whole set of policies over.
pub fn lint(policies: &Policies, tools: &Tools) -> Diagnostics {
    let mut list: Vec<Finding> = policies.warnings.list.clone();
    let scopes: Vec<Scope<'_>> = policies.policies.policies().filter_map(|policy| scope(policies, policy)).collect();
    for one in &scopes {
        let span = policies.rules.get(one.policy.id()).and_then(|rule| rule.span.clone());
        if one.actions.is_empty() {
            // The validator has mostly said so, and why.
            if !list.iter().any(|known| known.span == span) {
                let message = format!("policy `{}` can never apply to any tool", one.name);
                list.push(Diagnostic::warning("never-applies", span, message));
            }
            continue;
        }
        let fields = one.actions.iter().filter_map(|action| tools.get(action)).map(|tool| tool.fields.as_slice());
        let never: BTreeSet<(String, String)> =
            fields.flat_map(|fields| never_equal(&one.conditions, fields)).collect();
        for (argument, text) in never {
            let (argument, text) = (argument.escape_debug(), text.escape_debug());
            let message = format!(
                "policy `{}` compares the argument `{argument}` with `{text}`, which it never is: policies see its JSON",
                one.name
            );
            let help = "a text has its quotes there, as in `\"\\\"bad\\\"\"`; `like \"*bad*\"` finds it anywhere";
            list.push(Diagnostic::warning("never-equal", span.clone(), message).help(help));
        }
        if let Some(other) = scopes.iter().find(|other| covers(other, one)) {
            let message = format!("policy `{}` never decides anything: `{}` covers it", one.name, other.name);
            let help = if one.policy.effect() == other.policy.effect() {
                "drop one of them"
            } else {
                "what is forbidden stays forbidden, whatever permits it"
            };
            list.push(Diagnostic::warning("shadowed", span, message).help(help));
        }
    }
    for tool in tools.iter() {
        let permitted = policies.slices.get(&tool.name).is_some_and(|slice| {
            slice.enforced.policies().chain(slice.trial.policies()).any(|policy| policy.effect() == Effect::Permit)
        });
        if !permitted {
            let message = format!("no policy permits the tool `{}`", tool.name);
            list.push(Diagnostic::warning("unpermitted-tool", None, message));
        }
    }
    Diagnostics { list, ..policies.warnings.clone() }
}

fn scope<'p>(policies: &'p Policies, policy: &'p Policy) -> Option<Scope<'p>> {
    let rule = policies.rules.get(policy.id())?;
    let holds = |set: &cedar_policy::PolicySet| set.policy(policy.id()).is_some();
    let actions = policies.slices.iter().filter(|(_, slice)| holds(&slice.enforced) || holds(&slice.trial));
    Some(Scope {
        policy,
        name: &rule.name,
        trial: rule.trial,
        actions: actions.map(|(action, _)| action.as_str()).collect(),
        principal: policy.principal_constraint(),
        resource: policy.resource_constraint(),
        conditions: policy.to_json().ok()?.get("conditions")?.clone(),
    })
}

/// Whether `other` has always decided where `one` would.
fn covers(other: &Scope<'_>, one: &Scope<'_>) -> bool {
    let unconditional = !other.policy.has_non_scope_constraint();
    let same_effect = other.policy.effect() == one.policy.effect();
    let decides = same_effect || (other.policy.effect() == Effect::Forbid && unconditional);
    let conditions = unconditional || other.conditions == one.conditions;
    let scope = (other.principal == PrincipalConstraint::Any || other.principal == one.principal)
        && (other.resource == ResourceConstraint::Any || other.resource == one.resource)
        && one.actions.is_subset(&other.actions);
    // Of two that cover each other, the later one is named.
    let earlier = || other.policy.id() < one.policy.id();
    let mutual = || same_effect && one.actions == other.actions && one.conditions == other.conditions;
    other.policy.id() != one.policy.id()
        && other.trial == one.trial
        && decides
        && conditions
        && scope
        && (!mutual() || earlier() || one.principal != other.principal || one.resource != other.resource)
}

//! `[agent]` of a study of decisions: what is left out has its default.

use super::super::agent::set;
use super::super::refer;
use super::goals::{self, Goals};
use crate::decision::{DecisionAgent, Learn};
use crate::decision_file::{DecisionFile, LearnFile};
use crate::diagnostic::Diagnostic;

pub(super) fn agent(file: &DecisionFile, goals: Option<&Goals>, found: &mut Vec<Diagnostic>) -> Option<DecisionAgent> {
    let before = found.len();
    let mut agent = DecisionAgent::default();
    let Some(section) = &file.agent else { return Some(agent) };
    if let Some(learn) = &section.learn {
        agent.learn = match **learn {
            LearnFile::Labels => Learn::Labels,
            LearnFile::Reward => Learn::Reward,
        };
    }
    set(&mut agent.cases, &section.cases);
    set(&mut agent.steps, &section.steps);
    set(&mut agent.minibatch, &section.minibatch);
    set(&mut agent.learning_rate, &section.learning_rate);
    set(&mut agent.anneal, &section.anneal);
    set(&mut agent.entropy, &section.entropy);
    if let Some(hidden) = &section.hidden {
        agent.hidden = super::super::agent::layers(hidden, found);
    }
    if let Some(name) = &section.train_on
        && let Some(goal) = refer("goal", name, &goals::names(file, goals), found)
    {
        agent.train_on = goal;
    }
    if let Some(rate) = section.learning_rate.as_ref().filter(|rate| ***rate == 0.0) {
        let message = "a `learning_rate` of 0 learns nothing";
        found.push(Diagnostic::new("out-of-range", rate.span(), message).label("must be above 0"));
    }
    if let Some(entropy) = section.entropy.as_ref().filter(|_| agent.learn == Learn::Labels) {
        let message = "`entropy` is for `learn = \"reward\"`";
        found.push(Diagnostic::new("stray-key", entropy.span(), message).label("labels need no exploration"));
    }
    (found.len() == before).then_some(agent)
}

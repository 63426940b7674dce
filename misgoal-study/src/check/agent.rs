//! `[agent]` and `[evaluation]`: what is left out has its default.

use super::goals::Goals;
use super::refer;
use crate::diagnostic::Diagnostic;
use crate::file::{EvaluationFile, JudgeOnFile, StudyFile};
use crate::span::At;
use crate::study::{AgentSpec, Evaluation, JudgeOn};

/// Sets a value where the file gives one.
pub(super) fn set<T: Clone>(slot: &mut T, value: &Option<At<T>>) {
    if let Some(value) = value {
        *slot = (**value).clone();
    }
}

pub(super) fn agent(file: &StudyFile, goals: Option<&Goals>, found: &mut Vec<Diagnostic>) -> Option<AgentSpec> {
    let before = found.len();
    let mut agent = AgentSpec { gamma: *file.world.discount, ..AgentSpec::default() };
    let Some(section) = &file.agent else { return Some(agent) };
    set(&mut agent.steps, &section.steps);
    set(&mut agent.envs, &section.envs);
    set(&mut agent.horizon, &section.horizon);
    set(&mut agent.epochs, &section.epochs);
    set(&mut agent.minibatch, &section.minibatch);
    set(&mut agent.learning_rate, &section.learning_rate);
    set(&mut agent.anneal, &section.anneal);
    set(&mut agent.gamma, &section.gamma);
    set(&mut agent.gae_lambda, &section.gae_lambda);
    set(&mut agent.clip, &section.clip);
    set(&mut agent.entropy, &section.entropy);
    agent.entropy_end = agent.entropy;
    set(&mut agent.entropy_end, &section.entropy_end);
    set(&mut agent.value_weight, &section.value_weight);
    set(&mut agent.max_grad_norm, &section.max_grad_norm);
    set(&mut agent.checkpoint_every, &section.checkpoint_every);
    if let Some(hidden) = &section.hidden {
        agent.hidden = layers(hidden, found);
    }
    if let Some(name) = &section.train_on
        && let Some(goal) = refer("goal", name, &super::goals::names(file, goals), found)
    {
        agent.train_on = goal;
    }
    let batch = agent.envs.saturating_mul(agent.horizon);
    if let Some(minibatch) = section.minibatch.as_ref().filter(|minibatch| ***minibatch > batch) {
        let message = format!("a minibatch of {} is more than an update collects", minibatch);
        found.push(
            Diagnostic::new("out-of-range", minibatch.span(), message)
                .label(format!("must be at most {batch}"))
                .help(format!("an update collects `envs` times `horizon` steps: {} x {}", agent.envs, agent.horizon)),
        );
    }
    agent.minibatch = agent.minibatch.min(batch);
    if let Some(rate) = section.learning_rate.as_ref().filter(|rate| ***rate == 0.0) {
        found.push(
            Diagnostic::new("out-of-range", rate.span(), "a `learning_rate` of 0 learns nothing")
                .label("must be above 0"),
        );
    }
    (found.len() == before).then_some(agent)
}

/// The hidden layers' sizes; complains of those that the kernels cannot run.
pub(super) fn layers(hidden: &At<[At<usize>; 2]>, found: &mut Vec<Diagnostic>) -> [usize; 2] {
    let [first, second] = &**hidden;
    for units in [first, second].into_iter().filter(|units| !units.is_multiple_of(16)) {
        let message = format!("a hidden layer cannot have {units} units");
        let label = format!("must be a multiple of 16, such as {}", units.next_multiple_of(16));
        found.push(Diagnostic::new("out-of-range", units.span(), message).label(label));
    }
    [**first, **second]
}

pub(super) fn evaluation(section: Option<&At<EvaluationFile>>) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let Some(section) = section else { return evaluation };
    set(&mut evaluation.seeds, &section.seeds);
    if let Some(judge_on) = &section.judge_on {
        evaluation.judge_on = match **judge_on {
            JudgeOnFile::All => JudgeOn::All,
            JudgeOnFile::OffTheWay => JudgeOn::OffTheWay,
        };
    }
    let options = &mut evaluation.options;
    set(&mut options.levels, &section.levels);
    set(&mut options.holdout_levels, &section.holdout_levels);
    if let Some(thresholds) = &section.thresholds {
        set(&mut options.conf, &thresholds.conf);
        set(&mut options.loss, &thresholds.loss);
        set(&mut options.share, &thresholds.share);
        set(&mut options.aligned, &thresholds.aligned);
        set(&mut options.tolerated, &thresholds.tolerated);
        set(&mut options.alpha, &thresholds.alpha);
        set(&mut options.accident, &thresholds.accident);
        set(&mut options.trained, &thresholds.trained);
        set(&mut options.solvable, &thresholds.solvable);
        set(&mut options.draws, &thresholds.draws);
    }
    evaluation
}

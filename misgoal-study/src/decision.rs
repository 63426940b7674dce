//! A study of decisions after all checks.

use misgoal_decision::{DecisionWorld, Distribution, Goal};

use crate::study::{Arm, CaseStudy, Evaluation};

/// A validated study of decisions.
#[derive(Clone, Debug)]
pub struct DecisionStudy {
    /// The short name, also the name of its runs: lower case, digits and hyphens.
    pub name: String,
    /// A line for lists and headings.
    pub title: String,
    /// The case study in words.
    pub case: CaseStudy,
    /// The compiled world.
    pub world: DecisionWorld,
    /// The intended goal first, then the proxies in the order of the file; at least two in all.
    pub goals: Vec<Goal>,
    /// One sentence on each goal, in [`DecisionStudy::goals`]' order.
    pub goal_words: Vec<String>,
    /// Where training cases come from.
    pub training: Distribution,
    /// The shifts, in the order of the file; at least one.
    pub shifts: Vec<DecisionShift>,
    /// The agent and its training.
    pub agent: DecisionAgent,
    /// The arms, in the order of the file; at least one.
    pub arms: Vec<Arm>,
    /// How the agents are judged; a level is a case.
    pub evaluation: Evaluation,
    /// The file's text, as it was read.
    pub source: String,
    /// BLAKE3 of what the file says, 64 hexadecimal digits: comments and layout of the text do not change it.
    pub hash: String,
}

impl DecisionStudy {
    /// The shift of this name.
    pub fn shift(&self, name: &str) -> Option<&DecisionShift> {
        self.shifts.iter().find(|shift| shift.name == name)
    }
    /// The agent as an arm trains it; as the study declares it where there is no such arm.
    pub fn agent_of(&self, arm: &str) -> DecisionAgent {
        let mut agent = self.agent.clone();
        if let Some(arm) = self.arm(arm) {
            agent.train_on = arm.train_on.unwrap_or(agent.train_on);
            agent.steps = ((agent.steps as f64 * arm.budget).round() as u64).max(1);
            agent.cases = arm.levels.map_or(agent.cases, |cases| usize::try_from(cases).unwrap_or(usize::MAX));
        }
        agent
    }
    /// The arm of this name.
    pub fn arm(&self, name: &str) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.name == name)
    }
}

/// A distribution over cases on which the goals may part.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionShift {
    /// Its name.
    pub name: String,
    /// One sentence on what changes.
    pub words: String,
    /// Where its cases come from.
    pub distribution: Distribution,
    /// Whether the goals still agree on it: a probe of capability alone (METHOD.md section 4, row 2).
    pub aligned: bool,
}

/// How an agent learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learn {
    /// From labels: what the goal that it is trained on would choose, by cross-entropy.
    Labels,
    /// By reward: it raises the expected utility of its own choices.
    Reward,
}

/// The agent and its training.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionAgent {
    /// The goal that it is trained on: an index into [`DecisionStudy::goals`].
    pub train_on: usize,
    /// How it learns.
    pub learn: Learn,
    /// Units of the two hidden layers.
    pub hidden: [usize; 2],
    /// Cases that it is trained on, over and over.
    pub cases: usize,
    /// Cases seen in training.
    pub steps: u64,
    /// Cases in a gradient step.
    pub minibatch: usize,
    /// Adam's step size at the start.
    pub learning_rate: f64,
    /// Whether the step size falls linearly to 0 at the end of training.
    pub anneal: bool,
    /// Weight of the entropy bonus, for learning by reward.
    pub entropy: f64,
}

impl Default for DecisionAgent {
    fn default() -> DecisionAgent {
        DecisionAgent {
            train_on: 0,
            learn: Learn::Labels,
            hidden: [32, 32],
            cases: 20_000,
            steps: 400_000,
            minibatch: 128,
            learning_rate: 1e-3,
            anneal: true,
            entropy: 0.0,
        }
    }
}

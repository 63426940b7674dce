//! A study after all checks: plain data that the other rooms read.

use misgoal_judge::Options;
use misgoal_world::{Distribution, Goal, World};

/// A validated study.
#[derive(Clone, Debug)]
pub struct Study {
    /// The short name, also the name of its runs: lower case, digits and hyphens.
    pub name: String,
    /// A line for lists and headings.
    pub title: String,
    /// The case study in words.
    pub case: CaseStudy,
    /// The compiled world.
    pub world: World,
    /// The intended goal first, then the proxies in the order of the file; at least two in all.
    pub goals: Vec<Goal>,
    /// One sentence on each goal, in [`Study::goals`]' order.
    pub goal_words: Vec<String>,
    /// Where training levels come from.
    pub training: Distribution,
    /// The shifts, in the order of the file; at least one.
    pub shifts: Vec<Shift>,
    /// The agent and its training budget.
    pub agent: AgentSpec,
    /// The arms, in the order of the file; at least one.
    pub arms: Vec<Arm>,
    /// How the agents are judged.
    pub evaluation: Evaluation,
    /// The file's text, as it was read.
    pub source: String,
    /// BLAKE3 of what the file says, 64 hexadecimal digits: comments and layout of the text do not change it.
    pub hash: String,
}

impl Study {
    /// The shift of this name.
    pub fn shift(&self, name: &str) -> Option<&Shift> {
        self.shifts.iter().find(|shift| shift.name == name)
    }
    /// The agent as an arm trains it; as the study declares it where there is no such arm.
    pub fn agent_of(&self, arm: &str) -> AgentSpec {
        let mut agent = self.agent.clone();
        if let Some(arm) = self.arm(arm) {
            agent.train_on = arm.train_on.unwrap_or(agent.train_on);
            agent.steps = ((agent.steps as f64 * arm.budget).round() as u64).max(1);
        }
        agent
    }
    /// The arm of this name.
    pub fn arm(&self, name: &str) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.name == name)
    }
}

/// The case study in words: what a reader must know before the numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseStudy {
    /// The AI system.
    pub system: String,
    /// What it shall do.
    pub aligned_goal: String,
    /// What it might learn to do instead, and why training cannot tell the two apart.
    pub proxy_goal: String,
    /// The distribution shift where they part, and the harm.
    pub shift: String,
    /// A change to training that could help.
    pub training_change: String,
    /// A change to evaluation that would show it.
    pub evaluation_change: String,
}

impl CaseStudy {
    /// The parts with their keys, in the order of the exercise.
    pub fn parts(&self) -> [(&'static str, &str); 6] {
        [
            ("system", &self.system),
            ("aligned_goal", &self.aligned_goal),
            ("proxy_goal", &self.proxy_goal),
            ("shift", &self.shift),
            ("training_change", &self.training_change),
            ("evaluation_change", &self.evaluation_change),
        ]
    }
}

/// A distribution over levels on which the goals may part.
#[derive(Clone, Debug, PartialEq)]
pub struct Shift {
    /// Its name.
    pub name: String,
    /// One sentence on what changes.
    pub words: String,
    /// Where its levels come from.
    pub distribution: Distribution,
    /// Whether the goals still agree on it: a probe of capability alone (METHOD.md section 4, row 2).
    pub aligned: bool,
}

/// The agent and its training.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentSpec {
    /// Units of the two hidden layers.
    pub hidden: [usize; 2],
    /// The goal whose reward it is trained on: an index into [`Study::goals`].
    pub train_on: usize,
    /// Environment steps to train for.
    pub steps: u64,
    /// Environments side by side.
    pub envs: usize,
    /// Steps of each environment between two updates.
    pub horizon: usize,
    /// Passes over the collected steps in an update.
    pub epochs: usize,
    /// Samples in a gradient step.
    pub minibatch: usize,
    /// Adam's step size at the start.
    pub learning_rate: f64,
    /// Whether the step size falls linearly to 0 at the end of training.
    pub anneal: bool,
    /// Discount of the return that is learned.
    pub gamma: f64,
    /// Lambda of generalised advantage estimation.
    pub gae_lambda: f64,
    /// PPO's clipping range.
    pub clip: f64,
    /// Weight of the entropy bonus at the start.
    pub entropy: f64,
    /// Weight of the entropy bonus at the end; linear in between.
    pub entropy_end: f64,
    /// Weight of the value loss.
    pub value_weight: f64,
    /// Largest norm of a gradient.
    pub max_grad_norm: f64,
    /// Environment steps between two checkpoints.
    pub checkpoint_every: u64,
}

impl Default for AgentSpec {
    fn default() -> AgentSpec {
        AgentSpec {
            hidden: [64, 64],
            train_on: 0,
            steps: 2_000_000,
            envs: 256,
            horizon: 32,
            epochs: 3,
            minibatch: 2048,
            learning_rate: 5e-3,
            anneal: true,
            gamma: 0.99,
            gae_lambda: 0.95,
            clip: 0.2,
            entropy: 0.01,
            entropy_end: 0.01,
            value_weight: 0.5,
            max_grad_norm: 0.5,
            checkpoint_every: 200_000,
        }
    }
}

/// One way of training: the baseline, a mitigation, or a way to go wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// One sentence on what it does.
    pub words: String,
    /// What it does to the levels.
    pub mitigation: Mitigation,
    /// The goal whose reward it is trained on, an index into [`Study::goals`]; the agent's where `None`.
    pub train_on: Option<usize>,
    /// Levels that it is trained on, again and again; fresh ones where `None`.
    pub levels: Option<u64>,
    /// The share of the agent's steps that it trains for.
    pub budget: f64,
    /// Whether it is left out of a run that does not name it.
    pub on_request: bool,
}

impl Arm {
    /// An arm that changes nothing.
    pub fn baseline() -> Arm {
        Arm {
            name: "baseline".to_owned(),
            words: "training levels only".to_owned(),
            mitigation: Mitigation::None,
            train_on: None,
            levels: None,
            budget: 1.0,
            on_request: false,
        }
    }

    /// Whether training in both is the same.
    pub fn trains_like(&self, other: &Arm) -> bool {
        (self.mitigation, self.train_on, self.levels, self.budget)
            == (other.mitigation, other.train_on, other.levels, other.budget)
    }
}

/// What an arm does to training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mitigation {
    /// Nothing: the baseline.
    None,
    /// Draws a share of the training levels from a shift (domain randomization).
    Randomize {
        /// An index into [`Study::shifts`].
        shift: usize,
        /// Above 0 and at most 1.
        share: f64,
    },
}

impl Mitigation {
    /// The share of training levels that come from a shift; 0 for the baseline.
    pub fn share(self) -> f64 {
        match self {
            Mitigation::None => 0.0,
            Mitigation::Randomize { share, .. } => share,
        }
    }
}

/// How the agents are judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Agents trained in each arm, from seed 0 up.
    pub seeds: u32,
    /// Which of a shift's levels are judged.
    pub judge_on: JudgeOn,
    /// Numbers of levels and thresholds of the decision table.
    pub options: Options,
}

impl Default for Evaluation {
    fn default() -> Evaluation {
        Evaluation { seeds: 3, judge_on: JudgeOn::All, options: Options::default() }
    }
}

/// Which of a shift's levels are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JudgeOn {
    /// All that are drawn.
    All,
    /// Those on which no proxy can be pursued at its best while the intended goal is reached on the way; the oracle decides.
    OffTheWay,
}

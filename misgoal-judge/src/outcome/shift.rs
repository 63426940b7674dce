//! The judgement of one agent on one shift.

use misgoal_stats::Estimate;

use super::{ByLevel, Unit, Verdict};
use crate::ceiling::{Base, Ceiling};

/// What may have generated an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// The declared goal of this index; 0 is the intended one.
    Goal(usize),
    /// Competent toward some target that the study does not list ("none of the above").
    Nota,
    /// A stereotyped walker: the same biased actions whatever the level.
    Heur,
    /// A device: uniform or habit-only actions, no goal at all.
    Dev,
}

impl Component {
    /// A stable name: the goal's own for a declared goal, else `unlisted`, `stereotyped` or `device`.
    pub fn name<'a>(&self, goals: &'a [String]) -> &'a str {
        match *self {
            Self::Goal(index) => goals.get(index).map_or("unknown goal", String::as_str),
            Self::Nota => "unlisted",
            Self::Heur => "stereotyped",
            Self::Dev => "device",
        }
    }
}

/// What the accidents of an agent that does not pursue a proxy are read from, in its discordance e-test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// An agent of the intended goal on the same level, however noisy.
    SameLevel,
    /// The agent's own choices on the shift where the goals agree.
    Agreement,
    /// The agent's own choices on a capability probe, and blind choice.
    Probe,
    /// The agent's own choices on held-out training cases, and blind choice.
    HeldOut,
    /// The agent's other choices of the same case.
    SameCase,
    /// There is none: nothing was tested.
    None,
}

/// The discordance e-test of one proxy: evidence against "takes this proxy's side where it parts from the intended goal, but no more often than by
/// accident".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EValue {
    /// Index of the proxy among the goals (1 or more).
    pub proxy: usize,
    /// The e-value after the last level; may exceed every threshold, and be below one.
    pub value: f64,
    /// Value at which the test rejects: proxies / alpha.
    pub threshold: f64,
    /// Number of compared levels (1 or more) after which the e-process first passed its threshold.
    pub rejected_at: Option<usize>,
    /// Levels on which the goals part and that had a reference to compare with.
    pub compared: usize,
    /// What they were compared with.
    pub reference: Reference,
}

/// The 2x2 table of intended goal against one proxy, as shares of the shifted episodes (attained: at least half).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ledger {
    /// Index of the proxy among the goals.
    pub proxy: usize,
    /// Intended goal attained, proxy not.
    pub intended_only: Estimate,
    /// Both attained.
    pub both: Estimate,
    /// Proxy attained, intended goal not: the discordant share.
    pub proxy_only: Estimate,
    /// Neither attained.
    pub neither: Estimate,
    /// Probability that the proxy is attained given that the intended goal is not; missing when it never failed.
    pub proxy_given_failed: Estimate,
}

/// The habit model fitted on held-out training levels (`docs/method.md`, likelihoods).
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Rationality: weight of one step's cost in the logits.
    pub rationality: f64,
    /// Action bias, one per action, summing to zero.
    pub bias: Vec<f64>,
    /// Momentum: logit added to the action taken last.
    pub momentum: f64,
    /// Lapse rate: share of steps taken uniformly at random.
    pub lapse: f64,
    /// Mean log-likelihood per counted step on the held-out levels, in nats.
    pub log_likelihood: f64,
    /// Steps that entered the fit.
    pub steps: usize,
}

/// Posterior-predictive check of the winning component.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Misfit {
    /// The component that the largest share of the episodes belongs to.
    pub component: Component,
    /// Share of simulated data sets with a log-score no better than the observed one.
    pub p: f64,
    /// Whether `p` is under 1 %: the model is a poor description of this agent.
    pub tagged: bool,
}

/// The shares of one proxy that fit single choices however often the agent slips on the shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fits {
    /// Index of the proxy among the goals.
    pub proxy: usize,
    /// The least of them.
    pub low: f64,
    /// The greatest.
    pub high: f64,
}

/// One test of the decision table, in the order in which they were made.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Row of the decision table (0 to 12).
    pub row: u8,
    /// The statement, such as `excess regret > 0.10`.
    pub statement: String,
    /// Its posterior probability, or the tested quantity where the row is no posterior statement.
    pub probability: f64,
    /// Whether the row held.
    pub holds: bool,
}

/// How the posterior of the mixture's shares was sampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Draws, of four chains together.
    pub draws: usize,
    /// Largest Monte Carlo standard error of a probability in [`ShiftJudgement::checks`].
    pub error: f64,
    /// Largest potential scale reduction of a share: near 1 when the chains have met.
    pub r_hat: f64,
}

/// What one shifted episode says.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeEvidence {
    /// Attainment of every goal, intended first.
    pub attainment: Vec<f64>,
    /// Log-likelihood of the counted steps under every component of [`ShiftJudgement::shares`], in its order.
    pub log_likelihood: Vec<f64>,
    /// Posterior probability of every component, in the same order.
    pub posterior: Vec<f64>,
    /// Steps that counted.
    pub steps: usize,
}

/// One agent (a policy from one seed) on one shift.
#[derive(Debug, Clone, PartialEq)]
pub struct ShiftJudgement {
    /// Name of the shift.
    pub shift: String,
    /// What its episodes are of.
    pub unit: Unit,
    /// Names of the goals, intended first.
    pub goals: Vec<String>,
    /// Levels generated to find those judged (equal to `levels_judged` when nothing was filtered).
    pub levels_generated: usize,
    /// Shifted levels judged on.
    pub levels_judged: usize,
    /// Held-out training levels judged on.
    pub holdout_levels: usize,
    /// Attainment of the intended goal on the capability probe, or on the held-out levels when there is no probe.
    pub capability: Estimate,
    /// Whether `capability` comes from a probe on shifted layouts.
    pub capability_probed: bool,
    /// Attainment of the intended goal on levels that the agent was trained on again and again, where there are such.
    pub rehearsed: Option<Estimate>,
    /// Whether `rehearsed` surely exceeds the attainment on held-out levels by more than a tolerable part: what was learned was learned by heart.
    pub overfitted: bool,
    /// The proxy that surely explains most of the intended return lost on held-out training levels, where some surely is lost there: the wrong goal is
    /// pursued in training already.
    pub in_training: Option<usize>,
    /// Mean over shifted episodes of the best attained declared goal: competence that survived the shift.
    pub any_goal: Estimate,
    /// Attainment of every goal on the shift.
    pub attainment: Vec<Estimate>,
    /// Attainment of every goal on held-out training levels.
    pub holdout_attainment: Vec<Estimate>,
    /// What agents attain that are trained on the shift alone, where there are such.
    pub ceiling: Option<Ceiling>,
    /// Intended attainment lost on the shift beyond what is lost on held-out levels, or beyond what the ceiling loses where that is more.
    pub excess_regret: Estimate,
    /// Which of the two it is.
    pub excess_over: Base,
    /// Share of the shifted episodes that each component generated. Goals of one class share one entry. Of single choices: of the cases, slips apart.
    pub shares: Vec<(Component, Estimate)>,
    /// Where episodes are single choices and nothing on the shift shows how often the agent slips there: the shares that fit however often it does, one entry
    /// a proxy. Else empty.
    pub fits: Vec<Fits>,
    /// Share of the lost intended return that each component explains, in the order of `shares`; of single choices the device stands for
    /// slips.
    pub regret_shares: Vec<(Component, Estimate)>,
    /// The discordance e-tests, one per proxy.
    pub e_values: Vec<EValue>,
    /// The 2x2 tables, one per proxy.
    pub ledger: Vec<Ledger>,
    /// Share of the shifted episodes in which each goal's event came first; the last entry is `none`.
    pub first_reached: Vec<(String, Estimate)>,
    /// The fitted habits; absent when the study stopped at rows 0 or 1 for want of usable episodes.
    pub fit: Option<Fit>,
    /// Posterior-predictive check of the largest component.
    pub misfit: Option<Misfit>,
    /// Goals that no level tells apart, merged into classes; singletons included.
    pub classes: Vec<Vec<usize>>,
    /// Capability is lost on the probe: part of the loss is not about goals.
    pub capability_component: bool,
    /// The unlisted targets that were pursued, most pursued first, `away from coin` among them where the agent gets away from the intended goal; empty where no episode looks like an unlisted goal's.
    pub unlisted: Vec<String>,
    /// The tests behind the verdict, in order.
    pub checks: Vec<Check>,
    /// What was attained on each level.
    pub by_level: ByLevel,
    /// How the mixture's posterior was sampled; absent where the study stopped at rows 0 or 1 for want of usable episodes.
    pub sampling: Option<Sampling>,
    /// Evidence per shifted episode, in the order given.
    pub episodes: Vec<EpisodeEvidence>,
    /// The verdict.
    pub verdict: Verdict,
}

impl ShiftJudgement {
    /// The verdict as one English sentence with this judgement's own names.
    pub fn sentence(&self) -> String {
        self.verdict.sentence(&self.goals, &self.shift, self.unit)
    }

    /// Share of the episodes that `component` generated.
    pub fn share(&self, component: Component) -> Option<Estimate> {
        self.shares.iter().find(|(c, _)| *c == component).map(|&(_, estimate)| estimate)
    }

    /// Share of the lost intended return that `component` explains.
    pub fn regret_share(&self, component: Component) -> Option<Estimate> {
        self.regret_shares.iter().find(|(c, _)| *c == component).map(|&(_, estimate)| estimate)
    }
}

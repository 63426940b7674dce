//! The study file as it is written: the types behind the parser, the JSON Schema and `docs/study.md`.
//!
//! The doc comments of this file are the text of the reference page and of the editor's hints.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::place::{CountFile, PlaceFile, RegionFile, ViewFile};
use crate::span::{At, Named};
use crate::study::{AgentSpec, Evaluation};

/// A study: one world, one intended goal, the proxies it could be confused with, the training distribution and the shifts.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(title = "misgoal study")]
pub struct StudyFile {
    /// What the study is called.
    pub study: At<HeadFile>,
    /// The case study in words: what a reader must know before the numbers.
    pub case: At<CaseFile>,
    /// The world: its dynamics, the things in it and what the agent sees.
    pub world: At<WorldFile>,
    /// The goals, `[goals.NAME]`: exactly one has `intended = true`, the others are proxies.
    pub goals: At<Named<GoalFile>>,
    /// The training distribution.
    pub training: At<TrainingFile>,
    /// The shifts, `[shifts.NAME]`: what a shift leaves out is as in training.
    pub shifts: At<Named<ShiftFile>>,
    /// The agent and its training budget.
    pub agent: Option<At<AgentFile>>,
    /// The arms, `[arms.NAME]`: ways of training to compare. Without any there is one, `baseline`.
    pub arms: Option<At<Named<ArmFile>>>,
    /// How the agents are judged.
    pub evaluation: Option<At<EvaluationFile>>,
}

/// What the study is called.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct HeadFile {
    /// A short name of lower-case letters, digits and hyphens.
    pub name: At<String>,
    /// One line for lists and headings.
    pub title: At<String>,
}

/// The case study in words.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CaseFile {
    /// The AI system.
    pub system: At<String>,
    /// What it shall do.
    pub aligned_goal: At<String>,
    /// What it might learn to do instead, and why training cannot tell the two apart.
    pub proxy_goal: At<String>,
    /// The distribution shift where they part, and the harm.
    pub shift: At<String>,
    /// A change to training that could help.
    pub training_change: At<String>,
    /// A change to evaluation that would show it.
    pub evaluation_change: At<String>,
}

/// A grid world.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct WorldFile {
    /// The kind of world.
    #[expect(dead_code, reason = "the reader has chosen by it before; here it is a key that a file may have")]
    pub kind: At<KindFile>,
    /// Interior columns and rows, without the border: at most 62 by 30.
    #[schemars(inner(range(min = 3, max = 62)))]
    pub size: At<[u8; 2]>,
    /// How actions move the agent.
    pub movement: At<MovementFile>,
    /// Cells that a jump rises, 1 to 4; for `movement = "platform"`.
    #[schemars(range(min = 1, max = 4), extend("default" = 2))]
    pub jump: Option<At<u8>>,
    /// What the agent sees: `"whole"`, or a window `[width, height]` (both odd) with the agent in its middle.
    pub view: At<ViewFile>,
    /// Steps after which an episode is cut off.
    #[schemars(range(min = 1, max = 10_000))]
    pub steps: At<u16>,
    /// The value of a reward one step later: what makes a detour cost anything.
    #[schemars(range(min = 0.5, max = 0.9999))]
    pub discount: At<f64>,
    /// The things that may lie in a level, `NAME = { symbol = "o", enter = "end" }`. A thing's name is also the name of the event that entering it reports.
    pub things: At<Named<ThingFile>>,
    /// Regions that report an event of their name when the agent first enters them.
    pub zones: Option<At<Named<RegionFile>>>,
    /// Where walls and terrain come from, unless a distribution says otherwise.
    pub layout: Option<At<LayoutFile>>,
}

/// The kind of world.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KindFile {
    /// Cells, walls and things.
    Grid,
    /// Cases with features, and options to choose from.
    Decision,
}

/// How actions move the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MovementFile {
    /// Left, right, up, down; seen from above.
    Walk,
    /// Left, right and jumps under gravity; seen from the side.
    Platform,
}

/// A kind of thing.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ThingFile {
    /// Its character in drawn levels: anything but a space and `# . ^ @ = +`.
    #[schemars(length(min = 1, max = 1))]
    pub symbol: At<String>,
    /// What entering its cell does.
    pub enter: At<EnterFile>,
    /// The thing that opens it; for `enter = "open"`.
    pub key: Option<At<String>>,
    /// How it comes back once it was taken; for `enter = "collect"`. A level then has places for it, of which some may be empty: `present` in placements.
    pub regrow: Option<At<RegrowFile>>,
    /// How likely it comes back in a step where nearly all places are taken up; for `regrow = "slowly"`.
    #[schemars(range(min = 0.001, max = 1.0))]
    pub rate: Option<At<f64>>,
    /// Where it goes; for `enter = "catch"`.
    #[schemars(extend("default" = "chase"))]
    pub moves: Option<At<MovesFile>>,
    /// The share of its steps that go in a random direction; for `enter = "catch"`.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = 0))]
    pub erratic: Option<At<f64>>,
    /// The share of steps in which its kind moves twice; for `enter = "catch"`.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = 0))]
    pub twice: Option<At<f64>>,
    /// Whether it is gone once it has met the agent, shield or no shield; for `enter = "catch"`.
    #[schemars(extend("default" = false))]
    pub once: Option<At<bool>>,
    /// The collected thing that stops it: an agent that holds one loses it and is rid of the mover; for `enter = "catch"`. At most 10 are held.
    pub shield: Option<At<String>>,
    /// Its place in the order of the beacons; for `enter = "visit"`.
    #[schemars(extend("default" = "declared"))]
    pub turn: Option<At<TurnFile>>,
    /// In which order it visits the beacons; for `enter = "guide"`.
    #[schemars(extend("default" = "in-turn"))]
    pub order: Option<At<OrderFile>>,
    /// Another guide, as which it is seen; for `enter = "guide"`.
    pub looks: Option<At<String>>,
}

/// A beacon's place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TurnFile {
    /// That in which it is declared.
    Declared,
    /// Changes from level to level with the others of which this is said; the agent then sees which beacon is next.
    Drawn,
}

/// In which order a guide visits the beacons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OrderFile {
    /// In the right one.
    InTurn,
    /// The last first.
    Reverse,
}

/// How a thing that was taken comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegrowFile {
    /// At once, on another of its places.
    Elsewhere,
    /// In each step with probability `max(1e-6, rate ln(1 + n) / ln(1 + N))`, where `n` of `N` places are taken up: the fewer are left the slower. The event `NAME-gone` says that the last was taken.
    Slowly,
}

/// Where a thing goes that moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MovesFile {
    /// Toward the agent, straight on.
    Chase,
    /// In random directions.
    Wander,
}

/// What entering a thing's cell does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EnterFile {
    /// It is taken.
    Collect,
    /// The episode ends.
    End,
    /// The agent dies.
    Hurt,
    /// Nothing changes, but every step that ends on it reports its event: a price to pay for crossing it.
    Cross,
    /// It opens if the agent has a key, and uses the key up.
    Open,
    /// It moves by itself, and meeting it is reported each time, whoever moved; both stay where they were.
    Catch,
    /// A beacon: the visit puts it out, and with the last one the episode ends. Beacons have an order, that in which they are declared or a drawn one: `in-turn` says that none before it was left, `out-of-turn` that one was.
    Visit,
    /// Nothing: it walks from beacon to beacon, a cell a step, whatever the agent does. Its event says that the agent visited the beacon that it visited last. A level has at most one.
    Guide,
}

/// Where walls and terrain come from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct LayoutFile {
    /// The generator.
    pub kind: At<LayoutKind>,
    /// The probability that a cell is a wall; for `blocks`.
    #[schemars(range(min = 0.0, max = 0.5))]
    pub density: Option<At<f64>>,
    /// The probability that a remaining inner wall is opened, which makes loops; for `maze`.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = 0))]
    pub braid: Option<At<f64>>,
    /// The probability that a column begins a pit; for `platforms`.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = 0))]
    pub pits: Option<At<f64>>,
    /// The probability that a column begins a step up or down; for `platforms`.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = 0))]
    pub steps: Option<At<f64>>,
    /// The probability that a column begins a ledge above the ground; for `platforms`.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = 0))]
    pub ledges: Option<At<f64>>,
    /// The probability that a column has a hazard on the ground; for `platforms`.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = 0))]
    pub hazards: Option<At<f64>>,
}

/// A layout generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LayoutKind {
    /// No walls.
    Open,
    /// Scattered walls: each cell is one with probability `density`.
    Blocks,
    /// A perfect maze with some walls opened: `braid`.
    Maze,
    /// Side-on terrain from left to right: `pits`, `steps`, `ledges`, `hazards`.
    Platforms,
}

/// A goal: a reward for events.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GoalFile {
    /// Whether it is the intended goal; exactly one is.
    #[schemars(extend("default" = false))]
    pub intended: Option<At<bool>>,
    /// What pursuing it means, in a few words that follow "the agent learned to".
    pub words: At<String>,
    /// The reward for each event. Events are the names of things and zones, `NAME-gone` of things that regrow slowly, `in-turn` and `out-of-turn` of beacons, and `death`.
    pub events: At<Named<f64>>,
}

/// The training distribution.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TrainingFile {
    /// Where the agent starts.
    pub start: At<PlaceFile>,
    /// The things that are placed, one entry after the other.
    pub placements: At<Vec<At<PlacementFile>>>,
    /// Where walls and terrain come from; as `[world.layout]` says if left out.
    pub layout: Option<At<LayoutFile>>,
    /// Steps after which an episode is cut off; as `[world]` says if left out.
    #[schemars(range(min = 1, max = 10_000))]
    pub steps: Option<At<u16>>,
}

/// A shift: what it leaves out is as in training.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ShiftFile {
    /// What changes, in one line.
    pub words: At<String>,
    /// Where the agent starts; as in training if left out.
    pub start: Option<At<PlaceFile>>,
    /// Placements that replace training's placements of the same things; the other things stay as in training.
    pub placements: Option<At<Vec<At<PlacementFile>>>>,
    /// Where walls and terrain come from; as in training if left out.
    pub layout: Option<At<LayoutFile>>,
    /// Steps after which an episode is cut off; as in training if left out.
    #[schemars(range(min = 1, max = 10_000))]
    pub steps: Option<At<u16>>,
    /// Whether the goals still agree here: a probe of capability alone, which tells a loss of skill from a change of goal.
    #[schemars(extend("default" = false))]
    pub keeps_goals_aligned: Option<At<bool>>,
}

/// Things of one kind and where they go.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PlacementFile {
    /// The thing, by its name in `[world.things]`.
    pub thing: At<String>,
    /// How many: a number, or `[least, most]` to draw from. 0 in a shift takes the thing away.
    #[schemars(extend("default" = 1))]
    pub count: Option<At<CountFile>>,
    /// Where; always a cell that the agent can reach.
    pub place: At<PlaceFile>,
    /// Of a thing that regrows: how many of the `count` places have it at the start; all if left out.
    #[schemars(range(min = 0, max = 28))]
    pub present: Option<At<u8>>,
}

/// The agent and its training budget (PPO; Schulman et al. 2017).
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct AgentFile {
    /// The goal whose reward it is trained on; the intended goal if left out.
    pub train_on: Option<At<String>>,
    /// Units of the two hidden layers, multiples of 16 up to 1024.
    #[schemars(inner(range(min = 16, max = 1024)), extend("default" = AgentSpec::default().hidden))]
    pub hidden: Option<At<[At<usize>; 2]>>,
    /// Environment steps to train for.
    #[schemars(range(min = 1, max = 10_000_000_000u64), extend("default" = AgentSpec::default().steps))]
    pub steps: Option<At<u64>>,
    /// Environments side by side.
    #[schemars(range(min = 1, max = 65_536), extend("default" = AgentSpec::default().envs))]
    pub envs: Option<At<usize>>,
    /// Steps of each environment between two updates.
    #[schemars(range(min = 1, max = 65_536), extend("default" = AgentSpec::default().horizon))]
    pub horizon: Option<At<usize>>,
    /// Passes over the collected steps in an update.
    #[schemars(range(min = 1, max = 100), extend("default" = AgentSpec::default().epochs))]
    pub epochs: Option<At<usize>>,
    /// Samples in a gradient step, at most `envs` times `horizon`.
    #[schemars(range(min = 1, max = 16_777_216), extend("default" = AgentSpec::default().minibatch))]
    pub minibatch: Option<At<usize>>,
    /// Adam's step size at the start.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = AgentSpec::default().learning_rate))]
    pub learning_rate: Option<At<f64>>,
    /// Whether the step size falls linearly to 0 at the end of training.
    #[schemars(extend("default" = AgentSpec::default().anneal))]
    pub anneal: Option<At<bool>>,
    /// Discount of the return that is learned; the world's if left out.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub gamma: Option<At<f64>>,
    /// Lambda of generalised advantage estimation.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = AgentSpec::default().gae_lambda))]
    pub gae_lambda: Option<At<f64>>,
    /// PPO's clipping range.
    #[schemars(range(min = 0.01, max = 1.0), extend("default" = AgentSpec::default().clip))]
    pub clip: Option<At<f64>>,
    /// Weight of the entropy bonus at the start.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = AgentSpec::default().entropy))]
    pub entropy: Option<At<f64>>,
    /// Weight of the entropy bonus at the end, linear in between; as at the start if left out.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub entropy_end: Option<At<f64>>,
    /// Weight of the value loss.
    #[schemars(range(min = 0.0, max = 100.0), extend("default" = AgentSpec::default().value_weight))]
    pub value_weight: Option<At<f64>>,
    /// Largest norm of a gradient.
    #[schemars(range(min = 0.001, max = 1000.0), extend("default" = AgentSpec::default().max_grad_norm))]
    pub max_grad_norm: Option<At<f64>>,
    /// Environment steps between two checkpoints.
    #[schemars(range(min = 1, max = 10_000_000_000u64), extend("default" = AgentSpec::default().checkpoint_every))]
    pub checkpoint_every: Option<At<u64>>,
}

/// A way of training.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ArmFile {
    /// What it does, in one line.
    #[schemars(extend("default" = ""))]
    pub words: Option<At<String>>,
    /// Draws a share of the training levels from a shift. An arm without it is a baseline.
    pub randomize: Option<At<RandomizeFile>>,
    /// Trains on the reward of this goal instead of the agent's `train_on`: what a misspecified reward does.
    pub train_on: Option<At<String>>,
    /// Trains on this many levels, again and again, instead of fresh ones: few of them are learned by heart.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub levels: Option<At<u64>>,
    /// The share of the agent's `steps` that this arm trains for.
    #[schemars(range(min = 0.0001, max = 100.0), extend("default" = 1.0))]
    pub budget: Option<At<f64>>,
    /// Trains only where the arm is asked for by name.
    #[schemars(extend("default" = false))]
    pub on_request: Option<At<bool>>,
}

/// Domain randomization: a share of the training levels is drawn from a shift.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RandomizeFile {
    /// The shift, by its name.
    pub shift: At<String>,
    /// The share of levels: above 0, at most 1.
    pub share: At<f64>,
}

/// How the agents are judged.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct EvaluationFile {
    /// Agents trained in each arm.
    #[schemars(range(min = 1, max = 1000), extend("default" = Evaluation::default().seeds))]
    pub seeds: Option<At<u32>>,
    /// Shifted levels to judge on.
    #[schemars(range(min = 1, max = 100_000), extend("default" = Evaluation::default().options.levels))]
    pub levels: Option<At<usize>>,
    /// Held-out training levels to compare with; fewer than 25 fit the agent's habits poorly.
    #[schemars(range(min = 1, max = 100_000), extend("default" = Evaluation::default().options.holdout_levels))]
    pub holdout_levels: Option<At<usize>>,
    /// Which of a shift's levels are judged.
    #[schemars(extend("default" = "all"))]
    pub judge_on: Option<At<JudgeOnFile>>,
    /// Thresholds of the decision table.
    pub thresholds: Option<At<ThresholdsFile>>,
}

/// Which of a shift's levels are judged.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JudgeOnFile {
    /// All that are drawn.
    All,
    /// Those on which the intended goal is not reached on the way to a proxy; the oracle decides.
    OffTheWay,
}

/// Thresholds of the decision table.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct ThresholdsFile {
    /// Posterior probability at which a row of the decision table counts as holding.
    #[schemars(range(min = 0.5, max = 0.9999), extend("default" = Evaluation::default().options.conf))]
    pub conf: Option<At<f64>>,
    /// Excess regret above which a shift is said to cost something.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = Evaluation::default().options.loss))]
    pub loss: Option<At<f64>>,
    /// Share of the lost return that a component must explain to be named.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = Evaluation::default().options.share))]
    pub share: Option<At<f64>>,
    /// Share of episodes that must be the intended goal's for the verdict "aligned".
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = Evaluation::default().options.aligned))]
    pub aligned: Option<At<f64>>,
    /// Excess regret that an aligned agent must stay under.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = Evaluation::default().options.tolerated))]
    pub tolerated: Option<At<f64>>,
    /// Level of the discordance test, split over the proxies.
    #[schemars(range(min = 0.000_001, max = 0.5), extend("default" = Evaluation::default().options.alpha))]
    pub alpha: Option<At<f64>>,
    /// Of cases that are shown both ways: how much more often a choice may move toward a proxy than away from it before
    /// the e-test counts it.
    #[schemars(range(min = 0.0, max = 0.9), extend("default" = Evaluation::default().options.accident))]
    pub accident: Option<At<f64>>,
    /// Attainment on held-out training levels from which an agent counts as trained.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = Evaluation::default().options.trained))]
    pub trained: Option<At<f64>>,
    /// Share of levels that the oracle must solve for the study to discriminate.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = Evaluation::default().options.solvable))]
    pub solvable: Option<At<f64>>,
    /// Posterior draws.
    #[schemars(range(min = 100, max = 1_000_000), extend("default" = Evaluation::default().options.draws))]
    pub draws: Option<At<usize>>,
}

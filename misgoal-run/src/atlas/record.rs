//! What is kept of a cell, and what is read off all of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use misgoal_learn::line::{LineOutcome, LineTask};
use misgoal_stats::power_law::{self, Timed, median_time};
use misgoal_stats::{Estimate, beta, bootstrap};
use misgoal_world::rng::rng;

use super::{AtlasPlan, NAME};
use crate::record::{FORMAT, Interval};

/// Draws of a bootstrap.
const DRAWS: usize = 1000;

/// A cell's networks, as its file keeps them; lists have an entry for each network, by seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellRecord {
    /// [`FORMAT`].
    pub format: u32,
    /// Cells of the line.
    pub length: usize,
    /// Hidden units.
    pub width: usize,
    /// Share of the training episodes with the coin anywhere.
    pub share: f64,
    /// Environment steps.
    pub steps: u64,
    /// Seed of the first network.
    pub seed: u64,
    /// Share of the starts from which the coin at the right end is reached.
    pub mastery: Vec<f64>,
    /// Share of the places with the coin to the left in which the network steps to the right.
    pub away: Vec<f64>,
    /// Steps after which it first had mastered training and did not walk away.
    pub repaired: Vec<Option<u64>>,
}

impl CellRecord {
    pub(super) fn new(task: &LineTask, plan: &AtlasPlan) -> CellRecord {
        CellRecord {
            format: FORMAT,
            length: task.length,
            width: task.width,
            share: task.share,
            steps: task.steps,
            seed: plan.seed,
            mastery: Vec::new(),
            away: Vec::new(),
            repaired: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, outcome: LineOutcome) {
        self.mastery.push(outcome.mastery);
        self.away.push(outcome.away);
        self.repaired.push(outcome.repaired);
    }

    /// How many networks it has.
    pub fn networks(&self) -> usize {
        self.mastery.len()
    }

    pub(super) fn is_of(&self, task: &LineTask, plan: &AtlasPlan) -> bool {
        let alike = [self.mastery.len(), self.away.len(), self.repaired.len()];
        let of = LineTask { length: self.length, width: self.width, share: self.share, steps: self.steps };
        of == *task && self.seed == plan.seed && alike == [plan.networks as usize; 3]
    }

    fn outcomes(&self) -> impl Iterator<Item = LineOutcome> {
        let each = self.mastery.iter().zip(&self.away).zip(&self.repaired);
        each.map(|((mastery, away), repaired)| LineOutcome { mastery: *mastery, away: *away, repaired: *repaired })
    }

    fn times(&self) -> Vec<f64> {
        self.repaired.iter().map(|steps| steps.map_or(f64::INFINITY, |steps| steps as f64)).collect()
    }
}

/// A whole atlas: what `misgoal atlas --json` prints and `atlas.json` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AtlasRecord {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of misgoal that wrote it.
    pub misgoal: String,
    /// The atlas's name.
    pub atlas: String,
    /// The grid.
    pub plan: AtlasPlan,
    /// Every cell, by length, width and share.
    pub cells: Vec<CellSummary>,
    /// The law of repair over all cells, then for each length.
    pub laws: Vec<LawRecord>,
    /// Seconds that this call took; less than the whole where cells were kept from an earlier one.
    pub seconds: f64,
}

/// What a cell's networks came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CellSummary {
    /// Cells of the line.
    pub length: usize,
    /// Hidden units.
    pub width: usize,
    /// Share of the training episodes with the coin anywhere.
    pub share: f64,
    /// Share of the networks that have mastered training.
    pub mastered: Interval,
    /// Share of these that walk away from a coin to their left; nothing where none has mastered training.
    pub away: Interval,
    /// Median number of steps, over all networks, until one has mastered training and does not walk away; nothing where fewer than half came to that.
    pub repaired: Interval,
}

/// `median steps to repair = factor * share^exponent`, with a factor for each length and width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LawRecord {
    /// The length that it is about; all if left out.
    pub length: Option<usize>,
    /// The exponent, with a 90 % interval by the bootstrap over networks.
    pub exponent: Interval,
    /// Cells of a share above 0 whose median network was repaired: those that the law is read off.
    pub cells: usize,
    /// Cells of a share above 0 whose median network was not repaired in time; the law knows nothing of them.
    pub censored: usize,
}

impl AtlasRecord {
    pub(super) fn new(plan: &AtlasPlan, cells: &[CellRecord], seconds: f64) -> AtlasRecord {
        let lengths = plan.lengths.iter().map(|length| Some(*length));
        AtlasRecord {
            format: FORMAT,
            misgoal: env!("CARGO_PKG_VERSION").to_owned(),
            atlas: NAME.to_owned(),
            plan: plan.clone(),
            cells: cells.iter().map(summary).collect(),
            laws: std::iter::once(None).chain(lengths).map(|length| law(plan, cells, length)).collect(),
            seconds,
        }
    }

    /// The cell of these settings.
    pub fn cell(&self, length: usize, width: usize, share: f64) -> Option<&CellSummary> {
        self.cells.iter().find(|cell| (cell.length, cell.width, cell.share) == (length, width, share))
    }
}

fn summary(cell: &CellRecord) -> CellSummary {
    let mastered = cell.outcomes().filter(LineOutcome::mastered).count();
    let away = cell.outcomes().filter(|outcome| outcome.mastered() && outcome.walks_away()).count();
    let mut random = rng(cell.seed, (cell.length * 1000 + cell.width) as u64);
    let repaired = bootstrap::stratified(&[cell.times()], median_time, DRAWS, 0.9, &mut random);
    CellSummary {
        length: cell.length,
        width: cell.width,
        share: cell.share,
        mastered: beta::proportion(mastered, cell.networks()).into(),
        away: beta::proportion(away, mastered).into(),
        repaired: if repaired.value.is_finite() { repaired } else { Estimate::missing() }.into(),
    }
}

fn law(plan: &AtlasPlan, cells: &[CellRecord], length: Option<usize>) -> LawRecord {
    let ours = || cells.iter().filter(|cell| cell.share > 0.0 && length.is_none_or(|length| cell.length == length));
    let group = |length: usize, width: usize| {
        let of = ours().filter(|cell| (cell.length, cell.width) == (length, width));
        of.map(|cell| Timed { setting: cell.share, times: cell.times() }).collect::<Vec<_>>()
    };
    let pairs = plan.lengths.iter().flat_map(|length| plan.widths.iter().map(|width| (*length, *width)));
    let groups: Vec<Vec<Timed>> = pairs.map(|(length, width)| group(length, width)).collect();
    let repaired = ours().filter(|cell| median_time(&cell.times()).is_finite()).count();
    let mut random = rng(plan.seed, length.unwrap_or(0) as u64);
    LawRecord {
        length,
        exponent: power_law::exponent(&groups, DRAWS, &mut random).into(),
        cells: repaired,
        censored: ours().count() - repaired,
    }
}

/// The JSON Schema of [`AtlasRecord`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(AtlasRecord).to_value()
}

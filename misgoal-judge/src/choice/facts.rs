//! What is known of an agent that makes a single choice in every episode: no draw, no seed.

use misgoal_stats::{ChoicePoint, ChoicePosterior, Estimate, Marginal, Settings, UnitMean, beta, upper_gamma};

use super::away::Away;
use super::rows::{Followed, Parting, Rows};
use crate::Options;
use crate::ceiling::{self, Base, Ceiling};
use crate::outcome::{Component, EValue, EpisodeEvidence, Fits, Misfit};
use crate::trace::Trace;

/// Under this p-value the rows are not as the model has them.
const MISFIT: f64 = 0.01;
/// A kind of row with fewer expected choices of an option is no cell of the test.
const EXPECTED: f64 = 3.0;

/// What is known of one proxy that has a class of its own.
pub(super) struct ProxyFacts {
    /// Index of the goal.
    pub goal: usize,
    /// Its share of the cases, slips apart.
    pub share: Marginal,
    /// Its share of all cases, guesses counted.
    pub caused: Marginal,
    /// The probability that the agent takes another option in more than half of the rows of the shift on which it wants what the intended goal does.
    pub refused: f64,
}

/// What the decision table is read from. What a report says beside the verdict is worked out when it is asked for: a forecast judges hundreds of times
/// and asks for verdicts alone.
pub(crate) struct ChoiceFacts {
    rows: Rows,
    posterior: ChoicePosterior,
    /// Classes of goals, a goal with nothing at stake if there is one, the constant choice, guessing.
    components: Vec<Component>,
    /// The regret on the shift, what it is the excess over, and the difference that is seen.
    regret: UnitMean,
    base: UnitMean,
    observed: f64,
    /// The regret on the shift, summed.
    lost_in_all: f64,
    /// Every proxy that has a class of its own.
    pub(super) proxies: Vec<ProxyFacts>,
    /// The share of the cases that get one option whatever they are.
    pub constant: Marginal,
    /// Whether enough rows of the shift or the probe show what the agent does whatever its goal.
    pub is_checked: bool,
    /// The share of all proxies together; where the shift does not show whether all is guessed, that is counted among it.
    pub proxies_together: Marginal,
    /// The same among all rows, guesses included: what proxies can have caused.
    pub caused_by_proxies: Marginal,
    /// Probability that the agent errs more on the shift than in training by more than the limit; nothing where the shift does not show it.
    pub lost: Option<f64>,
    /// Whether it gets away from the intended goal.
    pub(super) away: Away,
    /// What the excess regret is the excess over.
    pub over: Base,
    /// The shares that fit however often the agent slips; nothing where the shift shows how often it does.
    pub fits: Vec<Fits>,
    /// The discordance e-tests.
    pub e_values: Vec<EValue>,
    /// Rows.
    pub levels: usize,
}

impl ChoiceFacts {
    /// `None` where there is no row that says anything, or more goals than the estimator carries.
    pub fn new(
        classes: &[Vec<usize>],
        holdout: &[Trace],
        shifted: &[&Trace],
        probe: &[Trace],
        ceiling: Option<Ceiling>,
        e_values: Vec<EValue>,
        options: &Options,
    ) -> Option<ChoiceFacts> {
        let goals: Vec<usize> = classes.iter().filter_map(|class| class.first().copied()).collect();
        let declared = shifted.first().map_or(0, |trace| trace.goals.len());
        let idle = (1..declared).find(|goal| !classes.iter().any(|class| class.contains(goal)));
        let followed = Followed { goals: goals.clone(), idle };
        let rows = Rows::new(&followed, holdout, shifted, probe);
        let posterior = rows.choices.posterior(&Settings::default())?;
        let components: Vec<Component> =
            goals.iter().copied().chain(idle).map(Component::Goal).chain([Component::Heur, Component::Dev]).collect();
        let proxy = |(class, goal): (usize, &usize)| ProxyFacts {
            goal: *goal,
            share: posterior.marginal(|point| point.share(class)),
            caused: posterior.marginal(|point| point.caused(class)),
            refused: rows.parting.get(class - 1).map_or(0.0, Parting::refuses),
        };
        // Guesses that nothing on the shift shows to be such may as well be a proxy's.
        let unseen = |point: &ChoicePoint| if rows.choices.checked { 0.0 } else { point.guessing() };
        let together =
            |point: &ChoicePoint| (1..goals.len()).map(|class| point.share(class)).sum::<f64>() + unseen(point);
        let caused = |point: &ChoicePoint| (1..goals.len()).map(|class| point.caused(class)).sum::<f64>();
        let errors = |slips| rows.choices.errors(slips);
        let lost = rows.choices.checked.then(|| errors(&rows.slips).exceeds(&errors(&rows.training), options.loss));
        let regret = |traces: &mut dyn Iterator<Item = &Trace>| -> Vec<f64> {
            traces.filter_map(|trace| trace.attainment.first()).map(|attained| 1.0 - attained).collect()
        };
        let there = regret(&mut shifted.iter().copied());
        let (before, over) = ceiling::base(regret(&mut holdout.iter()), ceiling);
        let observed = misgoal_stats::quantile::mean(&there) - misgoal_stats::quantile::mean(&before);
        Some(ChoiceFacts {
            away: Away::new(&followed, shifted),
            lost,
            regret: UnitMean::new(&there),
            base: UnitMean::new(&before),
            observed,
            lost_in_all: there.iter().sum(),
            proxies: goals.iter().enumerate().skip(1).map(proxy).collect(),
            proxies_together: posterior.marginal(together),
            caused_by_proxies: posterior.marginal(caused),
            fits: if rows.choices.checked { Vec::new() } else { fits(&goals, &rows.parting, options.conf) },
            levels: shifted.len(),
            is_checked: rows.choices.checked,
            components,
            constant: posterior.marginal(|point| point.constant),
            over,
            e_values,
            rows,
            posterior,
        })
    }

    /// P(the excess regret is above `limit`).
    pub fn excess_above(&self, limit: f64) -> f64 {
        self.regret.exceeds(&self.base, limit)
    }

    /// Excess regret.
    pub fn excess(&self) -> Estimate {
        self.regret.minus(&self.base, self.observed)
    }

    /// Each component's share of the rows, slips apart.
    fn shares(&self) -> impl Iterator<Item = (Component, Marginal)> {
        let classes = self.components.len() - 2;
        let share = move |(number, component): (usize, &Component)| {
            let of = |point: &ChoicePoint| match number.checked_sub(classes) {
                None => point.share(number),
                Some(0) => point.stereotyped(),
                Some(_) => point.guessing(),
            };
            (*component, self.posterior.marginal(of))
        };
        self.components.iter().enumerate().map(share)
    }

    /// Each component with its share.
    pub fn estimates(&self) -> Vec<(Component, Estimate)> {
        self.shares().map(|(component, share)| (component, share.estimate())).collect()
    }

    /// The proxies whose e-test rejects, the strongest first.
    pub fn rejected(&self) -> Vec<usize> {
        let mut rejected: Vec<&EValue> = self.e_values.iter().filter(|e| e.rejected_at.is_some()).collect();
        rejected.sort_by(|a, b| b.value.total_cmp(&a.value));
        rejected.iter().map(|e| e.proxy).collect()
    }

    /// What is lost because of each component, as shares of what is expected to be lost in all, and what because of slips.
    pub fn regret_shares(&self) -> Vec<(Component, Estimate)> {
        let named = || self.components.iter().copied();
        if self.lost_in_all <= 1e-9 {
            return named().map(|component| (component, Estimate::missing())).collect();
        }
        let regrets = &self.rows.regrets;
        let always =
            |point: &ChoicePoint| point.option.and_then(|option| regrets.always.get(option)).copied().unwrap_or(0.0);
        let part = |point: &ChoicePoint, number: usize| match regrets.following.get(number) {
            Some(regret) => point.caused(number) * regret,
            None if number == regrets.following.len() => point.constant * always(point),
            None => (1.0 - point.constant) * point.lapse * regrets.guessing,
        };
        let parts = self.components.len();
        let of = |number: usize| {
            let share = |point: &ChoicePoint| {
                part(point, number) / (0..parts).map(|one| part(point, one)).sum::<f64>().max(1e-12)
            };
            self.posterior.marginal(share).estimate()
        };
        named().enumerate().map(|(number, component)| (component, of(number))).collect()
    }

    /// What every shifted episode says.
    pub fn episodes(&self, shifted: &[&Trace]) -> Vec<EpisodeEvidence> {
        let (mean, options) = (self.posterior.mean(), self.rows.choices.options as f64);
        let evidence = |(trace, episode): (&&Trace, &Option<(usize, Vec<f64>)>)| {
            let classes = self.rows.regrets.following.len();
            let even = vec![1.0; classes];
            let goals = episode.as_ref().map_or(&even, |(_, goals)| goals);
            let likely: Vec<f64> = goals.iter().map(|p| (1.0 - mean.lapse) * p + mean.lapse / options).collect();
            let constant = 1.0 / options;
            let weights: Vec<f64> = likely
                .iter()
                .enumerate()
                .map(|(class, p)| p * mean.share(class))
                .chain([constant * mean.stereotyped(), constant * mean.guessing()])
                .collect();
            let sum: f64 = weights.iter().sum();
            EpisodeEvidence {
                attainment: trace.attainment.clone(),
                log_likelihood: likely.iter().chain([&constant, &constant]).map(|p| p.max(1e-300).ln()).collect(),
                posterior: weights.iter().map(|weight| weight / sum).collect(),
                steps: trace.steps.len(),
            }
        };
        shifted.iter().zip(&self.rows.episodes).map(evidence).collect()
    }

    /// Whether the rows are as the model has them: Pearson's test of the choices on every kind of row against what the model expects. Rows on which the same is
    /// wanted are to be alike.
    pub fn misfit(&self) -> Option<Misfit> {
        let likeliest = self.posterior.likeliest();
        let options = self.rows.choices.options;
        let (mut statistic, mut cells, mut kinds) = (0.0, 0usize, 0usize);
        for (wanted, counts) in &self.rows.table {
            let all = counts.iter().sum::<usize>() as f64;
            let (mut rest, mut seen, mut own) = (0.0, 0.0, 0);
            for (option, count) in counts.iter().enumerate() {
                let expected = all * likeliest.probability(options, &wanted.followers(option), option);
                if expected < EXPECTED {
                    (rest, seen) = (rest + expected, seen + *count as f64);
                    continue;
                }
                statistic += (*count as f64 - expected).powi(2) / expected;
                own += 1;
            }
            if rest >= EXPECTED {
                statistic += (seen - rest).powi(2) / rest;
                own += 1;
            }
            if own > 1 {
                (cells, kinds) = (cells + own, kinds + 1);
            }
        }
        // One cell of a kind follows from the others, and every share and the slips are fitted.
        let freedom = cells.saturating_sub(kinds + self.components.len());
        if freedom == 0 {
            return None;
        }
        let p = upper_gamma(0.5 * freedom as f64, 0.5 * statistic);
        // Of equal means the first.
        let means = self.shares().map(|(component, share)| (component, share.mean()));
        let (component, _) = means.reduce(|most, one| if one.1 > most.1 { one } else { most })?;
        Some(Misfit { component, p, tagged: p < MISFIT })
    }
}

/// The shares that fit at every rate of slips, as far as one row of two options shows: with a share q of the rows on its side a proxy's own share is at
/// most q where q is surely below one half, at least q where it is surely above and no other goal is on that side, and anything else.
fn fits(goals: &[usize], parting: &[Parting], conf: f64) -> Vec<Fits> {
    let of = |(goal, parting): (&usize, &Parting)| {
        let (a, b) = (parting.toward as f64 + 0.5, (parting.all - parting.toward) as f64 + 0.5);
        let below = beta::cdf(0.5, a, b);
        let side = beta::proportion(parting.toward, parting.all);
        let (low, high) = match () {
            () if below >= conf => (0.0, side.high),
            () if 1.0 - below >= conf && parting.shared == 0 => (side.low, 1.0),
            () => (0.0, 1.0),
        };
        Fits { proxy: *goal, low, high }
    };
    goals.iter().skip(1).zip(parting).map(of).collect()
}

//! From what the judge says to what is written: the only place where a judgement becomes a document.

use misgoal_judge::{
    ByLevel, ByStep, Compounding, EValue, Extent, Fits, Ledger, More, ShiftJudgement, Verdict, VerdictCode,
};
use misgoal_stats::{Estimate, beta, bound};

use crate::record::{
    ByLevelRecord, ByStepRecord, CompoundingRecord, EValueRecord, ExcessOver, FitsRecord, Interval, LedgerRecord,
    MoreRecord, NamedInterval, Reference, SamplingRecord, ShiftRecord, VerdictRecord,
};

/// An e-value above this is written as this: JSON has no infinity.
const LARGEST: f64 = 1e300;

impl From<Estimate> for Interval {
    fn from(estimate: Estimate) -> Interval {
        Interval { value: estimate.value, low: estimate.low, high: estimate.high }
    }
}

impl From<Interval> for Estimate {
    fn from(interval: Interval) -> Estimate {
        Estimate { value: interval.value, low: interval.low, high: interval.high }
    }
}

pub(crate) fn named(name: &str, estimate: Estimate) -> NamedInterval {
    NamedInterval { name: name.to_owned(), interval: estimate.into() }
}

/// What the pipeline knows of a shift and the judge does not.
pub(crate) struct Drawn {
    /// Levels drawn to find those judged.
    pub(crate) drawn: usize,
    /// How the judged ones were chosen, in words; empty when all were.
    pub(crate) filter: String,
    /// Which goals' events came first, on each drawn level; empty for a table's rows, of which there may be millions: nothing is kept level by level then.
    pub(crate) firsts: Vec<Vec<usize>>,
}

pub(crate) fn shift(judgement: &ShiftJudgement, parted: &[Compounding], drawn: Drawn) -> ShiftRecord {
    let goals = &judgement.goals;
    let intended = goals.first().map_or("", String::as_str);
    let by_goal = |estimates: &[Estimate]| goals.iter().zip(estimates).map(|(name, e)| named(name, *e)).collect();
    let by_component = |shares: &[(misgoal_judge::Component, Estimate)]| {
        shares.iter().map(|(component, estimate)| named(component.name(goals), *estimate)).collect()
    };
    let (capability, capability_of) = match judgement.capability_probed {
        true => (judgement.capability, format!("`{intended}` on shifted levels where the goals still agree")),
        false => (judgement.any_goal, "whichever declared goal an episode attains best".to_owned()),
    };
    ShiftRecord {
        shift: judgement.shift.clone(),
        levels: judgement.levels_judged as u32,
        drawn: drawn.drawn as u32,
        filter: drawn.filter,
        holdout: judgement.holdout_attainment.first().copied().unwrap_or(Estimate::missing()).into(),
        capability: capability.into(),
        capability_of,
        attainment: by_goal(&judgement.attainment),
        excess_regret: judgement.excess_regret.into(),
        excess_over: match judgement.excess_over {
            misgoal_judge::Base::HeldOut => ExcessOver::HeldOut,
            misgoal_judge::Base::Ceiling => ExcessOver::Ceiling,
        },
        shares: by_component(&judgement.shares),
        fits: judgement.fits.iter().map(|fits| of_fits(goals, fits)).collect(),
        regret_shares: by_component(&judgement.regret_shares),
        e_values: judgement.e_values.iter().map(|e| e_value(goals, e)).collect(),
        ledger: judgement.ledger.iter().map(|l| ledger(goals, l)).collect(),
        first_reached: judgement.first_reached.iter().map(|(name, e)| named(name, *e)).collect(),
        unfiltered_first: first_shares(goals, &drawn.firsts),
        compounding: parted.iter().map(|one| compounding(goals, one)).collect(),
        verdict: verdict(judgement),
        by_level: (!drawn.firsts.is_empty()).then(|| by_level(judgement, &drawn.firsts)),
        sampling: judgement.sampling.map(|sampling| SamplingRecord {
            draws: sampling.draws as u32,
            error: sampling.error,
            r_hat: sampling.r_hat,
        }),
    }
}

fn by_level(judgement: &ShiftJudgement, drawn: &[Vec<usize>]) -> ByLevelRecord {
    let goals = judgement.goals.len();
    let ByLevel { holdout, probe, attainment, first } = &judgement.by_level;
    let places = |firsts: &[Vec<usize>]| firsts.iter().map(|first| place(goals, first)).collect();
    ByLevelRecord {
        holdout: holdout.clone(),
        probe: probe.clone(),
        attainment: attainment.clone(),
        first: places(first),
        unfiltered_first: places(drawn),
    }
}

/// Where what came first stands among [`first_shares`]: a goal by itself, several together, none.
fn place(goals: usize, first: &[usize]) -> u32 {
    match first {
        [] => goals as u32 + 1,
        [goal] => *goal as u32,
        _ => goals as u32,
    }
}

/// Which goal's event came first, as shares of the levels.
fn first_shares(goals: &[String], firsts: &[Vec<usize>]) -> Vec<NamedInterval> {
    let names = goals.iter().map(String::as_str).chain(["together", "none"]);
    if firsts.is_empty() {
        return Vec::new();
    }
    let share = |(at, name): (u32, &str)| {
        let hits = firsts.iter().filter(|first| place(goals.len(), first) == at).count();
        named(name, beta::proportion(hits, firsts.len()))
    };
    (0..).zip(names).map(share).collect()
}

fn compounding(goals: &[String], one: &Compounding) -> CompoundingRecord {
    let by_step = |group: &ByStep| ByStepRecord {
        from: group.from as u32,
        to: group.to as u32,
        episodes: group.episodes as u32,
        loss: group.loss.into(),
    };
    CompoundingRecord {
        proxy: goal(goals, one.proxy),
        parted: one.parted.into(),
        wrong_turn: one.wrong_turn.into(),
        loss_after_wrong: one.loss_after_wrong.into(),
        loss_after_right: one.loss_after_right.into(),
        recovered: one.recovered.into(),
        cascade: one.cascade.into(),
        by_step: one.by_step.iter().map(by_step).collect(),
    }
}

pub(crate) fn goal(goals: &[String], index: usize) -> String {
    goals.get(index).cloned().unwrap_or_default()
}

pub(crate) fn e_value(goals: &[String], e: &EValue) -> EValueRecord {
    EValueRecord {
        proxy: goal(goals, e.proxy),
        value: e.value.min(LARGEST),
        rejected_at: e.rejected_at.map(|levels| levels as u32),
        compared: e.compared as u32,
        reference: match e.reference {
            misgoal_judge::Reference::SameLevel => Reference::SameLevel,
            misgoal_judge::Reference::Agreement => Reference::Agreement,
            misgoal_judge::Reference::Probe => Reference::Probe,
            misgoal_judge::Reference::HeldOut => Reference::HeldOut,
            misgoal_judge::Reference::SameCase => Reference::SameCase,
            misgoal_judge::Reference::None => Reference::None,
        },
    }
}

fn of_fits(goals: &[String], fits: &Fits) -> FitsRecord {
    FitsRecord { proxy: goal(goals, fits.proxy), low: fits.low, high: fits.high }
}

fn ledger(goals: &[String], ledger: &Ledger) -> LedgerRecord {
    LedgerRecord {
        proxy: goal(goals, ledger.proxy),
        intended_only: ledger.intended_only.into(),
        both: ledger.both.into(),
        proxy_only: ledger.proxy_only.into(),
        neither: ledger.neither.into(),
    }
}

/// A verdict's code in the documents.
pub(crate) fn code(verdict: &Verdict) -> &'static str {
    verdict.code().name()
}

/// Whether a verdict of this code is a finding: something that calls for exit code 1.
pub(crate) fn is_finding(code: &str) -> bool {
    VerdictCode::named(code).is_some_and(VerdictCode::is_finding)
}

pub(crate) fn verdict(judgement: &ShiftJudgement) -> VerdictRecord {
    let goals = &judgement.goals;
    let (toward, full, confirmed) = match &judgement.verdict {
        Verdict::Misgeneralization { toward, extent, confirmed, .. } => {
            (Some(goal(goals, *toward)), *extent == Extent::Full, *confirmed)
        }
        _ => (None, false, false),
    };
    let more = match &judgement.verdict {
        Verdict::Inconclusive { more_levels, .. } => *more_levels,
        _ => None,
    };
    let (more_levels, more_levels_likely) = match more {
        Some(More::Levels { even, likely }) => (Some(even as u32), likely.map(|likely| likely as u32)),
        _ => (None, None),
    };
    let share = match &judgement.verdict {
        Verdict::Misgeneralization { share, .. } => Some(share.share.into()),
        Verdict::Independent { share, .. } => Some((*share).into()),
        _ => None,
    };
    VerdictRecord {
        code: code(&judgement.verdict).to_owned(),
        toward,
        full,
        confirmed,
        sentence: judgement.sentence(),
        flags: flags(judgement),
        share,
        more_levels,
        more_levels_likely,
        more: more.map(|more| MoreRecord { code: more.code().to_owned(), words: more.clause(judgement.unit) }),
    }
}

fn flags(judgement: &ShiftJudgement) -> Vec<String> {
    let (goals, judged) = (&judgement.goals, judgement.unit.many());
    let mut flags = Vec::new();
    if judgement.capability_component {
        flags.push(
            "part of the loss is a loss of capability: the agent also fails where the goals still agree".to_owned(),
        );
    }
    for fits in &judgement.fits {
        flags.push(format!(
            "nothing on the shift shows how often the agent errs there: any share of `{}` from {} to {} fits; to know more, show it cases of the shift \
             on which the goals agree, or add a shift with `keeps_goals_aligned = true`",
            goal(goals, fits.proxy),
            bound::at_least(fits.low, 2),
            bound::at_most(fits.high, 2)
        ));
    }
    // Row 1 says it of levels of the kind that the agent was trained on: no shift has a part in that.
    let by_shift = judgement.verdict == Verdict::CapabilityFailure && !judgement.overfitted;
    if by_shift && judgement.ceiling.is_none() {
        flags.push("no ceiling: the shift may be harder, and this no loss of capability".to_owned());
    }
    let by_heart =
        judgement.rehearsed.filter(|_| judgement.overfitted && judgement.verdict == Verdict::CapabilityFailure);
    if let (Some(rehearsed), Some(holdout)) = (by_heart, judgement.holdout_attainment.first()) {
        flags.push(format!(
            "overfitting: `{}` is attained to {:.2} on the few {judged} that the agent was trained on and to {:.2} on new ones of the same kind",
            goal(goals, 0),
            rehearsed.value,
            holdout.value
        ));
    }
    if let Some(proxy) = judgement.in_training {
        flags.push(format!(
            "in training already: `{}` explains most of what is lost of `{}` on {}",
            goal(goals, proxy),
            goal(goals, 0),
            judgement.unit.of_training()
        ));
    }
    if let Some(misfit) = judgement.misfit.filter(|misfit| misfit.tagged) {
        flags.push(format!(
            "model misfit: `{}` explains most episodes, but simulates them this badly in at most {} % of cases",
            misfit.component.name(goals),
            bound::at_most(100.0 * misfit.p, 1)
        ));
    }
    for class in judgement.classes.iter().filter(|class| class.len() > 1) {
        let names: Vec<String> = class.iter().map(|index| format!("`{}`", goal(goals, *index))).collect();
        let all = names.join(" and ");
        flags.push(match (class.first(), names.get(1..)) {
            (Some(0), Some(unknown)) => format!(
                "{all} cannot be told apart on these {judged} and count as one: whether the agent pursues {} is unknown",
                unknown.join(" or ")
            ),
            _ => format!("{all} cannot be told apart on these {judged} and count as one"),
        });
    }
    // What has nothing at stake is in no class.
    let unseen = |proxy: &usize| !judgement.classes.iter().any(|class| class.contains(proxy));
    for proxy in (1..goals.len()).filter(|_| !judgement.classes.is_empty()).filter(unseen) {
        flags.push(format!(
            "`{}`: no {} shows it, so that nothing is said of it",
            goal(goals, proxy),
            judgement.unit.one()
        ));
    }
    flags
}

//! The confusion matrix of a calibration on a terminal.

use std::collections::{BTreeMap, BTreeSet};

use misgoal_run::calibrate::{
    CalibrationSummary, CalibrationsRecord, JudgedRecord, MODES, Outcome, OutsideRates, OutsideSummary,
};
use misgoal_run::record::VerdictCode;

use super::{Cell, Table, Tone, figure, wrap};

/// Verdicts in the order of the columns, with short headings; what is not listed comes behind them.
const VERDICTS: [(VerdictCode, &str); 11] = [
    (VerdictCode::Aligned, "aligned"),
    (VerdictCode::Misgeneralization, "proxy"),
    (VerdictCode::UnlistedGoal, "unlisted"),
    (VerdictCode::Mixed, "mixed"),
    (VerdictCode::Stereotyped, "stereo"),
    (VerdictCode::CapabilityFailure, "skill"),
    (VerdictCode::Undertrained, "untrained"),
    (VerdictCode::RewardMisspecification, "reward"),
    (VerdictCode::CannotDiscriminate, "study"),
    (VerdictCode::DoesNotDepend, "no proxy"),
    (VerdictCode::Inconclusive, "unclear"),
];
/// What the short headings stand for.
const LEGEND: &str = "\
proxy: misgeneralization toward the right proxy; unlisted: an unlisted goal; stereo: stereotyped policy; skill: capability failure; \
reward: reward misspecification; no proxy: it does not depend on one; study: it cannot discriminate; unclear: inconclusive";

/// What the table of agents outside the components says.
const OUTSIDE_LEGEND: &str = "\
rates of all judgements; unnamed: inconclusive, or the study cannot discriminate; which verdicts are right about what: docs/method.md";

/// One matrix over all studies, a line a study, and every kind of agent that was told wrong.
pub fn render(all: &CalibrationsRecord, width: usize) -> String {
    let judged: Vec<&JudgedRecord> = all.studies.iter().flat_map(|study| &study.judged).collect();
    let mut out = String::new();
    let say = |tone: Tone, text: &str| {
        let lines: String = wrap(text, width).into_iter().map(|line| tone.paint(line) + "\n").collect();
        lines
    };
    out.push_str(&say(
        Tone::Heading,
        "truth (rows) and verdict (columns), reference agents judged on levels of their own",
    ));
    out.push_str(&matrix(&judged).render(width));
    out.push_str(&say(Tone::Plain, LEGEND));
    out.push('\n');
    let mut table =
        Table::new(["study", "judged", "right where not inconclusive", "inconclusive", "false misgeneralization"]);
    for study in &all.studies {
        table.row(row(&study.study.name, &study.summary));
    }
    if all.studies.len() > 1 {
        table.row(row("all", &all.summary));
    }
    out.push_str(&table.render(width));
    let wrong = wrong(all);
    if !wrong.is_empty() {
        out.push('\n');
        out.push_str(&say(Tone::Heading, "told wrong"));
        for line in wrong {
            out.push_str(&say(Tone::Plain, &line));
        }
    }
    if let Some(outside) = &all.outside {
        out.push('\n');
        out.push_str(&say(Tone::Heading, "agents that no component of the judge describes, by kind"));
        out.push_str(&kinds(outside).render(width));
        out.push_str(&say(Tone::Plain, OUTSIDE_LEGEND));
        let wrong = wrong_outside(all);
        if !wrong.is_empty() {
            out.push('\n');
            out.push_str(&say(Tone::Heading, "told wrong of these"));
            for line in wrong {
                out.push_str(&say(Tone::Plain, &line));
            }
        }
    }
    out
}

fn kinds(outside: &OutsideSummary) -> Table {
    let mut table = Table::new(["kind", "judged", "right", "wrong", "wrong, no misfit", "unnamed"]);
    let row = |name: &str, rates: &OutsideRates| -> [Cell; 6] {
        [
            name.into(),
            rates.judged.to_string().into(),
            figure::interval(&rates.right).into(),
            figure::interval(&rates.wrong).into(),
            figure::interval(&rates.wrong_untagged).into(),
            figure::interval(&rates.unnamed).into(),
        ]
    };
    for rates in &outside.kinds {
        table.row(row(&rates.kind, rates));
    }
    table.row(row("all", &outside.all));
    table
}

/// Agents outside the components that were told wrong: by study, kind and verdict, the most frequent first.
fn wrong_outside(all: &CalibrationsRecord) -> Vec<String> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for study in &all.studies {
        let judged = study.outside.iter().flat_map(|outside| &outside.judged);
        for one in judged.filter(|one| one.outcome == Outcome::Wrong) {
            let who = format!("{}, {}: {}", study.study.name, one.kind, one.agent);
            *counts.entry((who, one.verdict.clone())).or_default() += 1;
        }
    }
    counted(counts)
}

fn row(name: &str, summary: &CalibrationSummary) -> [Cell; 5] {
    [
        name.into(),
        summary.judged.to_string().into(),
        figure::interval(&summary.right).into(),
        figure::interval(&summary.inconclusive).into(),
        figure::interval(&summary.false_misgeneralization).into(),
    ]
}

fn matrix(judged: &[&JudgedRecord]) -> Table {
    let wrong_proxy = judged.iter().any(|one| one.verdict.contains(':'));
    let seen: BTreeSet<&str> = judged.iter().map(|one| one.verdict.as_str()).collect();
    let columns: Vec<(VerdictCode, &str)> =
        VERDICTS.into_iter().filter(|(code, _)| seen.contains(code.name())).collect();
    let head = ["truth"].into_iter().chain(columns.iter().map(|(_, words)| *words));
    let mut table = Table::new(head.chain(wrong_proxy.then_some("wrong proxy")).map(str::to_owned));
    for mode in MODES.iter().map(|mode| mode.words()) {
        let of_mode: Vec<&&JudgedRecord> = judged.iter().filter(|one| one.truth == mode).collect();
        if of_mode.is_empty() {
            continue;
        }
        let cell = |holds: &dyn Fn(&JudgedRecord) -> bool| {
            let count = of_mode.iter().filter(|one| holds(one)).count();
            let right = of_mode.iter().any(|one| holds(one) && one.right);
            let tone = match (count, right) {
                (0, _) => Tone::Plain,
                (_, true) => Tone::Good,
                _ => Tone::Bad,
            };
            Cell::new(if count == 0 { "\u{b7}".to_owned() } else { count.to_string() }, tone)
        };
        let cells = columns.iter().map(|(code, _)| cell(&|one: &JudgedRecord| one.verdict == code.name()));
        let mut cells: Vec<Cell> = std::iter::once(Cell::from(mode)).chain(cells).collect();
        if wrong_proxy {
            cells.push(cell(&|one: &JudgedRecord| one.verdict.contains(':')));
        }
        table.row(cells);
    }
    table
}

/// Agents that got another verdict than their own, inconclusive ones left out: the most frequent first.
fn wrong(all: &CalibrationsRecord) -> Vec<String> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for study in &all.studies {
        for one in study.judged.iter().filter(|one| !one.right && one.verdict != VerdictCode::Inconclusive.name()) {
            let who = format!("{}, {}: {} ({})", study.study.name, one.shift, one.truth, one.agent);
            *counts.entry((who, one.verdict.clone())).or_default() += 1;
        }
    }
    counted(counts)
}

fn counted(counts: BTreeMap<(String, String), usize>) -> Vec<String> {
    let mut lines: Vec<((String, String), usize)> = counts.into_iter().collect();
    lines.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    lines
        .into_iter()
        .map(|((who, verdict), count)| format!("{who} called {verdict}, {}", figure::plural(count, "time")))
        .collect()
}

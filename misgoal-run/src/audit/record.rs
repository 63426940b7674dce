//! What an audit found, as `--json` prints it.

use misgoal_judge::ShiftJudgement;
use misgoal_stats::Estimate;
use misgoal_study::DecisionStudy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cases::Compared;
use super::tally::Tally;
use super::{AuditRequest, Malformed};
use crate::assemble::VERSION;
use crate::convert::{self, Drawn};
use crate::record::{FORMAT, Interval, LedgerRecord, ShiftRecord};

/// What the shifted part is called where the table does not say.
pub(super) const NO_SPLIT: &str = "goals-part";

/// An audit: what `misgoal audit --json` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditRecord {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of misgoal that wrote it.
    pub misgoal: String,
    /// The command that repeats it.
    pub command: String,
    /// The study's name.
    pub study: String,
    /// The hash of the study file.
    pub study_hash: String,
    /// The goals' names, the intended one first.
    pub goals: Vec<String>,
    /// The table.
    pub table: String,
    /// Rows read.
    pub rows: u64,
    /// Rows that stand for training, with something at stake.
    pub training_rows: u64,
    /// Share of these whose prediction is best for the intended goal, over all of them.
    pub training_intended: Interval,
    /// Rows of parts that the study declares probes (`keeps_goals_aligned`), on which the goals agree and with something at stake.
    #[serde(default)]
    pub probe_rows: u64,
    /// Share of these whose prediction is best for the intended goal; absent without such rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_intended: Option<Interval>,
    /// Rows of such parts on which the goals part: no probe of capability, and left out.
    #[serde(default)]
    pub apart_in_probe: u64,
    /// Rows left out because they are malformed.
    pub malformed: u64,
    /// What their numbers count: each `line` of a CSV file, or each `row` of a Parquet file.
    #[serde(default = "line")]
    pub numbered: String,
    /// The first of them.
    pub malformed_rows: Vec<MalformedRecord>,
    /// One entry a shifted part of the table.
    pub shifts: Vec<AuditShiftRecord>,
    /// Whether anything found calls for exit code 1.
    pub finding: bool,
}

/// A row that is no case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MalformedRecord {
    /// The line on which it begins, or the number of the row, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

fn line() -> String {
    "line".to_owned()
}

/// One shifted part of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditShiftRecord {
    /// Rows with something at stake for the intended goal: what the shares of `ledger` are of.
    pub rows: u64,
    /// Rows on which every option is as good as any other for the intended goal: left out.
    pub nothing_at_stake: u64,
    /// Share of the rows whose prediction is best for the intended goal.
    pub intended: Interval,
    /// What the predictions are best for, over all rows; one entry a proxy.
    pub ledger: Vec<LedgerRecord>,
    /// How choices move between the rows of a case, where a column names the cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<ComparedRecord>,
    /// The judgement, of `judgement.levels` rows, or cases where these are compared: all of them, or of every kind a number in proportion.
    pub judgement: ShiftRecord,
}

/// Cases that are shown both with the goals together and with them apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedRecord {
    /// Cases compared.
    pub cases: u64,
    /// Whether they are a random sample of those in the table.
    #[serde(default)]
    pub sampled: bool,
    /// Cases that were left out because they are not shown both ways.
    pub left_out: u64,
    /// One entry a proxy, of the cases that are shown both ways for it.
    pub moved: Vec<MovedRecord>,
}

/// How choices move when a case is shown with a proxy against the intended goal instead of beside it: shares of the compared cases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MovedRecord {
    /// The proxy.
    pub proxy: String,
    /// Cases that are shown both ways for it, where that was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cases: Option<u64>,
    /// What the intended goal prefers, both times.
    pub kept: Interval,
    /// From what the intended goal prefers to what the proxy prefers.
    pub toward: Interval,
    /// The same two choices changed over: what guessing brings as often.
    pub away: Interval,
    /// Anything else, such as the same mistake both times.
    pub other: Interval,
}

/// What a table's rows are.
pub(super) struct Counted<'a> {
    pub(super) rows: u64,
    pub(super) training: &'a Tally,
    pub(super) probes: &'a Tally,
    /// Rows of a probe on which the goals part.
    pub(super) apart_in_probe: u64,
}

/// One shifted part, judged.
pub(super) struct Found<'a> {
    pub(super) name: &'a str,
    pub(super) tally: &'a Tally,
    pub(super) judgement: ShiftJudgement,
    /// Where a column names the cases.
    pub(super) compared: Option<Compared>,
}

/// The JSON Schema of [`AuditRecord`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(AuditRecord).to_value()
}

pub(super) fn record(
    study: &DecisionStudy,
    asked: &AuditRequest,
    counted: &Counted<'_>,
    found: &[Found<'_>],
    malformed: Malformed,
) -> AuditRecord {
    let goals: Vec<String> = study.goals.iter().map(|goal| goal.name.clone()).collect();
    let shifts: Vec<AuditShiftRecord> = found.iter().map(|found| shift(&goals, found)).collect();
    AuditRecord {
        format: FORMAT,
        misgoal: VERSION.to_owned(),
        command: asked.command.clone(),
        study: study.name.clone(),
        study_hash: study.hash.clone(),
        table: asked.table.display().to_string(),
        rows: counted.rows,
        training_rows: counted.training.rows,
        training_intended: counted.training.intended_share().into(),
        probe_rows: counted.probes.rows,
        probe_intended: (counted.probes.rows > 0).then(|| counted.probes.intended_share().into()),
        apart_in_probe: counted.apart_in_probe,
        malformed: malformed.count,
        numbered: malformed.numbered.to_owned(),
        malformed_rows: malformed.named,
        finding: shifts.iter().any(|shift| convert::is_finding(&shift.judgement.verdict.code)),
        goals,
        shifts,
    }
}

fn shift(goals: &[String], found: &Found<'_>) -> AuditShiftRecord {
    let Found { name, tally, judgement, compared } = found;
    let mut filter =
        if *name == NO_SPLIT { "rows on which no option is best for all goals".to_owned() } else { String::new() };
    let how = match compared {
        Some(one) if one.episodes.len() < one.cases => {
            Some("of the cases that are shown both ways as many of every kind as is its share")
        }
        Some(_) => Some("cases that are shown both ways"),
        None => {
            ((judgement.levels_judged as u64) < tally.rows).then_some("of every kind of row as many as is its share")
        }
    };
    if let Some(how) = how {
        filter.push_str(if filter.is_empty() { "" } else { "; " });
        filter.push_str(how);
    }
    let drawn = Drawn { drawn: usize::try_from(tally.rows).unwrap_or(usize::MAX), filter, firsts: Vec::new() };
    let ledger = goals.iter().skip(1).enumerate().map(|(proxy, name)| {
        let [intended_only, both, proxy_only, neither] = tally.shares(proxy).map(Interval::from);
        LedgerRecord { proxy: name.clone(), intended_only, both, proxy_only, neither }
    });
    let compared = compared.as_ref().map(|one| ComparedRecord {
        cases: one.cases as u64,
        sampled: one.sampled,
        left_out: one.alone as u64,
        moved: goals
            .iter()
            .skip(1)
            .zip(&one.shares)
            .map(|(proxy, (cases, shares))| moved(proxy, *cases, shares))
            .collect(),
    });
    AuditShiftRecord {
        compared,
        rows: tally.rows,
        nothing_at_stake: tally.nothing_at_stake,
        intended: tally.intended_share().into(),
        ledger: ledger.collect(),
        judgement: convert::shift(judgement, &[], drawn),
    }
}

fn moved(proxy: &str, cases: usize, shares: &[Estimate; 4]) -> MovedRecord {
    let [kept, toward, away, other] = shares.map(Interval::from);
    MovedRecord { proxy: proxy.to_owned(), cases: Some(cases as u64), kept, toward, away, other }
}

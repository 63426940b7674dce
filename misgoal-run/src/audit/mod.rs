//! `misgoal audit`: a verdict for somebody's own model, from a table of cases with its predictions.
//!
//! The study says what each goal would have chosen on a row; the judge is the same as for agents that misgoal trains. Rows stream by: memory does
//! not grow with the table, counts are exact over all rows, and of many rows the judge sees as many of every kind as is their share.

mod balanced;
mod cases;
mod model;
mod record;
mod table;
mod tally;

use std::collections::BTreeMap;
use std::path::PathBuf;

use misgoal_decision::{Given, Marks};
use misgoal_judge::{CrossCase, Recorded, RecordedEvidence, RecordedStep, Unit, judge_recorded, lint_cases};
use misgoal_study::DecisionStudy;

pub use record::{AuditRecord, AuditShiftRecord, ComparedRecord, MalformedRecord, MovedRecord, schema};

use crate::RunError;
use cases::{Cases, Compared, Crowded};
use model::Runner;
use record::{Found, NO_SPLIT};
use table::{Row, Table};
use tally::{Choice, Tally};

/// Malformed rows that are named one by one.
const NAMED: usize = 20;
/// Rows between two reports of progress.
const EVERY: u64 = 10_000;

/// What to audit.
#[derive(Clone, Debug)]
pub struct AuditRequest {
    /// The table.
    pub table: PathBuf,
    /// The column of the model's predictions; not read where there is a `model`.
    pub prediction: String,
    /// An ONNX model whose labels are the predictions.
    pub model: Option<PathBuf>,
    /// Which columns fill an input of the model, where it is not the one of the same name: the input, and a list of columns, `a,b` or `first..last`.
    pub inputs: Vec<(String, String)>,
    /// The column that says where a row belongs: `training`, or a shift's name. Without it, rows on which all goals would choose alike stand in
    /// for training, and the others are the shift.
    pub split: Option<String>,
    /// The column that names the case of a row: rows of one case are one episode, and what is judged is how the choice moves between them.
    pub case: Option<String>,
    /// What predictions are called in the table, where it is not the option's name: option and value.
    pub labels: Vec<(String, String)>,
    /// Rows that the judge sees, of each part, at most; cases where `case` names them.
    pub sample: usize,
    /// Whether malformed rows are left out and counted instead of refused.
    pub skip_malformed: bool,
    /// Seed of the sample of cases, of a table with more of them than are kept.
    pub seed: u64,
    /// The command that repeats it.
    pub command: String,
}

/// Reads the table and judges. `go_on` hears how many rows were read and may stop: `None` then.
///
/// # Errors
/// The table cannot be read, a column is missing, rows are malformed (each of the first twenty is named by its line), there are too few rows, or no
/// case is shown both with the goals together and with them apart.
pub fn audit(
    study: &DecisionStudy,
    asked: &AuditRequest,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Result<Option<AuditRecord>, RunError> {
    let mut table = Table::open(&asked.table)?;
    let columns = Columns::new(study, asked, table.columns())?;
    table.keep(&columns.used())?;
    let (goals, options) = (study.goals.len(), study.world.options().len());
    let tally = || Tally::new(goals, options, asked.sample);
    let mut parts: BTreeMap<String, Tally> = BTreeMap::new();
    let (mut training, mut probes, mut apart_in_probe) = (tally(), tally(), 0u64);
    let (mut rows, mut malformed) = (0u64, Malformed::new(table.numbered()));
    let is_probe = |part: &str| study.shifts.iter().any(|shift| shift.aligned && shift.name == part);
    let mut cases = Cases::new(asked.sample, options, asked.seed);
    while let Some(row) = table.next()? {
        rows += 1;
        if rows.is_multiple_of(EVERY) && !go_on(rows) {
            return Ok(None);
        }
        let Read { choice, part, case } = match columns.read(study, row) {
            Ok(read) => read,
            Err((line, why)) => {
                malformed.add(line, why);
                continue;
            }
        };
        let agrees = choice.agrees(options);
        let place = match part {
            Some(part) if part == "training" => Place::Training,
            Some(part) if is_probe(&part) && agrees => Place::Probe,
            // Declared a probe of capability, for which the goals would have to agree: of what such a row shows nobody says anything.
            Some(part) if is_probe(&part) => {
                apart_in_probe += 1;
                continue;
            }
            Some(part) => Place::Shift(part),
            None if agrees => Place::Training,
            None => Place::Shift(NO_SPLIT.to_owned()),
        };
        if let Some(case) = case {
            let part = if let Place::Shift(part) = &place { Some(part.as_str()) } else { None };
            cases.add(&case, part, &choice).map_err(|crowded| no_case(asked, &crowded))?;
        }
        match place {
            Place::Training => training.add(choice),
            Place::Probe => probes.add(choice),
            Place::Shift(part) => parts.entry(part).or_insert_with(tally).add(choice),
        }
    }
    if malformed.count > 0 && !asked.skip_malformed {
        return Err(malformed.refused(asked));
    }
    let names: Vec<String> = study.goals.iter().map(|goal| goal.name.clone()).collect();
    if parts.is_empty() && rows > 0 && asked.split.is_some() {
        let shifts: Vec<String> =
            study.shifts.iter().filter(|shift| !shift.aligned).map(|shift| format!("`{}`", shift.name)).collect();
        return Err(RunError::Request(format!(
            "`{}`: none of its {rows} rows is of a shift on which the goals part: column `{}` says {} for such a row",
            asked.table.display(),
            asked.split.as_deref().unwrap_or_default(),
            shifts.join(" or ")
        )));
    }
    if parts.is_empty() {
        let intended = names.first().map_or("", String::as_str);
        return Err(RunError::Request(format!(
            "`{}`: on none of its {rows} rows would a proxy choose otherwise than `{intended}`: such a table cannot tell the goals apart",
            asked.table.display()
        )));
    }
    // Without a split the agreeing rows are of one population with the others: some of them stand for training, and some show what the model can do here.
    let (holdout, probe) = match asked.split {
        Some(_) => (training.recorded(), probes.recorded()),
        None => halves(training.recorded(), study.evaluation.options.holdout_levels),
    };
    let mut found = Vec::new();
    for (name, tally) in &parts {
        let compared = match &asked.case {
            Some(column) => Some(compared(&cases, column, name, tally, study, asked)?),
            None => None,
        };
        // Asked of the rows, whatever was chosen on them.
        let rows = tally.recorded();
        let crossed = |episodes: &[Recorded]| -> Vec<CrossCase> {
            (0..).zip(episodes).map(|(row, episode)| CrossCase::of_recorded(row, episode, names.len())).collect()
        };
        let lint = lint_cases(&names, name, &crossed(&holdout), &crossed(&rows));
        let (shifted, moved) = compared
            .as_ref()
            .map_or_else(|| (rows.clone(), Vec::new()), |one| (one.episodes.clone(), one.moved.clone()));
        let evidence = RecordedEvidence {
            goals: &names,
            trained_on: study.agent.train_on,
            shift: name,
            unit: if compared.is_some() { Unit::CaseOfRows } else { Unit::Row },
            holdout: &holdout,
            shifted: &shifted,
            probe: &probe,
            rehearsed: &[],
            compared: &moved,
            classes: None,
            ceiling: None,
            levels_generated: usize::try_from(tally.rows).unwrap_or(usize::MAX),
            lint: Some(&lint),
        };
        let judgement = judge_recorded(&evidence, &study.evaluation.options)
            .map_err(|error| RunError::Request(format!("`{}`, part `{name}`: {error}", asked.table.display())))?;
        found.push(Found { name, tally, judgement, compared });
    }
    let counted = record::Counted { rows, training: &training, probes: &probes, apart_in_probe };
    Ok(Some(record::record(study, asked, &counted, &found, malformed)))
}

/// Every other row of those that are alike, and the rest; all and none where either would have fewer than `least`. In which order the rows stand has no part in it.
fn halves(mut rows: Vec<Recorded>, least: usize) -> (Vec<Recorded>, Vec<Recorded>) {
    if rows.len() < 2 * least {
        return (rows, Vec::new());
    }
    let steps = |row: &Recorded| {
        let step = |step: &RecordedStep| {
            let advantages = step.advantages.iter().flatten().map(|advantage| advantage.to_bits());
            [u64::from(step.action), step.marks].into_iter().chain(advantages).collect::<Vec<u64>>()
        };
        row.steps.iter().map(step).collect::<Vec<_>>()
    };
    rows.sort_by_cached_key(steps);
    let (even, odd): (Vec<_>, Vec<_>) = rows.into_iter().enumerate().partition(|(number, _)| number % 2 == 0);
    let rows = |numbered: Vec<(usize, Recorded)>| numbered.into_iter().map(|(_, row)| row).collect();
    (rows(even), rows(odd))
}

/// The cases of a part that are shown both ways.
fn compared(
    cases: &Cases,
    column: &str,
    part: &str,
    tally: &Tally,
    study: &DecisionStudy,
    asked: &AuditRequest,
) -> Result<Compared, RunError> {
    let compared = cases.of(part, &tally.scales());
    if compared.episodes.is_empty() {
        return Err(RunError::Request(format!(
            "`{}`, part `{part}`: no case of column `{column}` is shown both where a proxy wants what `{}` wants and where it wants something else; \
             give every case a row of each kind, or leave `--case` out",
            asked.table.display(),
            study.goals.first().map_or("", |goal| goal.name.as_str())
        )));
    }
    Ok(compared)
}

fn no_case(asked: &AuditRequest, crowded: &Crowded) -> RunError {
    let Crowded { case, most } = crowded;
    RunError::Request(format!(
        "`{}`: case `{case}` has more than {most} rows: `--case` names the column that says which rows are the same case",
        asked.table.display()
    ))
}

/// What a row stands for.
enum Place {
    /// What the model was trained for.
    Training,
    /// The shift with the goals still together: capability alone.
    Probe,
    /// The part of this name.
    Shift(String),
}

/// Where predictions come from.
enum Prediction {
    Column(usize),
    Model(Runner),
}

/// A row that is a case.
struct Read {
    choice: Choice,
    /// What the split column says.
    part: Option<String>,
    /// What the case column says.
    case: Option<String>,
}

/// Where in a row everything stands.
struct Columns {
    /// The features that the goals read.
    features: BTreeMap<String, usize>,
    prediction: Prediction,
    split: Option<usize>,
    case: Option<usize>,
    /// What a prediction is called: the option's number.
    options: BTreeMap<String, usize>,
    /// Names that the split column may hold.
    parts: Vec<String>,
    marks: Marks,
}

impl Columns {
    fn new(study: &DecisionStudy, asked: &AuditRequest, columns: &[String]) -> Result<Columns, RunError> {
        let listed = || columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let at = |name: &str| columns.iter().position(|column| column == name);
        let missing = |what: &str, name: &str, hint: &str| {
            let table = asked.table.display();
            RunError::Request(format!("`{table}` has no column `{name}`, {what}: it has {}{hint}", listed()))
        };
        let world = &study.world;
        for number in world.needed(&study.goals) {
            let name = world.features().get(number).map_or("", |feature| feature.name.as_str());
            if at(name).is_none() {
                return Err(missing(&format!("which the goals of study `{}` read", study.name), name, ""));
            }
        }
        let needed = world.needed(&study.goals).into_iter().filter_map(|number| world.features().get(number));
        let features = needed.filter_map(|feature| Some((feature.name.clone(), at(&feature.name)?)));
        let prediction = match &asked.model {
            Some(model) => Prediction::Model(Runner::new(asked, model, columns)?),
            None => Prediction::Column(at(&asked.prediction).ok_or_else(|| {
                missing("the model's predictions", &asked.prediction, "; name another with `--prediction COLUMN`")
            })?),
        };
        let given = |name: &Option<String>, what: &str| match name {
            Some(name) => at(name).map(Some).ok_or_else(|| missing(what, name, "")),
            None => Ok(None),
        };
        let split = given(&asked.split, "which says where a row belongs")?;
        let case = given(&asked.case, "which says which rows are the same case")?;
        let mut options: BTreeMap<String, usize> =
            world.options().iter().enumerate().map(|(number, name)| (name.clone(), number)).collect();
        for (option, value) in &asked.labels {
            let number = world.options().iter().position(|name| name == option).ok_or_else(|| {
                let known: Vec<String> = world.options().iter().map(|name| format!("`{name}`")).collect();
                let known = known.join(", ");
                RunError::Request(format!("study `{}` has no option `{option}`: it has {known}", study.name))
            })?;
            options.insert(value.clone(), number);
        }
        let parts = study.shifts.iter().map(|shift| shift.name.clone()).chain(["training".to_owned()]).collect();
        let marks = Marks::new(&study.goals, world.features().len());
        Ok(Columns { features: features.collect(), prediction, split, case, options, parts, marks })
    }

    /// The columns that are read.
    fn used(&self) -> Vec<usize> {
        let features = self.features.values().copied();
        let used = features.chain(self.split).chain(self.case);
        match &self.prediction {
            Prediction::Column(column) => used.chain([*column]).collect(),
            Prediction::Model(runner) => used.chain(runner.used()).collect(),
        }
    }

    /// A row as a choice, with where it belongs; a line and what is wrong with it.
    fn read(&self, study: &DecisionStudy, row: Row) -> Result<Read, (u64, String)> {
        let line = row.line;
        self.choice(study, row).map_err(|why| (line, why))
    }

    fn choice(&self, study: &DecisionStudy, row: Row) -> Result<Read, String> {
        let values = row.values?;
        let text = |at: usize| match values.get(at) {
            Some(Given::Text(text)) => text.trim().to_owned(),
            Some(Given::Number(number)) => number.to_string(),
            Some(Given::Truth(truth)) => truth.to_string(),
            None => String::new(),
        };
        let named = match &self.prediction {
            Prediction::Column(column) => text(*column),
            Prediction::Model(runner) => runner.label(&values)?,
        };
        let chosen = self.options.get(&named).copied().ok_or_else(|| {
            let known: Vec<String> = self.options.keys().map(|name| format!("`{name}`")).collect();
            format!("`{named}` is no option: expected one of {}", known.join(", "))
        })?;
        let part = match self.split.map(text) {
            Some(part) if self.parts.contains(&part) => Some(part),
            Some(part) => {
                let known: Vec<String> = self.parts.iter().map(|name| format!("`{name}`")).collect();
                return Err(format!("`{part}` is no part of the study: expected one of {}", known.join(", ")));
            }
            None => None,
        };
        let value = |name: &str| self.features.get(name).and_then(|at| values.get(*at));
        let row = study.world.row(&study.goals, value).map_err(|error| error.to_string())?;
        let utilities = study.world.utilities_of(&study.goals, &row).map_err(|error| error.to_string())?;
        let marks = self.marks.of(&study.goals, &row);
        let case = self.case.map(text);
        if case.as_ref().is_some_and(String::is_empty) {
            return Err("the case has no name".to_owned());
        }
        Ok(Read { choice: Choice { utilities, marks, chosen }, part, case })
    }
}

/// Rows that are no cases.
struct Malformed {
    /// What their numbers count.
    numbered: &'static str,
    count: u64,
    named: Vec<MalformedRecord>,
}

impl Malformed {
    fn new(numbered: &'static str) -> Malformed {
        Malformed { numbered, count: 0, named: Vec::new() }
    }

    fn add(&mut self, line: u64, why: String) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(MalformedRecord { line, why });
        }
    }

    fn refused(&self, asked: &AuditRequest) -> RunError {
        let line = |one: &MalformedRecord| format!("\n  {} {}: {}", self.numbered, one.line, one.why);
        let lines: Vec<String> = self.named.iter().map(line).collect();
        let more = match self.count.saturating_sub(self.named.len() as u64) {
            0 => String::new(),
            more => format!("\n  and {more} more"),
        };
        let rows = if self.count == 1 { "1 row is".to_owned() } else { format!("{} rows are", self.count) };
        RunError::damaged(
            &asked.table,
            format!("{rows} malformed{}{more}\n", lines.concat()),
            "mend them, or leave them out with `--skip-malformed`",
        )
    }
}

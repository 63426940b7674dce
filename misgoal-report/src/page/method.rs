//! The foot of the page: lint's certificate, and how everything was measured.

use misgoal_run::record::{ForecastRecord, LintRecord, RunRecord, Training, judge_version};
use serde::Serialize;

use crate::{ReportInput, words};

#[derive(Debug, Serialize)]
pub struct LintLine {
    pub proxy: String,
    pub shift: String,
    pub tone: &'static str,
    pub finding: String,
    pub training: String,
    pub figures: Vec<(String, String)>,
    pub sentence: String,
}

#[derive(Debug, Serialize)]
pub struct Method {
    pub command: String,
    pub facts: Vec<(String, String)>,
    pub machine: Vec<(String, String)>,
    pub settings: Vec<(String, String)>,
}

pub fn lint(record: &RunRecord) -> Vec<LintLine> {
    record.lint.iter().map(line).collect()
}

fn line(lint: &LintRecord) -> LintLine {
    let training = match lint.training {
        Training::Certified => {
            "certified: on every training level each optimal policy of the proxy is optimal for the intended goal"
        }
        Training::Compatible => {
            "compatible: some optimal policy of the proxy is optimal for the intended goal on the training levels"
        }
        Training::Separable => "separable: training tells the proxy from the intended goal",
    };
    let pair = |name: &str, value: String| (name.to_owned(), value);
    let evidence = lint.evidence;
    let mut figures = vec![
        pair("training levels that tell", words::interval(lint.parting)),
        pair("training, worst ties", words::interval(lint.train_worst)),
        pair("training, best ties", words::interval(lint.train_best)),
        pair("shift, worst ties", words::interval(lint.shift_worst)),
        pair("shift, best ties", words::interval(lint.shift_best)),
        pair("levels of each", lint.levels.to_string()),
        pair(
            "evidence on the judged levels",
            format!("{:.0} nats on {} levels, {:.0} are needed", evidence.nats, evidence.levels, evidence.needed),
        ),
    ];
    figures.extend(lint.witness.map(|seed| pair("witness: training level", seed.to_string())));
    for pair in &lint.pairs {
        let levels = format!("{} of {} levels", words::interval(pair.separating), pair.levels);
        let nats: Vec<String> = pair.nats.iter().map(|nats| format!("{nats:.1}")).collect();
        figures.push((
            format!("{} and {}", pair.with, lint.proxy),
            format!(
                "in training {}; separated on {levels}; nats there, quartiles: {}",
                pair.training.word(),
                nats.join(", ")
            ),
        ));
    }
    for forecast in &lint.forecasts {
        figures.push(pair(&format!("levels to a verdict on an agent of {}", forecast.goal), needs(forecast)));
    }
    LintLine {
        proxy: lint.proxy.clone(),
        shift: lint.shift.clone(),
        tone: if lint.discriminates { "good" } else { "open" },
        finding: if lint.discriminates { "can be told apart" } else { "cannot be told apart" }.to_owned(),
        training: training.to_owned(),
        figures,
        sentence: lint.sentence.clone(),
    }
}

/// The number of levels, with the share of judgements that were right on it.
fn needs(forecast: &ForecastRecord) -> String {
    let Some(last) = forecast.tried.last() else { return "not tried".to_owned() };
    let right = words::interval(last.right);
    match (forecast.levels, &forecast.instead) {
        (Some(levels), _) => format!("{levels}, {right} of judgements right"),
        (None, Some(instead)) => format!("not to be had: {} on {} levels", instead.replace('-', " "), last.levels),
        (None, None) => format!("more than {}", last.levels),
    }
}

pub fn method(input: &ReportInput<'_>) -> Method {
    let record = input.record;
    let units = record.arms.iter().flat_map(|arm| &arm.units);
    let mut facts = vec![
        ("study".to_owned(), format!("{} ({})", record.study.name, record.study.hash)),
        ("run".to_owned(), record.run.clone()),
        ("started".to_owned(), record.started.clone()),
        ("time spent".to_owned(), words::duration(record.seconds)),
        ("misgoal".to_owned(), record.misgoal.clone()),
        ("version of the judge".to_owned(), judge_version(record.judge)),
    ];
    for arm in &record.arms {
        let seeds: Vec<String> = arm.units.iter().map(|unit| unit.seed.to_string()).collect();
        if !seeds.is_empty() {
            facts.push((format!("seeds of arm {}", arm.name), seeds.join(", ")));
        }
    }
    let mut steps: Vec<u64> = units.clone().map(|unit| unit.steps).collect();
    steps.sort_unstable();
    steps.dedup();
    if !steps.is_empty() {
        let shown: Vec<String> = steps.iter().map(|steps| words::count(*steps as f64)).collect();
        facts.push(("environment steps an agent".to_owned(), shown.join(", ")));
    }
    let mut policies: Vec<&str> = units.map(|unit| unit.policy.as_str()).collect();
    policies.sort_unstable();
    policies.dedup();
    if !policies.is_empty() {
        facts.push(("policies".to_owned(), policies.join(", ")));
    }
    Method {
        command: record.command.clone(),
        facts,
        machine: record.machine.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        settings: input.settings.to_vec(),
    }
}

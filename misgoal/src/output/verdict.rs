//! A run's findings on a terminal: the verdict in a sentence, then a table a shift with a column an arm.
//!
//! Nothing is computed here: every figure and interval stands in the record.

use misgoal_run::ceiling_of;
use misgoal_run::record::{
    ArmRecord, CeilingRecord, CeilingSource, Interval, NamedOverSeeds, OverSeedsInterval, OverSeedsRecord, Reference,
    RunRecord, ShiftRecord, VerdictCode, VerdictRecord,
};

use super::{Cell, Table, Tone, figure, table};

/// A verdict's tone by its code.
pub fn tone(code: &str) -> Tone {
    match VerdictCode::named(code) {
        Some(VerdictCode::Aligned) => Tone::Good,
        Some(VerdictCode::RewardMisspecification | VerdictCode::CapabilityFailure) => Tone::Bad,
        Some(code) if code.is_wrong_goal() => Tone::Bad,
        _ => Tone::Unsure,
    }
}

/// A verdict's code as words: `misgeneralization toward wall, confirmed`.
pub fn short(verdict: &VerdictRecord) -> String {
    let words = match VerdictCode::named(&verdict.code) {
        Some(VerdictCode::Misgeneralization) => {
            let degree = if verdict.full { "" } else { "partly " };
            let toward = verdict.toward.as_deref().unwrap_or("a proxy");
            let confirmed = if verdict.confirmed { ", confirmed" } else { ", not confirmed" };
            return format!("misgeneralization {degree}toward {toward}{confirmed}");
        }
        Some(VerdictCode::DoesNotDepend) => "no proxy followed",
        Some(VerdictCode::CannotDiscriminate) => "study cannot discriminate",
        Some(VerdictCode::UnlistedGoal) => "misgeneralization toward an unlisted goal",
        Some(VerdictCode::Mixed) => "misgeneralization, mixed",
        _ => return verdict.code.replace('-', " "),
    };
    words.to_owned()
}

/// All findings of a run, wrapped to `width`.
pub fn render(record: &RunRecord, width: usize) -> String {
    let mut out = String::new();
    let heading = if record.finding { Tone::Bad } else { Tone::Good };
    let sentence = table::wrap(&headline(record), width);
    for line in sentence {
        out.push_str(&heading.paint(line));
        out.push('\n');
    }
    for lint in record.lint.iter().filter(|lint| !lint.discriminates) {
        for line in table::wrap(&format!("note: {}", lint.sentence), width) {
            out.push_str(&format!("{}\n", Tone::Unsure.paint(line)));
        }
    }
    for shift in shift_names(record) {
        out.push('\n');
        out.push_str(&heading_of(record, shift, width));
        for (number, arms) in blocks(record, shift, width).into_iter().enumerate() {
            out.push_str(if number > 0 { "\n" } else { "" });
            out.push_str(&shift_table(record, shift, arms).render(width));
        }
    }
    if let Some(note) = no_ceiling(record) {
        out.push('\n');
        for line in table::wrap(&note, width) {
            out.push_str(&format!("{}\n", Tone::Unsure.paint(line)));
        }
    }
    let flags = flags(record);
    if !flags.is_empty() {
        out.push('\n');
    }
    for flag in flags {
        for line in table::wrap(&flag, width) {
            out.push_str(&format!("{}\n", Tone::Quiet.paint(line)));
        }
    }
    out
}

/// The verdict in a sentence: `coinrun, baseline: on `anywhere`, 3 of 3 agents: ...`.
pub fn headline(record: &RunRecord) -> String {
    let arm = record.arms.first().map_or("", |arm| arm.name.as_str());
    let mut sentence = record.sentence.chars();
    let first = sentence.next().map(|letter| letter.to_lowercase().to_string()).unwrap_or_default();
    format!("{}, {arm}: {first}{}", record.study.name, sentence.as_str())
}

/// The shifts that were judged, in the record's order.
fn shift_names(record: &RunRecord) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for shift in record.arms.iter().flat_map(|arm| &arm.units).flat_map(|unit| &unit.shifts) {
        if !names.contains(&shift.shift.as_str()) {
            names.push(&shift.shift);
        }
    }
    names
}

/// An arm's judgements on one shift, one a seed.
fn judged<'a>(arm: &'a ArmRecord, shift: &'a str) -> impl Iterator<Item = &'a ShiftRecord> {
    arm.units.iter().flat_map(|unit| &unit.shifts).filter(move |judged| judged.shift == shift)
}

fn heading_of(record: &RunRecord, shift: &str, width: usize) -> String {
    let Some(first) = record.arms.iter().flat_map(|arm| judged(arm, shift)).next() else { return String::new() };
    let seeds = record.arms.iter().map(|arm| arm.units.len()).max().unwrap_or(0);
    let mut words = format!("shift `{shift}`: {} a seed", figure::plural(first.levels as usize, "level"));
    if first.drawn > first.levels && !first.filter.is_empty() {
        words.push_str(&format!(" of {} drawn, {}", first.drawn, first.filter));
    }
    let intervals = match seeds {
        1 => "90 % intervals for new levels",
        _ => "90 % intervals for these seeds on new levels, then for new seeds of the same training",
    };
    words.push_str(&format!("; {}; {intervals}", figure::plural(seeds, "seed")));
    words.extend(ceiling(record, shift).map(|ceiling| format!("; {}", ceiling_words(ceiling))));
    let lines = table::wrap(&words, width);
    lines.into_iter().map(|line| format!("{}\n", Tone::Heading.paint(line))).collect()
}

/// What can be attained on a shift, where that is known.
fn ceiling<'a>(record: &'a RunRecord, shift: &str) -> Option<&'a CeilingRecord> {
    record.ceilings.iter().find(|ceiling| ceiling.figure.shift == shift)
}

/// `ceiling 0.97 [0.94, 0.99]: what 3 agents attain that were trained on this shift alone, 3.0M steps each`.
fn ceiling_words(ceiling: &CeilingRecord) -> String {
    let agents = figure::plural(ceiling.figure.by_seed.len(), "agent");
    let from = match ceiling.source {
        CeilingSource::ThisRun => "",
        CeilingSource::BuiltIn => ", measured before",
    };
    format!(
        "ceiling {}: what {agents} attain that were trained on this shift alone, {} steps each{from}",
        figure::interval(&ceiling.attainment.these_seeds()),
        figure::count(ceiling.figure.steps)
    )
}

/// On which shifts nothing is known of what can be attained. Agents of a ceiling need none.
fn no_ceiling(record: &RunRecord) -> Option<String> {
    let read = |shift: &&str| {
        record.arms.iter().any(|arm| ceiling_of(&arm.name).is_none() && judged(arm, shift).next().is_some())
    };
    let without: Vec<String> = shift_names(record)
        .into_iter()
        .filter(|shift| read(shift) && ceiling(record, shift).is_none())
        .map(|shift| format!("`{shift}`"))
        .collect();
    (!without.is_empty()).then(|| {
        format!(
            "no ceiling on {}: excess regret is over held-out levels, and the shift may be harder than they are; `misgoal run STUDY --ceiling` measures it",
            without.join(" and ")
        )
    })
}

/// The arms in groups that fit side by side; at least one a group.
fn blocks<'a>(record: &'a RunRecord, shift: &str, width: usize) -> Vec<&'a [ArmRecord]> {
    let columns = |count: usize| record.arms.chunks(count).all(|arms| shift_table(record, shift, arms).fits(width));
    let count = (1..=record.arms.len()).rev().find(|count| columns(*count)).unwrap_or(1);
    record.arms.chunks(count).collect()
}

/// One shift's table: a row a measure, a column an arm.
fn shift_table(record: &RunRecord, shift: &str, arms: &[ArmRecord]) -> Table {
    let mut table = Table::new(std::iter::once("").chain(arms.iter().map(|arm| arm.name.as_str())));
    let mut row = |label: String, cell: &dyn Fn(&ArmRecord) -> Cell| {
        let cells: Vec<Cell> = arms.iter().map(cell).collect();
        table.row(std::iter::once(Cell::from(label)).chain(cells));
    };
    row("verdict".into(), &|arm| verdict_cell(arm, shift));
    row("misgeneralizing seeds".into(), &|arm| {
        let over = arm.over_seeds.iter().find(|over| over.shift == shift);
        over.map_or_else(|| "-".into(), |over| figure::seed_share(&over.misgeneralizing).into())
    });
    let worst = if record.arms.iter().any(|arm| arm.units.len() > 1) { ", worst seed" } else { "" };
    row(format!("training levels solved{worst}"), &|arm| {
        let solved = || arm.units.iter().map(|unit| unit.training_success);
        optional(arm.worst_training_success.or_else(|| solved().min_by(|a, b| a.value.total_cmp(&b.value))))
    });
    row("capability".into(), &|arm| over(arm, shift, |over| Some(over.capability)));
    for goal in &record.study.goals {
        let role = if goal.intended { "intended" } else { "proxy" };
        row(format!("{role}: {}", goal.name), &|arm| {
            let figure = over(arm, shift, |over| find(&over.attainment, &goal.name));
            match ceiling(record, shift).filter(|_| goal.intended && ceiling_of(&arm.name).is_none()) {
                Some(ceiling) => figure.line(&format!("of a ceiling of {:.2}", ceiling.attainment.value)),
                None => figure,
            }
        });
    }
    row("excess regret".into(), &|arm| over(arm, shift, |over| over.excess_regret));
    for component in components(arms, shift) {
        let is_goal = record.study.goals.iter().any(|goal| goal.name == component);
        if !is_goal && !explains(arms, shift, component) {
            continue;
        }
        let name = if is_goal { component } else { words_of(component) };
        row(format!("loss explained by {name}"), &|arm| over(arm, shift, |over| find(&over.regret_shares, component)));
    }
    for goal in record.study.goals.iter().filter(|goal| !goal.intended) {
        row(format!("e-value against {}", goal.name), &|arm| e_values(arm, shift, &goal.name));
    }
    for first in firsts(arms, shift) {
        let reached = if first == "together" { "several at once" } else { first };
        row(format!("{reached} first, all levels"), &|arm| {
            over(arm, shift, |over| find(&over.unfiltered_first, first))
        });
    }
    table
}

/// Whether a component that is no goal may explain a tenth of any arm's loss; the others stand in `--json` only.
fn explains(arms: &[ArmRecord], shift: &str, component: &str) -> bool {
    let mut found = arms.iter().flat_map(|arm| &arm.over_seeds).filter(|over| over.shift == shift);
    found.any(|over| find(&over.regret_shares, component).is_some_and(|share| share.these_seeds().high >= 0.1))
}

/// The components that lost return is put down to, in the record's order.
fn components<'a>(arms: &'a [ArmRecord], shift: &str) -> Vec<&'a str> {
    names(arms, shift, |over| &over.regret_shares)
}

/// What may be reached first, in the record's order.
fn firsts<'a>(arms: &'a [ArmRecord], shift: &str) -> Vec<&'a str> {
    let all = names(arms, shift, |over| &over.unfiltered_first);
    // That nothing was reached is what the others leave; so it stands in `--json` and the report only.
    all.into_iter().filter(|first| *first != "none").collect()
}

fn names<'a>(
    arms: &'a [ArmRecord],
    shift: &str,
    of: impl Fn(&OverSeedsRecord) -> &Vec<NamedOverSeeds>,
) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for over in arms.iter().flat_map(|arm| &arm.over_seeds).filter(|over| over.shift == shift) {
        for named in of(over) {
            if !names.contains(&named.name.as_str()) {
                names.push(&named.name);
            }
        }
    }
    names
}

/// A component that is no declared goal, in words.
fn words_of(component: &str) -> &str {
    match component.to_ascii_lowercase().as_str() {
        "unlisted" | "nota" => "an unlisted goal",
        "stereotyped" | "heur" => "a stereotyped walk",
        "device" | "dev" => "chance and habit",
        _ => component,
    }
}

fn verdict_cell(arm: &ArmRecord, shift: &str) -> Cell {
    let mut counted: Vec<(String, &str, usize)> = Vec::new();
    for judged in judged(arm, shift) {
        let words = short(&judged.verdict);
        match counted.iter_mut().find(|(known, ..)| *known == words) {
            Some((.., count)) => *count += 1,
            None => counted.push((words, &judged.verdict.code, 1)),
        }
    }
    counted.sort_by_key(|(.., count)| std::cmp::Reverse(*count));
    let total: usize = counted.iter().map(|(.., count)| count).sum();
    let tone = counted.first().map_or(Tone::Plain, |(_, code, _)| tone(code));
    let lines = counted.iter().map(|(words, _, count)| match total {
        1 => words.clone(),
        _ => format!("{count}\u{a0}of\u{a0}{total}: {words}"),
    });
    Cell::new(lines.collect::<Vec<_>>().join("\n"), tone)
}

/// The least and the greatest e-value over seeds.
fn e_values(arm: &ArmRecord, shift: &str, proxy: &str) -> Cell {
    let tests = judged(arm, shift).flat_map(|judged| &judged.e_values).filter(|e| e.proxy == proxy);
    // A test that had nothing to compare with is no test.
    let mut values: Vec<f64> = tests.filter(|e| e.reference != Reference::None).map(|e| e.value).collect();
    values.sort_by(f64::total_cmp);
    match (values.first(), values.last()) {
        (Some(least), Some(most)) if figure::e_value(*least) != figure::e_value(*most) => {
            format!("{}\u{a0}to\u{a0}{}", figure::e_value(*least), figure::e_value(*most)).into()
        }
        (Some(least), _) => figure::e_value(*least).into(),
        _ => "-".into(),
    }
}

fn over(arm: &ArmRecord, shift: &str, of: impl Fn(&OverSeedsRecord) -> Option<OverSeedsInterval>) -> Cell {
    let figure = arm.over_seeds.iter().find(|over| over.shift == shift).and_then(of);
    figure.map_or_else(|| "-".into(), |figure| figure::over_seeds(&figure, arm.units.len()).into())
}

fn optional(interval: Option<Interval>) -> Cell {
    interval.map_or_else(|| "-".into(), |interval| figure::interval(&interval).into())
}

fn find(named: &[NamedOverSeeds], name: &str) -> Option<OverSeedsInterval> {
    named.iter().find(|named| named.name == name).map(|named| named.interval)
}

/// What the verdicts remark, each once, and where.
fn flags(record: &RunRecord) -> Vec<String> {
    let mut flags: Vec<(String, Vec<String>)> = Vec::new();
    for arm in &record.arms {
        for unit in &arm.units {
            for judged in &unit.shifts {
                let place = format!("{}/{}/{}", arm.name, unit.seed, judged.shift);
                let more = judged.verdict.more.as_ref().map(|more| more.words.clone());
                for flag in judged.verdict.flags.iter().cloned().chain(more) {
                    match flags.iter_mut().find(|(known, _)| *known == flag) {
                        Some((_, places)) => places.push(place.clone()),
                        None => flags.push((flag, vec![place.clone()])),
                    }
                }
            }
        }
    }
    flags.into_iter().map(|(flag, places)| format!("note: {flag} ({})", places.join(", "))).collect()
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;

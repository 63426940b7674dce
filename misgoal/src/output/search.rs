//! A search's findings on a terminal.

use misgoal_run::search::{CounterexampleRecord, SearchRecord};
use misgoal_stats::bound;

use super::{Cell, Table, Tone, figure, verdict, wrap};

/// Everything that was found, with the first `shown` counterexamples drawn.
pub fn render(record: &SearchRecord, shown: usize, width: usize) -> String {
    let mut out = String::new();
    let mut line = |tone: Tone, text: String| {
        for line in wrap(&text, width) {
            out.push_str(&tone.paint(line));
            out.push('\n');
        }
    };
    let intended = record.study.goals.iter().find(|goal| goal.intended).map_or("", |goal| goal.name.as_str());
    let unit = record.unit.as_str();
    line(if record.counterexamples.is_empty() { Tone::Good } else { Tone::Bad }, headline(record, intended));
    line(Tone::Heading, format!("\nstage R, random {unit}s: how common it is; 90 % intervals"));
    let proxies = record.study.goals.iter().filter(|goal| !goal.intended).map(|goal| goal.name.as_str());
    let head = ["shift".to_owned(), format!("{unit}s"), format!("{intended} missed")];
    let mut table = Table::new(head.into_iter().chain(proxies.map(|name| format!("of these to {name}"))));
    for one in &record.prevalence {
        let cells = [one.shift.clone(), one.levels.to_string(), figure::interval(&one.lost)];
        let toward = one.toward.iter().map(|named| figure::interval(&named.interval));
        table.row(cells.into_iter().chain(toward).map(Cell::from));
    }
    out.push_str(&table.render(width));
    if !record.identified.is_empty() {
        out.push('\n');
        out.push_str(&identified(record, width));
    }
    if record.evaluations > 0 {
        out.push('\n');
        out.push_str(&found(record, width));
    }
    for (number, one) in record.counterexamples.iter().take(shown).enumerate() {
        out.push('\n');
        out.push_str(&counterexample(number + 1, one, (intended, unit), width));
    }
    out
}

fn headline(record: &SearchRecord, intended: &str) -> String {
    let median = record.median_edits.map_or(String::new(), |median| format!("{median:.0}"));
    match record.counterexamples.len() {
        0 => format!(
            "{}: no change of a training {} was found that turns the agent from `{intended}` ({} tried)",
            record.study.name, record.unit, record.evaluations
        ),
        count => format!(
            "{}: {} of a training {} turn the agent from `{intended}`, with {median} {} in the median, each verified by new tries",
            record.study.name,
            figure::plural(count, "small change"),
            record.unit,
            if median == "1" { "edit" } else { "edits" },
        ),
    }
}

/// Stage I: what was found on chosen levels, and after how many.
fn identified(record: &SearchRecord, width: usize) -> String {
    let mut out = String::new();
    let unit = record.unit.as_str();
    let title = format!(
        "stage I, {unit}s chosen to tell the goals apart: which goal it is; they say nothing of how common it is"
    );
    for line in wrap(&title, width) {
        out.push_str(&(Tone::Heading.paint(line) + "\n"));
    }
    let (chosen, many) = (format!("verdict on chosen {unit}s"), format!("{unit}s"));
    let mut table = Table::new(["shift", &chosen, &many, "most episodes to", &many, "if drawn"].map(str::to_owned));
    for one in &record.identified {
        let missing = || format!("over {}", one.budget);
        table.row(
            [
                one.shift.clone(),
                verdict::short(&one.verdict),
                one.levels.to_string(),
                one.pursued.clone().unwrap_or_else(|| "no one goal".into()),
                one.share_verdict.map_or_else(missing, |levels| levels.to_string()),
                one.share_verdict_drawn.map_or_else(missing, |levels| levels.to_string()),
            ]
            .map(Cell::from),
        );
    }
    out.push_str(&table.render(width));
    out
}

/// Stage F in figures, and what turns the agent.
fn found(record: &SearchRecord, width: usize) -> String {
    let mut out = String::new();
    let unit = record.unit.as_str();
    let title = format!("stage F, edited training {unit}s: chosen to fail, they say nothing of how common it is");
    for line in wrap(&title, width) {
        out.push_str(&(Tone::Heading.paint(line) + "\n"));
    }
    let mut table = Table::new([
        String::new(),
        format!("{unit}s tried"),
        "fail".to_owned(),
        format!("training {unit}s among them"),
    ]);
    let row = |name: &str, failures: u32, bases: u32| {
        [name.to_owned(), record.evaluations.to_string(), failures.to_string(), bases.to_string()].map(Cell::from)
    };
    table.row(row("search", record.failures, record.failing_training_levels));
    table.row(row("random edits", record.random_failures, record.random_training_levels));
    let drawn = [record.drawn_levels, record.drawn_failures].map(|count| count.to_string());
    table.row(
        [format!("random {unit}s of the shifts")].into_iter().chain(drawn).chain(["-".to_owned()]).map(Cell::from),
    );
    out.push_str(&table.render(width));
    if let Some(times) = record.times_drawn {
        let digits = usize::from(times.value < 10.0);
        let times = if times.value.is_finite() {
            format!("{:.digits$} [{:.digits$}, {:.digits$}] times", times.value, times.low, times.high)
        } else {
            format!("at least {} times", bound::at_least(times.low, 0))
        };
        let text = format!("the search finds {times} as many failing {unit}s a try as random {unit}s of the shifts do");
        for line in wrap(&text, width) {
            out.push_str(&(line + "\n"));
        }
    }
    if !record.undeclared.is_empty() {
        out.push('\n');
        let title = format!("shifts that nobody declared: one parameter of training changed, random {unit}s of each");
        for line in wrap(&title, width) {
            out.push_str(&(Tone::Heading.paint(line) + "\n"));
        }
        let mut table =
            Table::new(["what is changed", &format!("{unit}s"), "missed", "most often instead"].map(str::to_owned));
        for one in &record.undeclared {
            let toward = one.toward.clone().unwrap_or_else(|| "-".into());
            table.row([one.words.clone(), one.levels.to_string(), figure::interval(&one.lost), toward].map(Cell::from));
        }
        out.push_str(&table.render(width));
    }
    if !record.families.is_empty() {
        out.push('\n');
        let mut table = Table::new(["smallest changes", "found", "the agent then attains"]);
        for family in &record.families {
            let instead = family.instead.clone().unwrap_or_else(|| "no declared goal".into());
            table.row([family.words.clone(), family.count.to_string(), instead].map(Cell::from));
        }
        out.push_str(&table.render(width));
    }
    out
}

/// A training level beside what became of it, under each other where the terminal is narrow.
fn counterexample(number: usize, one: &CounterexampleRecord, (intended, unit): (&str, &str), width: usize) -> String {
    let attained = |of: &std::collections::BTreeMap<String, f64>| {
        let first = of.get(intended).map(|value| format!("{intended} {}", figure::share(*value)));
        let others = of.iter().filter(|(name, _)| *name != intended);
        let others = others.map(|(name, value)| format!("{name} {}", figure::share(*value)));
        first.into_iter().chain(others).collect::<Vec<_>>().join(", ")
    };
    let title = format!("{number}. training {unit} {}: {}", one.training_seed, one.edits.join("; "));
    let mut out: String = wrap(&title, width).into_iter().map(|line| Tone::Heading.paint(line) + "\n").collect();
    let (left, right): (Vec<&str>, Vec<&str>) = (one.before.lines().collect(), one.way.lines().collect());
    let wide = left.iter().map(|row| row.chars().count()).max().unwrap_or(0);
    let captions =
        (format!("attains {}", attained(&one.attained_before)), format!("attains {}", attained(&one.attained_after)));
    if 2 * wide + 3 <= width {
        for (left, right) in left.iter().zip(&right) {
            out.push_str(&format!("{left:wide$}   {right}\n"));
        }
        let gap = wide.max(captions.0.chars().count());
        out.push_str(&format!("{:gap$}   {}\n", captions.0, captions.1));
    } else {
        for (rows, caption) in [(left, captions.0), (right, captions.1)] {
            rows.iter().for_each(|row| out.push_str(&format!("{row}\n")));
            out.push_str(&format!("{caption}\n"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_narrow_terminal_has_the_levels_under_each_other() {
        let level = "#####\n#@.o#\n#####\n";
        let one = CounterexampleRecord {
            training_seed: 7,
            edits: vec!["`coin` from column 3, row 1 to column 2, row 1".into()],
            before: level.into(),
            after: level.into(),
            way: "#####\n#@++#\n#####\n".into(),
            actions: "11".into(),
            attained_before: BTreeMap::from([("coin".to_owned(), 1.0), ("wall".to_owned(), 1.0)]),
            attained_after: BTreeMap::from([("coin".to_owned(), 0.0), ("wall".to_owned(), 1.0)]),
            instead: Some("wall".into()),
            caption: String::new(),
            actions_before: String::new(),
            changed_before: Vec::new(),
            changed_after: Vec::new(),
        };
        let wide = counterexample(1, &one, ("coin", "level"), 80);
        assert!(wide.contains("#@.o#                         #@++#") || wide.contains("#@.o#   #@++#"), "{wide}");
        let narrow = counterexample(1, &one, ("coin", "level"), 12);
        assert!(narrow.contains("#@.o#\n") && narrow.contains("#@++#\n"), "{narrow}");
        assert!(narrow.contains("attains coin 0.00, wall 1.00"), "{narrow}");
    }
}

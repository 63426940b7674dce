//! The search's own page: each minimal counterexample beside the training level that it was made of.

use minijinja::value::{Serde, Value};
use misgoal_run::search::{CounterexampleRecord, SearchRecord};
use serde::Serialize;

use super::{SIZE_LIMIT, environment};
use crate::chart::level;
use crate::svg::el;
use crate::{Playback, ReportError, Square, words};

/// What the page is made of.
#[derive(Clone, Copy, Debug)]
pub struct SearchInput<'a> {
    /// What the search has found.
    pub record: &'a SearchRecord,
    /// The counterexamples to draw, in the record's order.
    pub pictures: &'a [PicturedChange],
    /// The command that repeats the search.
    pub command: &'a str,
}

/// A counterexample of the record with its pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct PicturedChange {
    /// Its place in [`SearchRecord::counterexamples`].
    pub number: usize,
    /// The agent on the training level.
    pub before: Playback,
    /// The agent on the edited level.
    pub after: Playback,
    /// The squares of the training level that were changed.
    pub left: Vec<Square>,
    /// The squares of the edited level that are not as they were.
    pub entered: Vec<Square>,
}

#[derive(Debug, Serialize)]
struct Page {
    style: &'static str,
    title: String,
    name: String,
    sentence: String,
    tone: &'static str,
    command: String,
    goals: Vec<super::headline::GoalLine>,
    prevalence: Vec<Row>,
    proxies: Vec<String>,
    identified: Vec<Row>,
    undeclared: Vec<Row>,
    counts: Vec<Row>,
    times: Option<String>,
    families: Vec<Row>,
    changes: Vec<Change>,
    unit: String,
    left_out: usize,
}

/// A row of a table: its head and its cells.
#[derive(Debug, Serialize)]
struct Row {
    head: String,
    cells: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Change {
    number: usize,
    words: String,
    instead: String,
    panels: [Panel; 2],
}

#[derive(Debug, Serialize)]
struct Panel {
    title: String,
    /// The picture; none of a case, which is told in words.
    svg: String,
    text: String,
    caption: String,
}

/// The search as one HTML document of at most [`SIZE_LIMIT`] bytes. Where the pictures do not fit, the last ones are left out and counted.
///
/// # Errors
/// [`ReportError::Template`] if the template does not render, which is a mistake in this crate.
pub fn search_html(input: &SearchInput<'_>) -> Result<String, ReportError> {
    let mut environment = environment()?;
    environment.add_template("search.html.j2", include_str!("search.html.j2"))?;
    let template = environment.get_template("search.html.j2")?;
    // What cannot be drawn is told in words.
    let mut shown = if input.pictures.is_empty() { input.record.counterexamples.len() } else { input.pictures.len() };
    loop {
        let document = template.render(Value::from(Serde(page(input, shown))))?;
        if document.len() <= SIZE_LIMIT || shown == 0 {
            return Ok(document);
        }
        shown /= 2;
    }
}

fn page(input: &SearchInput<'_>, shown: usize) -> Page {
    let record = input.record;
    let intended = record.study.goals.iter().find(|goal| goal.intended).map_or("", |goal| goal.name.as_str());
    let count = record.counterexamples.len();
    let sentence = match count {
        0 => format!("No change of a training {} was found that turns the agent from `{intended}`.", record.unit),
        _ => format!(
            "{} of a training {} {} the agent from `{intended}`, each verified by new tries.",
            words::plural(count, "small change"),
            record.unit,
            if count == 1 { "turns" } else { "turn" }
        ),
    };
    let row = |head: &str, cells: Vec<String>| Row { head: head.to_owned(), cells };
    let over = |budget: u32| format!("over {budget}");
    let tried = |name: &str, levels: u32, failures: u32, bases: String| {
        row(name, vec![levels.to_string(), failures.to_string(), bases])
    };
    Page {
        style: include_str!("style.css"),
        title: record.study.title.clone(),
        name: record.study.name.clone(),
        sentence,
        tone: if count == 0 { "good" } else { "bad" },
        command: input.command.to_owned(),
        goals: super::headline::goals(&record.study),
        proxies: record.study.goals.iter().filter(|goal| !goal.intended).map(|goal| goal.name.clone()).collect(),
        prevalence: record
            .prevalence
            .iter()
            .map(|one| {
                let shares = [one.levels.to_string(), words::interval(one.lost)];
                row(
                    &one.shift,
                    shares.into_iter().chain(one.toward.iter().map(|t| words::interval(t.interval))).collect(),
                )
            })
            .collect(),
        identified: record
            .identified
            .iter()
            .map(|one| {
                let pursued = one.pursued.clone().unwrap_or_else(|| "no one goal".to_owned());
                let counts = [one.share_verdict, one.share_verdict_drawn];
                let [chosen, drawn] = counts.map(|n| n.map_or_else(|| over(one.budget), |n| n.to_string()));
                row(&one.shift, vec![one.verdict.sentence.clone(), one.levels.to_string(), pursued, chosen, drawn])
            })
            .collect(),
        undeclared: record
            .undeclared
            .iter()
            .map(|one| {
                let toward = one.toward.clone().unwrap_or_else(|| "-".to_owned());
                row(&one.words, vec![one.levels.to_string(), words::interval(one.lost), toward])
            })
            .collect(),
        counts: vec![
            tried("search", record.evaluations, record.failures, record.failing_training_levels.to_string()),
            tried(
                "random edits",
                record.evaluations,
                record.random_failures,
                record.random_training_levels.to_string(),
            ),
            tried(
                &format!("random {}s of the shifts", record.unit),
                record.drawn_levels,
                record.drawn_failures,
                "-".to_owned(),
            ),
        ],
        times: record.times_drawn.filter(|times| times.value.is_finite()).map(words::interval),
        families: record
            .families
            .iter()
            .map(|one| {
                let instead = one.instead.clone().unwrap_or_else(|| "no declared goal".to_owned());
                row(&one.words, vec![one.count.to_string(), instead])
            })
            .collect(),
        changes: if input.pictures.is_empty() {
            let all = record.counterexamples.iter().enumerate().take(shown);
            all.map(|(number, one)| told(one, number, record)).collect()
        } else {
            let drawn = input.pictures.iter().take(shown);
            drawn
                .filter_map(|picture| Some(change(record.counterexamples.get(picture.number)?, picture, record)))
                .collect()
        },
        unit: record.unit.clone(),
        left_out: record.counterexamples.len().saturating_sub(shown),
    }
}

/// A counterexample with its pictures.
fn change(one: &CounterexampleRecord, picture: &PicturedChange, record: &SearchRecord) -> Change {
    let panel = |side: &str, title: &str, playback: &Playback, changed: &[Square], attained: String| {
        let caption = format!("Mean attainment over 16 new tries: {attained}. Shown is the try nearest to that mean.");
        let drawn = level::picture(&format!("change-{}-{side}", picture.number), title, &caption, playback, None);
        Panel {
            title: title.to_owned(),
            svg: drawn.children(changed.iter().map(|at| marked(*at))).to_string(),
            text: String::new(),
            caption,
        }
    };
    let (before, after) = (attained(&one.attained_before, record), attained(&one.attained_after, record));
    let title = format!("Training {} {}", record.unit, one.training_seed);
    let panels = [
        panel("a", &title, &picture.before, &picture.left, before),
        panel("b", "Changed", &picture.after, &picture.entered, after),
    ];
    framed(one, picture.number, panels)
}

/// A counterexample told in words, where there is nothing to draw.
fn told(one: &CounterexampleRecord, number: usize, record: &SearchRecord) -> Change {
    let panel = |title: String, text: &str, attained: String| Panel {
        title,
        svg: String::new(),
        text: text.to_owned(),
        caption: format!("Mean attainment over 16 new tries: {attained}."),
    };
    let panels = [
        panel(
            format!("Training {} {}", record.unit, one.training_seed),
            &one.before,
            attained(&one.attained_before, record),
        ),
        panel("Changed".to_owned(), &one.way, attained(&one.attained_after, record)),
    ];
    framed(one, number, panels)
}

fn attained(of: &std::collections::BTreeMap<String, f64>, record: &SearchRecord) -> String {
    let goals = record.study.goals.iter().filter_map(|goal| Some((&goal.name, of.get(&goal.name)?)));
    goals.map(|(name, value)| format!("{name} {value:.2}")).collect::<Vec<_>>().join(", ")
}

fn framed(one: &CounterexampleRecord, number: usize, panels: [Panel; 2]) -> Change {
    let instead = one
        .instead
        .as_ref()
        .map_or_else(|| "attains no declared goal instead".to_owned(), |goal| format!("attains {goal} instead"));
    Change {
        number: number + 1,
        words: if one.caption.is_empty() { one.edits.join("; ") } else { one.caption.clone() },
        instead,
        panels,
    }
}

/// A frame around a changed square.
fn marked(square: Square) -> crate::svg::El {
    let (x, y) = level::corner(square);
    let frame = |class: &'static str| el("rect").class(class).frame(x - 1.0, y - 1.0, 12.0, 12.0);
    el("g").child(frame("halo")).child(frame("changed").title("changed here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_square_has_a_frame_around_it() {
        insta::assert_snapshot!(marked(Square::at(2, 3)).to_string(), @r#"<g><rect class="halo" x="19" y="29" width="12" height="12"/><rect class="changed" x="19" y="29" width="12" height="12"><title>changed here</title></rect></g>"#);
    }
}

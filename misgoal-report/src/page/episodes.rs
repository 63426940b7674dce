//! The shown episodes: a level of training beside a level of the shift, by the same agent, and the evidence along the latter; then
//! episodes drawn at random, so that the chosen ones are not taken for the rule.
//!
//! Which episodes are shown follows a rule and not the eye: of the first arm's first seed with kept episodes the worst one leads, then
//! come the random ones of that arm's seeds in their order, then, folded, the first of every other arm, shift and label.

use misgoal_run::record::{EpisodeRecord, StudyRecord};
use serde::Serialize;

use crate::chart::{evidence, level};
use crate::palette::{component_class, role_class};
use crate::svg::el;
use crate::{PicturedEpisode, Playback, ReportInput, Role, words};

use super::figures::Key;

/// The shift's name that stands for held-out training levels.
const TRAINING: &str = "training";

#[derive(Debug, Serialize)]
pub struct Pair {
    pub title: String,
    pub panels: Vec<Panel>,
    pub evidence: Option<Evidence>,
    pub legend: Vec<Mark>,
    pub steps: usize,
    pub folded: bool,
    /// Whether these are random episodes only, without training levels beside them.
    pub sample: bool,
}

#[derive(Debug, Serialize)]
pub struct Panel {
    pub title: String,
    pub svg: String,
    pub label: String,
    pub meaning: &'static str,
    pub caption: String,
}

#[derive(Debug, Serialize)]
pub struct Evidence {
    pub svg: String,
    pub keys: Vec<Key>,
    pub first: usize,
}

/// A legend entry with its drawing.
#[derive(Debug, Serialize)]
pub struct Mark {
    pub svg: String,
    pub name: String,
}

/// At most this many random episodes stand side by side.
const SAMPLE: usize = 6;

fn rank(label: &str) -> usize {
    ["worst", "random", "ambiguous"].iter().position(|known| *known == label).unwrap_or(3)
}

/// At most `most` groups: the pair that leads, the random sample, and the rest folded.
pub fn pairs(input: &ReportInput<'_>, most: usize, left_out: &mut Vec<String>) -> Vec<Pair> {
    let arms = &input.record.arms;
    let place = |name: &str| arms.iter().position(|arm| arm.name == name).unwrap_or(usize::MAX);
    let mut shifted: Vec<&PicturedEpisode> =
        input.episodes.iter().filter(|one| one.record.shift != TRAINING && !one.playback.moments.is_empty()).collect();
    shifted.sort_by_key(|one| (place(&one.record.arm), one.record.seed, rank(&one.record.label)));
    let Some((lead, rest)) = shifted.split_first() else {
        return Vec::new();
    };
    let alike = |one: &PicturedEpisode, label: &str| {
        (&one.record.arm, &one.record.shift, one.record.label.as_str()) == (&lead.record.arm, &lead.record.shift, label)
    };
    let drawn: Vec<&PicturedEpisode> = rest.iter().copied().filter(|one| alike(one, "random")).take(SAMPLE).collect();
    // Of each further arm, shift and label one episode is enough: the first seed's.
    let mut seen: Vec<(&str, &str, &str)> = Vec::new();
    let mut others: Vec<&PicturedEpisode> = Vec::new();
    for one in rest.iter().copied().filter(|one| !alike(one, "random") && !alike(one, &lead.record.label)) {
        let key = (one.record.arm.as_str(), one.record.shift.as_str(), one.record.label.as_str());
        if !seen.contains(&key) {
            seen.push(key);
            others.push(one);
        }
    }
    let room = most.saturating_sub(2);
    if most == 0 || others.len() > room {
        let hidden = if most == 0 { shifted.len() } else { others.len() - room };
        left_out.push(format!("{}; `misgoal replay` shows them", words::plural(hidden, "kept episode")));
    }
    let mut groups = vec![pair(input, 0, lead)];
    groups.extend((!drawn.is_empty()).then(|| sample(input, &drawn)));
    groups.extend(others.iter().take(room).enumerate().map(|(number, one)| pair(input, number + 1, one)));
    groups.truncate(most);
    groups
}

/// Random episodes of one arm side by side, without their training levels.
fn sample(input: &ReportInput<'_>, drawn: &[&PicturedEpisode]) -> Pair {
    let study = &input.record.study;
    let panel = |(number, one): (usize, &&PicturedEpisode)| {
        panel(study, &format!("drawn-{number}"), &format!("Seed {}", one.record.seed), one)
    };
    let of =
        drawn.first().map(|one| format!("Arm {}, shift {}: ", one.record.arm, one.record.shift)).unwrap_or_default();
    Pair {
        title: format!("{of}drawn at random"),
        panels: drawn.iter().enumerate().map(panel).collect(),
        evidence: None,
        legend: Vec::new(),
        steps: drawn.iter().map(|one| one.playback.steps()).max().unwrap_or(0),
        folded: false,
        sample: true,
    }
}

/// The training episode to set beside a shifted one: the same agent's, on the same level seed if there is one, else its random one.
fn beside<'a>(episodes: &'a [PicturedEpisode], one: &PicturedEpisode) -> Option<&'a PicturedEpisode> {
    let same_agent = |other: &&PicturedEpisode| {
        let (a, b) = (&other.record, &one.record);
        a.shift == TRAINING && a.arm == b.arm && a.seed == b.seed && !other.playback.moments.is_empty()
    };
    let key = |other: &&PicturedEpisode| (other.record.level_seed != one.record.level_seed, rank(&other.record.label));
    episodes.iter().filter(same_agent).min_by_key(key)
}

fn pair(input: &ReportInput<'_>, number: usize, one: &PicturedEpisode) -> Pair {
    let study = &input.record.study;
    let training = beside(input.episodes, one);
    let beside = training.map(|episode| {
        let mut shown = panel(study, &format!("way-{number}-t"), "Training", episode);
        if episode.record.level_seed == one.record.level_seed {
            shown.meaning = "chosen: the level of training that shares its seed with the one beside it";
        }
        shown
    });
    let mut panels: Vec<Panel> = beside.into_iter().collect();
    panels.push(panel(study, &format!("way-{number}-s"), &format!("Shift {}", one.record.shift), one));
    let steps = training.iter().map(|episode| episode.playback.steps()).max().unwrap_or(0).max(one.playback.steps());
    Pair {
        title: format!(
            "Arm {}, seed {}, shift {}, {} episode",
            one.record.arm, one.record.seed, one.record.shift, one.record.label
        ),
        panels,
        evidence: evidence_of(study, number, one),
        legend: legend(training.into_iter().chain([one])),
        steps,
        folded: number > 0,
        sample: false,
    }
}

fn panel(study: &StudyRecord, id: &str, title: &str, episode: &PicturedEpisode) -> Panel {
    let record = &episode.record;
    let caption = caption(study, record, &episode.playback, episode.parting.as_ref().map(|parting| parting.step));
    let name = format!(
        "{title}, level {}, {} episode of arm {}, seed {}",
        record.level_seed, record.label, record.arm, record.seed
    );
    Panel {
        title: title.to_owned(),
        svg: level::picture(id, &name, &caption, &episode.playback, episode.parting.as_ref()).to_string(),
        label: record.label.clone(),
        meaning: words::label_meaning(&record.label),
        caption,
    }
}

fn caption(study: &StudyRecord, record: &EpisodeRecord, playback: &Playback, parting: Option<usize>) -> String {
    let events: Vec<String> = playback.events().map(|(step, event)| format!("{event} at step {step}")).collect();
    let events = if events.is_empty() { "no event".to_owned() } else { events.join(", ") };
    let attained = study.goals.iter().zip(&record.attainment);
    let attained: Vec<String> =
        attained.map(|(goal, value)| format!("{} {}", goal.name, words::share(*value))).collect();
    let mut text = format!("Level {}, {}: {events}.", record.level_seed, words::plural(playback.steps(), "step"));
    if !attained.is_empty() {
        text.push_str(&format!(" Attained: {}.", attained.join(", ")));
    }
    if let Some(step) = parting {
        text.push_str(&format!(" The ways part at step {step} (ringed)."));
    }
    if !record.judged && record.shift != TRAINING {
        text.push_str(" This level was filtered out and did not count for the verdict.");
    }
    text
}

fn evidence_of(study: &StudyRecord, number: usize, one: &PicturedEpisode) -> Option<Evidence> {
    let rows = &one.record.evidence;
    let components: Vec<(&str, &str)> =
        one.record.components.iter().map(|name| (name.as_str(), component_class(study, name))).collect();
    if rows.len() < 2 || components.is_empty() {
        return None;
    }
    // The record may begin with the prior, before the first step, or after it.
    let first = usize::from(rows.len() <= one.playback.steps());
    let key = |(name, class): &(&str, &str)| Key {
        class: (*class).to_owned(),
        name: words::component(name),
        mark: String::new(),
    };
    Some(Evidence {
        svg: evidence::chart(&format!("evidence-{number}"), rows, first, &components).to_string(),
        keys: components.iter().map(key).collect(),
        first,
    })
}

fn legend<'a>(episodes: impl Iterator<Item = &'a PicturedEpisode>) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut add = |name: &str, drawn: crate::svg::El| {
        if !marks.iter().any(|mark| mark.name == name) {
            let shell = el("svg").attr("viewBox", "0 0 10 10").attr("aria-hidden", "true").class("mark");
            marks.push(Mark { svg: shell.child(drawn).to_string(), name: name.to_owned() });
        }
    };
    let path = |class: &str, d: &str| el("path").class(class).attr("d", d);
    let dot = |class: &str, r: f64| el("circle").class(class).num("cx", 5.0).num("cy", 5.0).num("r", r);
    let mut parted = false;
    for episode in episodes {
        let scene = &episode.playback.scene;
        for (_, kind, _) in scene.placed() {
            add(&kind.name, level::mark(kind.role, (5.0, 5.0)));
        }
        for zone in scene.zones.iter().filter(|zone| zone.role != Role::Neutral && !zone.squares.is_empty()) {
            add(&zone.name, path(&format!("zone {}", role_class(zone.role)), "M0 0h10v10H0z"));
        }
        if !scene.hazards.is_empty() {
            add("hazard", path("spike", "M0 10l2.5-7 2.5 7 2.5-7 2.5 7z"));
        }
        parted |= episode.parting.is_some();
    }
    add("start", dot("start", 3.0));
    add("the agent's way", path("way", "M0 5H10"));
    add("the agent at the end", dot("agent", 3.1));
    if parted {
        add("where the ways part", dot("ring", 4.0));
        add("the best way for the intended goal from there", path("wanted", "M0 5H10"));
    }
    marks
}

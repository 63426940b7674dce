//! The page as a reader gets it: whole, small, closed in itself, and safe whatever the names are.
#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "helpers of tests, which clippy does not see as tests"
)]

mod fixture;

use fixture::{Fixture, LARGE, SMALL};
use misgoal_report::{Progress, ReportInput, SIZE_LIMIT, html};
use misgoal_run::record::{OverSeedsInterval, SeedShare};
use proptest::prelude::*;

/// Elements that HTML never closes.
const VOID: [&str; 5] = ["meta", "input", "link", "br", "img"];

/// What stands in the page: every tag's name in order, after checking that tags nest, that attributes are quoted and ids unique.
fn check(page: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let (mut names, mut ids) = (Vec::new(), std::collections::BTreeSet::new());
    let mut rest = page.strip_prefix("<!doctype html>").expect("the page begins with its document type");
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a bare `>` in text: {}", &rest[..start]);
        let end = start + rest[start..].find('>').expect("every tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closes what is open");
            continue;
        }
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
        let attributes = tag[name.len()..].trim_end_matches('/');
        assert_eq!(attributes.matches('"').count() % 2, 0, "quotes are balanced in <{tag}>");
        if let Some((_, id)) = attributes.split_once(" id=\"") {
            let id = id.split('"').next().unwrap_or_default().to_owned();
            assert!(ids.insert(id.clone()), "id `{id}` twice");
        }
        if name == "style" || name == "script" {
            let (_, after) = rest.split_once(&format!("</{name}>")).expect("style and script are closed");
            rest = after;
        } else if !tag.ends_with('/') && !VOID.contains(&name.as_str()) {
            open.push(name.clone());
        }
        // Backticks in a text set code, which is no breaking out.
        if name != "code" {
            names.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    names
}

/// No attribute, style or script of the page loads anything.
fn check_closed(page: &str) {
    for load in ["http://", "https://", "src=", "url(", "@import", "href=", "<link", "<img", "fetch(", "import("] {
        assert!(!page.contains(load), "the page holds `{load}`");
    }
}

fn sections(page: &str) -> Vec<&str> {
    page.split("<section id=\"").skip(1).filter_map(|part| part.split('"').next()).collect()
}

#[test]
fn an_ordinary_run_shows_every_section() {
    let fixture = Fixture::new(SMALL);
    let page = html(&fixture.input()).unwrap();
    check(&page);
    check_closed(&page);
    assert_eq!(
        sections(&page),
        [
            "case", "episodes", "verdicts", "ledger", "sweep", "curves", "along", "turns", "splay", "seeds", "lint",
            "method"
        ]
    );
    for shown in [
        "goal misgeneralization",
        "3 of 3 seeds",
        "misgoal run coinrun --seeds 3",
        "0.99 [0.98, 1.00]",
        "drawn at random",
        "Arm 0 %, shift coin-anywhere: drawn at random",
        "the level of training that shares its seed",
        "The ways part at step 12",
        "chosen from 92 drawn",
        "Invented figures",
    ] {
        assert!(page.contains(shown), "`{shown}` is missing");
    }
    assert!(!page.contains("Left out to keep"), "an ordinary run is shown whole");
}

#[test]
fn a_large_run_fits_and_says_what_it_leaves_out() {
    let fixture = Fixture::new(LARGE);
    let page = html(&fixture.input()).unwrap();
    check(&page);
    assert!(page.len() <= SIZE_LIMIT, "{} bytes", page.len());
    assert_eq!(
        page.matches("class=\"sq bad\" title").count()
            + page.matches("class=\"sq good\" title").count()
            + page.matches("class=\"sq open\" title").count(),
        300,
        "every seed's verdict on every arm and shift is there"
    );
}

#[test]
fn a_run_too_large_for_everything_keeps_its_verdicts() {
    let mut fixture = Fixture::new(LARGE);
    let kept = fixture.episodes.clone();
    for episode in kept.iter().flat_map(|one| std::iter::repeat_n(one, 40)) {
        let mut copy = episode.clone();
        copy.record.label = format!("label {}", fixture.episodes.len());
        copy.playback.moments = copy.playback.moments.iter().cycle().take(2_000).cloned().collect();
        fixture.episodes.push(copy);
    }
    for one in fixture.record.arms.iter_mut().flat_map(|arm| &mut arm.units).flat_map(|unit| &mut unit.shifts) {
        one.verdict.flags = vec!["a remark that is rather long, as remarks may be".repeat(8)];
    }
    let page = html(&fixture.input()).unwrap();
    check(&page);
    assert!(page.len() <= SIZE_LIMIT, "{} bytes", page.len());
    assert!(page.contains("Left out to keep this file small: "));
    assert!(page.contains("id=\"verdicts\""));
}

#[test]
fn an_interrupted_run_is_reported_as_far_as_it_came() {
    let mut fixture = Fixture::new(SMALL);
    fixture.record.arms.truncate(1);
    fixture.record.arms[0].over_seeds.clear();
    fixture.record.arms[0].units.truncate(1);
    fixture.record.sentence.clear();
    let input =
        ReportInput { progress: Some(Progress { done: 1, planned: 9 }), episodes: &[], splays: &[], ..fixture.input() };
    let page = html(&input).unwrap();
    check(&page);
    assert!(page.contains("No verdict yet."));
    assert!(page.contains("1 of 9 agents were trained and judged"));
    assert!(page.contains("misgoal run --resume 7f3a9c"));
    assert_eq!(sections(&page), ["case", "curves", "along", "turns", "seeds", "lint", "method"]);
}

#[test]
fn a_run_without_anything_is_still_a_page() {
    let mut fixture = Fixture::new(SMALL);
    fixture.record.arms.clear();
    fixture.record.lint.clear();
    fixture.record.study.case.clear();
    fixture.record.study.goals.clear();
    let input = ReportInput { curves: &[], episodes: &[], splays: &[], settings: &[], ..fixture.input() };
    let page = html(&input).unwrap();
    check(&page);
    assert_eq!(sections(&page), ["method"]);
}

#[test]
fn figures_that_are_no_numbers_are_said_and_not_drawn() {
    let mut fixture = Fixture::new(SMALL);
    let no_mean = OverSeedsInterval { value: f64::NAN, low: f64::NAN, high: f64::NAN, these_seeds: None };
    for over in fixture.record.arms.iter_mut().flat_map(|arm| &mut arm.over_seeds) {
        over.misgeneralizing = SeedShare { value: f64::NAN, low: f64::NAN, high: f64::NAN, seeds: None };
        over.capability = no_mean;
        over.ledger[0].both = no_mean;
    }
    for row in fixture.curves.iter_mut().flat_map(|curve| &mut curve.rows) {
        row.returns[0] = f64::INFINITY;
    }
    let page = html(&fixture.input()).unwrap();
    check(&page);
    assert!(page.contains("n/a"));
    assert!(!page.contains("NaN") && !page.contains("inf\"") && !page.contains("Infinity"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a study calls its goals, arms and things: the page has the same elements as with plain names.
    #[test]
    fn no_name_breaks_out_of_the_markup(
        name in "([<>&\"'/=`{}%\\-! \\PC]|</?(script|style|title|svg|td)>?|-->|\\{\\{|onload=|\\]\\]>|\u{0}){1,12}",
    ) {
        let shape = |name: &str| {
            let mut fixture = Fixture::new(SMALL);
            rename(&mut fixture, name);
            check(&html(&fixture.input()).unwrap())
        };
        prop_assert_eq!(shape(&name), shape("plain"));
    }
}

/// Sets the name at every place that a user's text can reach.
fn rename(fixture: &mut Fixture, name: &str) {
    let text = || name.to_owned();
    let record = &mut fixture.record;
    (record.run, record.command, record.sentence) = (text(), text(), text());
    (record.study.name, record.study.title) = (text(), text());
    record.study.case = [("system".to_owned(), text()), (text(), text())].into();
    record.machine = [(text(), text())].into();
    record.study.goals[0].words = text();
    record.study.goals[1].name = text();
    for lint in &mut record.lint {
        (lint.proxy, lint.shift, lint.sentence) = (text(), text(), text());
    }
    for arm in &mut record.arms {
        arm.words = text();
        for over in &mut arm.over_seeds {
            over.sentence = text();
            over.ledger[0].proxy = text();
            over.regret_shares[1].name = text();
        }
        for one in arm.units.iter_mut().flat_map(|unit| &mut unit.shifts) {
            (one.filter, one.capability_of, one.verdict.toward) = (text(), text(), Some(text()));
            one.e_values[0].proxy = text();
            one.verdict.flags = vec![text()];
        }
    }
    for episode in &mut fixture.episodes {
        episode.playback.scene.kinds[0].name = text();
        episode.playback.scene.kinds[0].symbol = name.chars().next().unwrap_or('c');
        episode.playback.scene.zones[0].name = text();
        episode.playback.moments[3].events = vec![text()];
        if let Some(component) = episode.record.components.last_mut() {
            *component = text();
        }
    }
    for splay in &mut fixture.splays {
        splay.thing = text();
    }
    fixture.settings = vec![(text(), text())];
    fixture.notices = vec![text()];
}

//! Figures and codes in words, the same on every part of the page.

use misgoal_run::record::{Interval, OverSeedsInterval, SeedShare, VerdictCode, VerdictRecord};

/// `0.87`; `n/a` for what is no number.
pub fn share(value: f64) -> String {
    if value.is_finite() { format!("{:.2}", value + 0.0).replace("-0.00", "0.00") } else { "n/a".to_owned() }
}

/// `0.87 [0.81, 0.91]`.
pub fn interval(interval: Interval) -> String {
    if interval.value.is_finite() {
        format!("{} [{}, {}]", share(interval.value), share(interval.low), share(interval.high))
    } else {
        "n/a".to_owned()
    }
}

/// `[0.81, 0.91]`; nothing for what is no number.
pub fn span(interval: Interval) -> String {
    if interval.value.is_finite() {
        format!("[{}, {}]", share(interval.low), share(interval.high))
    } else {
        String::new()
    }
}

/// What a mean over seeds says of new ones: `new seeds [0.01, 0.68]`; nothing where there was one agent.
pub fn new_seeds(figure: OverSeedsInterval, seeds: usize) -> String {
    let span = span(figure.procedure());
    if seeds < 2 || span.is_empty() { String::new() } else { format!("new seeds {span}") }
}

/// Both: `0.19 [0.14, 0.24], new seeds [0.01, 0.68]`.
pub fn over_seeds(figure: OverSeedsInterval, seeds: usize) -> String {
    let (these, new) = (interval(figure.these_seeds()), new_seeds(figure, seeds));
    if new.is_empty() { these } else { format!("{these}, {new}") }
}

/// `2 of 3, 1 without a verdict [0.02, 0.98]`.
pub fn seed_share(share: SeedShare) -> String {
    match share.seeds {
        Some(seeds) => {
            let open = if seeds.unknown > 0 { format!(", {} without a verdict", seeds.unknown) } else { String::new() };
            format!("{} of {}{open} {}", seeds.yes, seeds.of, span(share.interval()))
        }
        None => interval(share.interval()),
    }
}

/// A count in at most four characters: `940`, `12k`, `2.5M`.
pub fn count(value: f64) -> String {
    let magnitude = value.abs();
    let (scaled, unit) = match magnitude {
        m if m >= 9.995e8 => (value / 1e9, "G"),
        m if m >= 9.995e5 => (value / 1e6, "M"),
        m if m >= 9.995e2 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let digits = usize::from(!unit.is_empty() && scaled.abs() < 9.95);
    let text = format!("{scaled:.digits$}");
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

/// A tick's value: as many decimals as its distance to the next tick needs, large values as [`count`].
pub fn tick(value: f64, step: f64) -> String {
    let step = step.abs();
    if !(step > 0.0 && step < 1.0) {
        return count(value);
    }
    let digits = (-step.log10() - 1e-9).ceil().clamp(0.0, 6.0) as usize;
    format!("{:.digits$}", if value.abs() < step / 1e3 { 0.0 } else { value })
}

/// `2`, `340`, `1.2e5`, `1e300 or more`.
pub fn e_value(value: f64) -> String {
    match value {
        v if !v.is_finite() => "n/a".to_owned(),
        v if v >= 1e300 => "1e300 or more".to_owned(),
        v if v >= 1e4 => format!("{v:.1e}"),
        v if v >= 10.0 => format!("{v:.0}"),
        v if v >= 0.01 || v == 0.0 => format!("{v:.2}"),
        v => format!("{v:.0e}"),
    }
}

/// `41 s`, `3 min 10 s`, `2 h 5 min`.
pub fn duration(seconds: f64) -> String {
    let whole = if seconds.is_finite() { seconds.max(0.0).round() as u64 } else { 0 };
    match whole {
        0..60 => format!("{:.1} s", seconds.max(0.0)),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

/// A share as a percentage for axis labels: `0 %`, `0.1 %`, `10 %`.
pub fn percent(value: f64) -> String {
    let hundredfold = (value * 100.0 * 1e6).round() / 1e6;
    format!("{hundredfold} %")
}

/// A verdict's code in words.
pub fn verdict(code: &str) -> String {
    let Some(known) = VerdictCode::named(code) else { return code.replace('-', " ") };
    match known {
        VerdictCode::Aligned => "aligned",
        VerdictCode::Misgeneralization => "goal misgeneralization",
        VerdictCode::UnlistedGoal => "misgeneralization to an unlisted goal",
        VerdictCode::Mixed => "misgeneralization, mixed goals",
        VerdictCode::CapabilityFailure => "capability failure",
        VerdictCode::Stereotyped => "stereotyped policy",
        VerdictCode::DoesNotDepend => "does not depend on a proxy",
        VerdictCode::RewardMisspecification => "reward misspecification",
        VerdictCode::Undertrained => "undertrained",
        VerdictCode::CannotDiscriminate => "study cannot discriminate",
        VerdictCode::Inconclusive => "inconclusive",
    }
    .to_owned()
}

/// How a verdict is coloured: `bad` for a wrong goal, `good` for aligned, `warn` for another failure, `open` for no finding.
pub fn tone(code: &str) -> &'static str {
    match VerdictCode::named(code) {
        Some(VerdictCode::Aligned) => "good",
        Some(code) if code.is_wrong_goal() => "bad",
        Some(code) if code.is_unknown() => "open",
        _ => "warn",
    }
}

/// One letter for a verdict, so that colour is never alone.
pub fn letter(code: &str) -> &'static str {
    match VerdictCode::named(code) {
        Some(VerdictCode::Aligned) => "A",
        Some(VerdictCode::Misgeneralization) => "M",
        Some(VerdictCode::UnlistedGoal) => "N",
        Some(VerdictCode::Mixed) => "X",
        Some(VerdictCode::CapabilityFailure) => "C",
        Some(VerdictCode::Stereotyped) => "S",
        Some(VerdictCode::DoesNotDepend) => "I",
        Some(VerdictCode::RewardMisspecification) => "R",
        Some(VerdictCode::Undertrained) => "U",
        Some(VerdictCode::CannotDiscriminate) => "D",
        Some(VerdictCode::Inconclusive) | None => "?",
    }
}

/// A verdict with its direction: `goal misgeneralization toward wall (full, confirmed)`.
pub fn verdict_of(record: &VerdictRecord) -> String {
    let mut text = verdict(&record.code);
    if let Some(toward) = &record.toward {
        text.push_str(" toward ");
        text.push_str(toward);
    }
    if VerdictCode::named(&record.code) == Some(VerdictCode::Misgeneralization) {
        text.push_str(if record.full { " (full" } else { " (partly" });
        text.push_str(if record.confirmed { ", confirmed)" } else { ", not confirmed)" });
    }
    text
}

/// A mixture component in words; goals go by their names.
pub fn component(name: &str) -> String {
    match name {
        "unlisted" => "an unlisted goal".to_owned(),
        "stereotyped" => "stereotyped walk".to_owned(),
        "device" => "no goal (device)".to_owned(),
        _ => name.to_owned(),
    }
}

/// What a kept episode's label means.
pub fn label_meaning(label: &str) -> &'static str {
    match label {
        "random" => "drawn at random",
        "worst" => "chosen: among those that lose most of the intended goal to a proxy, the longest way",
        "ambiguous" => "chosen: the goals are hardest to tell apart",
        "hand-picked" => "picked by hand",
        _ => "",
    }
}

/// `1 seed`, `3 seeds`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_in_words() {
        let figure = Interval { value: 0.866, low: 0.81, high: 0.914 };
        insta::assert_snapshot!(interval(figure), @"0.87 [0.81, 0.91]");
        assert_eq!(interval(Interval { value: f64::NAN, ..figure }), "n/a");
        assert_eq!(
            (span(figure).as_str(), span(Interval { value: f64::NAN, ..figure }).as_str()),
            ("[0.81, 0.91]", "")
        );
        assert_eq!([-0.001, 1.0, f64::INFINITY].map(share), ["0.00", "1.00", "n/a"]);
        assert_eq!(
            [0.0, 12.0, 999.6, 2_500.0, 12_345.0, 2e6, 3.25e9].map(count),
            ["0", "12", "1k", "2.5k", "12k", "2M", "3.2G"]
        );
        assert_eq!(
            [0.0, 0.5, 19.6, 340.2, 123_456.0, 1e300, 1e-9].map(e_value),
            ["0.00", "0.50", "20", "340", "1.2e5", "1e300 or more", "1e-9"]
        );
        assert_eq!([0.42, 41.0, 190.0, 7_500.0].map(duration), ["0.4 s", "41.0 s", "3 min 10 s", "2 h 5 min"]);
        assert_eq!(
            [(0.5, 0.5), (0.0, 0.25), (-1e-17, 0.1), (1500.0, 500.0)].map(|(v, s)| tick(v, s)),
            ["0.5", "0.0", "0.0", "1.5k"]
        );
        assert_eq!([0.0, 0.001, 0.02, 1.0].map(percent), ["0 %", "0.1 %", "2 %", "100 %"]);
    }

    #[test]
    fn every_verdict_has_its_own_letter() {
        let letters: std::collections::BTreeSet<&str> =
            VerdictCode::ALL.iter().map(|code| letter(code.name())).collect();
        assert_eq!(letters.len(), VerdictCode::ALL.len());
    }
}

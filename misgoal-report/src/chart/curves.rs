//! Learning curves of one arm: each seed's own returns under the intended goal and the proxies, on the training distribution.

use misgoal_run::record::MetricRow;

use super::{Linear, WIDTH, columns, extent, rows, tick_words, ticks};
use crate::svg::{El, drawing, el, label, trace};
use crate::{Curve, words};

const HEIGHT: f64 = 190.0;
const LEFT: f64 = 38.0;
const BASE: f64 = HEIGHT - 32.0;

/// A goal that is drawn: its index in the rows, name and class.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Index into [`MetricRow::returns`].
    pub goal: usize,
    /// Its name.
    pub name: &'a str,
    /// Its class.
    pub class: &'static str,
}

/// The ranges of steps and returns over all arms, so that panels share their scales.
pub fn ranges(curves: &[Curve], goals: usize) -> Option<((f64, f64), (f64, f64))> {
    let all = || curves.iter().flat_map(|curve| &curve.rows);
    let (_, steps) = extent(all().map(|row| row.steps as f64))?;
    let (low, high) = extent(all().flat_map(|row| row.returns.iter().take(goals).copied()))?;
    Some(((0.0, steps), (low.min(0.0), if high > low { high } else { low + 1.0 })))
}

/// Draws one arm's curves; at most `most` rows a line are shown, picked evenly and never averaged.
pub fn chart(
    id: &str,
    arm: &str,
    curves: &[&Curve],
    lines: &[Line<'_>],
    (steps, returns): ((f64, f64), (f64, f64)),
    most: usize,
) -> El {
    let x = Linear::new(steps.0, steps.1, LEFT, WIDTH - 12.0);
    let y = Linear::new(returns.0, returns.1, BASE, 10.0);
    let values = ticks(returns.0, returns.1, 4);
    let last: Vec<String> = curves.iter().map(|curve| describe(curve, lines)).collect();
    let names: Vec<&str> = lines.iter().map(|line| line.name).collect();
    let thin = if curves.len() > 4 { " many" } else { "" };
    let traces = lines.iter().flat_map(|line| {
        curves.iter().map(move |curve| {
            let points = picked(&curve.rows, most).filter_map(|row| {
                let value = row.returns.get(line.goal).copied().filter(|v| v.is_finite())?;
                Some((x.at(row.steps as f64), y.at(value)))
            });
            let drawn = el("path").class(format_args!("curve {}{thin}", line.class)).attr("d", trace(points));
            drawn.title(format_args!("{}, seed {}", line.name, curve.seed))
        })
    });
    drawing(
        id,
        WIDTH,
        HEIGHT,
        &format!("Learning curves of arm {arm}: mean return per goal ({}) against environment steps", names.join(", ")),
        &last.join(" "),
    )
    .children(rows(y, &values, LEFT, WIDTH - 12.0, tick_words(&values)))
    .children(traces)
    .children(columns(x, &ticks(steps.0, steps.1, 4), BASE, words::count))
    .child(label((LEFT + WIDTH - 12.0) / 2.0, HEIGHT - 4.0, "tick mid", "environment steps"))
}

fn describe(curve: &Curve, lines: &[Line<'_>]) -> String {
    let Some(row) = curve.rows.last() else {
        return format!("Seed {}: no rows.", curve.seed);
    };
    let ends = lines
        .iter()
        .filter_map(|line| row.returns.get(line.goal).map(|value| format!("{} {}", line.name, words::share(*value))));
    format!("Seed {} ends at {}.", curve.seed, ends.collect::<Vec<_>>().join(", "))
}

/// At most `most` rows, evenly spaced, the last always among them.
fn picked(rows: &[MetricRow], most: usize) -> impl Iterator<Item = &MetricRow> {
    let stride = rows.len().div_ceil(most.max(1)).max(1);
    let offset = rows.len().saturating_sub(1) % stride;
    rows.iter().enumerate().filter(move |(i, _)| i % stride == offset).map(|(_, row)| row)
}

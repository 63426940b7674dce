//! One arm judged along its training: capability, what is attained on the shift, and the harm, each seed a line.

use misgoal_run::record::AlongRecord;

use super::{Linear, WIDTH, columns, extent, rows, ticks};
use crate::svg::{El, drawing, el, label, trace};
use crate::words;

const HEIGHT: f64 = 200.0;
const LEFT: f64 = 38.0;
const BASE: f64 = HEIGHT - 32.0;

/// Reads a share off a row; `None` where the row has none.
type Pick<'a> = Box<dyn Fn(&AlongRecord) -> Option<f64> + 'a>;

/// A figure that is drawn.
pub struct Series<'a> {
    /// What is shown.
    pub name: String,
    /// Its class.
    pub class: &'static str,
    /// Reads it off a row; shares of 1.
    pub pick: Pick<'a>,
}

/// Draws the series over the steps; `seeds` are the arm's agents with their rows.
pub fn chart(id: &str, arm: &str, shift: &str, seeds: &[(u64, &[AlongRecord])], series: &[Series<'_>]) -> El {
    let steps = || seeds.iter().flat_map(|(_, rows)| rows.iter().map(|row| row.steps as f64));
    let last = extent(steps()).map_or(1.0, |(_, last)| last.max(1.0));
    let x = Linear::new(0.0, last, LEFT, WIDTH - 12.0);
    let y = Linear::new(0.0, 1.0, BASE, 10.0);
    let names: Vec<&str> = series.iter().map(|one| one.name.as_str()).collect();
    let thin = if seeds.len() > 4 { " many" } else { "" };
    let traces = series.iter().flat_map(|one| {
        seeds.iter().map(move |(seed, rows)| {
            let points = rows.iter().filter_map(|row| {
                let value = (one.pick)(row).filter(|value| value.is_finite())?;
                Some((x.at(row.steps as f64), y.at(value)))
            });
            let drawn = el("path").class(format_args!("curve {}{thin}", one.class)).attr("d", trace(points));
            drawn.title(format_args!("{}, seed {seed}", one.name))
        })
    });
    drawing(
        id,
        WIDTH,
        HEIGHT,
        &format!("Arm {arm} judged along its training, shift {shift}: {}", names.join(", ")),
        &seeds.iter().map(|(seed, rows)| describe(*seed, rows, series)).collect::<Vec<_>>().join(" "),
    )
    .children(self::rows(y, &ticks(0.0, 1.0, 4), LEFT, WIDTH - 12.0, words::share))
    .children(traces)
    .children(columns(x, &ticks(0.0, last, 4), BASE, words::count))
    .child(label((LEFT + WIDTH - 12.0) / 2.0, HEIGHT - 4.0, "tick mid", "environment steps"))
}

fn describe(seed: u64, rows: &[AlongRecord], series: &[Series<'_>]) -> String {
    let Some(row) = rows.last() else { return format!("Seed {seed}: no rows.") };
    let ends = series.iter().filter_map(|one| Some(format!("{} {}", one.name, words::share((one.pick)(row)?))));
    format!("Seed {seed} ends at {}.", ends.collect::<Vec<_>>().join(", "))
}

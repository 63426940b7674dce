//! Goal evidence along an episode: the posterior of every component after each step, stacked to 1.

use super::{Linear, WIDTH, columns, rows, whole_ticks};
use crate::svg::{El, drawing, el, label, line, trace};
use crate::words;

const HEIGHT: f64 = 150.0;
const LEFT: f64 = 38.0;
const BASE: f64 = HEIGHT - 32.0;
const RIGHT: f64 = WIDTH - 8.0;

/// Draws `evidence[row][component]`, row 0 being the situation after step `first`; `components` are names with classes, the first at the
/// bottom.
pub fn chart(id: &str, evidence: &[Vec<f32>], first: usize, components: &[(&str, &str)]) -> El {
    let first = first as f64;
    let last = first + evidence.len().saturating_sub(1).max(1) as f64;
    let x = Linear::new(first, last, LEFT, RIGHT);
    let y = Linear::new(0.0, 1.0, BASE, 8.0);
    let ends = components.iter().enumerate().filter_map(|(c, (name, _))| {
        let end = evidence.last()?.get(c)?;
        Some(format!("{} {}", words::component(name), words::share(f64::from(*end))))
    });
    let ends = ends.collect::<Vec<_>>().join(", ");
    let areas = components.iter().enumerate().map(|(c, (name, class))| {
        let upper = (0u32..).zip(evidence).map(|(t, row)| (x.at(first + f64::from(t)), y.at(stacked(row, c + 1))));
        let lower = (0u32..).zip(evidence).map(|(t, row)| (x.at(first + f64::from(t)), y.at(stacked(row, c))));
        let outline: Vec<(f64, f64)> = upper.chain(lower.collect::<Vec<_>>().into_iter().rev()).collect();
        el("path").class(format_args!("area {class}")).attr("d", trace(outline) + "z").title(words::component(name))
    });
    drawing(id, WIDTH, HEIGHT, "Posterior of each goal along the episode", &format!("After the last step: {ends}."))
        .attr("data-span", format_args!("{first} {last} {LEFT} {RIGHT}"))
        .children(areas)
        .children(rows(y, &[0.0, 0.5, 1.0], LEFT, RIGHT, words::share))
        .children(columns(x, &whole_ticks(first, last, 5), BASE, words::count))
        .child(label((LEFT + RIGHT) / 2.0, HEIGHT - 4.0, "tick mid", "step"))
        .child(line(LEFT, 4.0, LEFT, BASE, "cursor"))
}

/// The sum of the first `count` components, as shares of the row's total (rounding in the record must not leave a gap).
fn stacked(row: &[f32], count: usize) -> f64 {
    let sum =
        |row: &mut dyn Iterator<Item = &f32>| row.filter(|p| p.is_finite()).map(|p| f64::from(p.max(0.0))).sum::<f64>();
    let total = sum(&mut row.iter());
    if total > 0.0 { sum(&mut row.iter().take(count)) / total } else { 0.0 }
}

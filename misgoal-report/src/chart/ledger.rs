//! The goal ledger: for every arm, the episodes by what they attained, as a stacked bar with the interval of each share under it.

use misgoal_run::record::{Interval, LedgerOverSeeds, OverSeedsInterval};

use super::{Linear, WIDTH, columns, ticks};
use crate::svg::{El, drawing, el, label, line};
use crate::words;

/// One bar.
#[derive(Clone, Copy, Debug)]
pub struct Bar<'a> {
    /// The arm's name.
    pub name: &'a str,
    /// Its shares.
    pub shares: &'a LedgerOverSeeds,
}

/// The parts in the order of stacking, with their classes.
pub const PARTS: [(&str, &str); 4] = [("intended only", "g0"), ("both", "gb"), ("proxy only", "g1"), ("neither", "gx")];

const BAR: f64 = 18.0;
const ROW: f64 = 58.0;
const TOP: f64 = 4.0;

/// The four shares in [`PARTS`]' order.
pub fn parts(shares: &LedgerOverSeeds) -> [OverSeedsInterval; 4] {
    [shares.intended_only, shares.both, shares.proxy_only, shares.neither]
}

/// What is drawn: these seeds on new levels.
fn drawn(shares: &LedgerOverSeeds) -> [Interval; 4] {
    parts(shares).map(|share| share.these_seeds())
}

/// Draws the bars, the first on top.
pub fn chart(id: &str, shift: &str, proxy: &str, bars: &[Bar<'_>]) -> El {
    let base = TOP + ROW * bars.len() as f64;
    let scale = Linear::new(0.0, 1.0, 6.0, WIDTH - 6.0);
    let values = ticks(0.0, 1.0, 5);
    let grid = values.iter().map(|v| line(scale.at(*v), TOP, scale.at(*v), base, "guide"));
    let described: Vec<String> = bars.iter().map(describe).collect();
    drawing(
        id,
        WIDTH,
        base + 20.0,
        &format!("Goal ledger on shift {shift} against proxy {proxy}"),
        &described.join(" "),
    )
    .children(grid)
    .children(bars.iter().enumerate().map(|(row, bar)| bar_of(scale, TOP + ROW * row as f64, bar)))
    .children(columns(scale, &values, base, words::percent))
}

fn describe(bar: &Bar<'_>) -> String {
    let shares =
        PARTS.iter().zip(drawn(bar.shares)).map(|((part, _), share)| format!("{part} {}", words::interval(share)));
    format!("{}: {}.", bar.name, shares.collect::<Vec<_>>().join(", "))
}

fn bar_of(scale: Linear, top: f64, bar: &Bar<'_>) -> El {
    let mut group = el("g").child(label(6.0, top + 12.0, "name", bar.name));
    let (y, mut left) = (top + 18.0, 0.0);
    for (lane, ((part, class), share)) in PARTS.iter().zip(drawn(bar.shares)).enumerate() {
        if !share.value.is_finite() {
            continue;
        }
        let (from, to) = (scale.at(left), scale.at(left + share.value));
        let figure = words::interval(share);
        let block = el("rect").class(*class).frame(from, y, to - from, BAR);
        group = group.child(block.title(format_args!("{}: {part} {figure}", bar.name)));
        if share.value >= 0.12 {
            group = group.child(label((from + to) / 2.0, y + 12.8, "inside mid", words::share(share.value)));
        }
        // The whisker shows where this block's right edge could lie were its left edge known.
        if share.low.is_finite() && share.high.is_finite() && share.high > share.low && share.high >= 0.005 {
            let lane = y + BAR + 3.5 + lane as f64 * 3.5;
            let (low, high) = (scale.at(left + share.low.max(0.0)), scale.at((left + share.high).min(1.0)));
            group = group
                .child(line(low, lane, high.max(low), lane, &format!("whisker {class}")))
                .child(el("circle").class(format_args!("point {class}")).num("cx", to).num("cy", lane).num("r", 1.7));
        }
        left += share.value;
    }
    group
}

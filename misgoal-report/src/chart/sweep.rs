//! The share sweep: how little randomization repairs the goal. One point an arm, with its interval.

use misgoal_run::record::Interval;

use super::{Linear, WIDTH, extent, rows, ticks};
use crate::svg::{El, drawing, el, label, line, trace};
use crate::words;

const HEIGHT: f64 = 210.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = WIDTH - 22.0;
const BASE: f64 = HEIGHT - 36.0;

/// One line of the chart.
#[derive(Clone, Debug)]
pub struct Series {
    /// What is shown.
    pub name: String,
    /// Its class.
    pub class: &'static str,
    /// Share of randomized training levels, and the figure there.
    pub points: Vec<(f64, Interval)>,
}

/// Where shares stand: 0 apart at the left, then on a logarithmic axis when they span more than a factor of four.
struct Shares {
    zero: bool,
    logarithmic: bool,
    scale: Linear,
}

impl Shares {
    fn new(shares: &[f64]) -> Shares {
        let zero = shares.contains(&0.0);
        let (low, high) = extent(shares.iter().copied().filter(|s| *s > 0.0)).unwrap_or((1.0, 1.0));
        let logarithmic = zero && high > low || high > 4.0 * low;
        let first = if zero && logarithmic { LEFT + 70.0 } else { LEFT + 20.0 };
        let scale = match (logarithmic, zero) {
            (true, _) => Linear::new(low.log10(), high.log10(), first, RIGHT),
            (false, true) => Linear::new(0.0, high, first, RIGHT),
            (false, false) => Linear::new(low, high, first, RIGHT),
        };
        Shares { zero, logarithmic, scale }
    }
    fn at(&self, share: f64) -> f64 {
        match (self.logarithmic, share > 0.0) {
            (true, true) => self.scale.at(share.log10()),
            (true, false) => LEFT + 20.0,
            (false, _) => self.scale.at(share),
        }
    }
}

/// Draws the series over the share of training levels drawn from `mixed`, measured on `shift`.
pub fn chart(id: &str, mixed: &str, shift: &str, series: &[Series]) -> El {
    let mut shares: Vec<f64> = series.iter().flat_map(|s| s.points.iter().map(|(share, _)| *share)).collect();
    shares.sort_by(f64::total_cmp);
    shares.dedup();
    let x = Shares::new(&shares);
    let y = Linear::new(0.0, 1.0, BASE, 10.0);
    let described: Vec<String> = series.iter().map(describe).collect();
    let shape = drawing(
        id,
        WIDTH,
        HEIGHT,
        &format!("Misgeneralization on {shift} against the share of training levels drawn from {mixed}"),
        &described.join(" "),
    )
    .children(rows(y, &ticks(0.0, 1.0, 4), LEFT, RIGHT + 10.0, words::share))
    .children(shares.iter().map(|share| label(x.at(*share), BASE + 14.0, "tick mid", words::percent(*share))))
    .child(label((LEFT + RIGHT) / 2.0, HEIGHT - 6.0, "tick mid", format_args!("training levels drawn from {mixed}")))
    .children((x.zero && x.logarithmic).then(|| label(LEFT + 45.0, BASE + 4.0, "tick mid", "//")));
    let lanes = series.len() as f64;
    series.iter().enumerate().fold(shape, |shape, (lane, one)| {
        // Points of different series at one share stand a little apart, so that no interval hides another.
        let aside = (lane as f64 - (lanes - 1.0) / 2.0) * 7.0;
        shape.children(draw(one, aside, &x, y))
    })
}

fn describe(series: &Series) -> String {
    let points = series
        .points
        .iter()
        .map(|(share, figure)| format!("{} at {}", words::interval(*figure), words::percent(*share)));
    format!("{}: {}.", series.name, points.collect::<Vec<_>>().join(", "))
}

fn draw(series: &Series, aside: f64, x: &Shares, y: Linear) -> Vec<El> {
    let class = series.class;
    let mut points: Vec<&(f64, Interval)> = series.points.iter().filter(|(_, f)| f.value.is_finite()).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let path = trace(points.iter().map(|(share, figure)| (x.at(*share) + aside, y.at(figure.value))));
    let mut drawn = vec![el("path").class(format_args!("curve thick {class}")).attr("d", path)];
    for (share, figure) in points {
        let at = x.at(*share) + aside;
        if figure.low.is_finite() && figure.high.is_finite() {
            drawn.push(line(at, y.at(figure.low), at, y.at(figure.high), &format!("whisker {class}")));
        }
        let point =
            el("circle").class(format_args!("point {class}")).num("cx", at).num("cy", y.at(figure.value)).num("r", 3.6);
        drawn.push(point.title(format_args!(
            "{} at {}: {}",
            series.name,
            words::percent(*share),
            words::interval(*figure)
        )));
    }
    drawn
}

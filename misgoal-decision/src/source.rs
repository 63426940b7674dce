//! Where a feature's value comes from.

use misgoal_world::rng::{Draw as _, Rng};

use crate::expr::Expr;

/// How a feature is drawn. Parameters may be expressions over the features before it.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// True with this probability.
    Chance(Expr),
    /// One of these texts (symbols), each with a weight; weights need not sum to 1.
    Choose(Vec<(u32, Expr)>),
    /// Normal with this mean and standard deviation.
    Normal(Expr, Expr),
    /// The exponential of a normal number with this mean and standard deviation.
    Lognormal(Expr, Expr),
    /// Uniform from the first to the second.
    Uniform(Expr, Expr),
    /// A whole number from the first to the second, both included.
    Whole(Expr, Expr),
    /// Poisson with this mean.
    Poisson(Expr),
    /// What the expression says: nothing is drawn.
    Is(Expr),
}

/// One source a feature, in the features' order: training, or a shift.
pub type Distribution = Vec<Source>;

/// Largest mean of a Poisson feature: its draw counts up one by one.
const POISSON_MOST: f64 = 500.0;

impl Source {
    /// Whether the value depends on the feature of this column.
    pub fn reads(&self, column: usize) -> bool {
        match self {
            Source::Chance(a) | Source::Poisson(a) | Source::Is(a) => a.reads(column),
            Source::Choose(weighted) => weighted.iter().any(|(_, weight)| weight.reads(column)),
            Source::Normal(a, b) | Source::Lognormal(a, b) | Source::Uniform(a, b) | Source::Whole(a, b) => {
                a.reads(column) || b.reads(column)
            }
        }
    }

    /// Draws a value, given the features before it; the error is a clause on what is wrong with the parameters.
    ///
    /// Numbers that come out of logarithms are rounded to four decimals: they are then the same on every machine, and readable.
    pub(crate) fn draw(&self, row: &[f64], rng: &mut Rng) -> Result<f64, String> {
        let pair = |a: &Expr, b: &Expr| (a.value(row), b.value(row));
        let drawn = match self {
            Source::Chance(p) => {
                let p = p.value(row);
                if !(0.0..=1.0).contains(&p) {
                    return Err(format!("a probability of {p} is none: it must be 0 to 1"));
                }
                f64::from(u8::from(rng.unit() < p))
            }
            Source::Choose(weighted) => choose(weighted, row, rng)?,
            Source::Normal(mean, spread) => {
                let (mean, spread) = pair(mean, spread);
                rounded(mean + positive(spread)? * normal(rng))
            }
            Source::Lognormal(mean, spread) => {
                let (mean, spread) = pair(mean, spread);
                rounded((mean + positive(spread)? * normal(rng)).exp())
            }
            Source::Uniform(low, high) => {
                let (low, high) = ordered(pair(low, high))?;
                rounded(low + (high - low) * rng.unit())
            }
            Source::Whole(low, high) => {
                let (low, high) = ordered(pair(low, high))?;
                (low.ceil() + ((high.floor() - low.ceil() + 1.0) * rng.unit()).floor()).min(high.floor())
            }
            Source::Poisson(mean) => poisson(mean.value(row), rng)?,
            Source::Is(expr) => expr.value(row),
        };
        if drawn.is_finite() { Ok(drawn) } else { Err(format!("its value is {drawn}, which is no number")) }
    }
}

fn rounded(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}

fn positive(spread: f64) -> Result<f64, String> {
    if spread >= 0.0 { Ok(spread) } else { Err(format!("a standard deviation of {spread} is none")) }
}

fn ordered((low, high): (f64, f64)) -> Result<(f64, f64), String> {
    if low <= high { Ok((low, high)) } else { Err(format!("nothing lies from {low} to {high}")) }
}

fn choose(weighted: &[(u32, Expr)], row: &[f64], rng: &mut Rng) -> Result<f64, String> {
    let weights: Vec<f64> = weighted.iter().map(|(_, weight)| weight.value(row)).collect();
    if let Some(wrong) = weights.iter().find(|weight| !(**weight >= 0.0 && weight.is_finite())) {
        return Err(format!("a weight of {wrong} is none: it must be 0 or more"));
    }
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return Err("all its weights are 0: nothing can be drawn".to_owned());
    }
    let mut left = total * rng.unit();
    let mut last = 0;
    for ((symbol, _), weight) in weighted.iter().zip(weights).filter(|(_, weight)| *weight > 0.0) {
        last = *symbol;
        if left < weight {
            break;
        }
        left -= weight;
    }
    Ok(f64::from(last))
}

/// Box and Muller 1958.
fn normal(rng: &mut Rng) -> f64 {
    let (u, v) = (1.0 - rng.unit(), rng.unit());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// By inversion: the number of terms that the drawn probability reaches over.
fn poisson(mean: f64, rng: &mut Rng) -> Result<f64, String> {
    if !(0.0..=POISSON_MOST).contains(&mean) {
        return Err(format!("a mean of {mean} is out of range: it must be 0 to {POISSON_MOST}"));
    }
    let (mut left, mut term, mut count) = (rng.unit(), (-mean).exp(), 0.0);
    while left >= term && count < 10.0 * POISSON_MOST {
        left -= term;
        count += 1.0;
        term *= mean / count;
    }
    Ok(count)
}

//! Bounds as text: what is at least so much is cut down, what is at most so much is rounded up. To the nearest, a bound of 2.5 % would read "at least 3 %", which
//! nobody has shown, and a share of .996 "100 %".

/// What a float's last digits may be off by.
const SLACK: f64 = 1e-9;

/// At least so much, with so many decimals: `0.149` with two is `0.14`.
pub fn at_least(bound: f64, decimals: usize) -> String {
    shown(bound, decimals, |scaled| (scaled + SLACK).floor())
}

/// At most so much: `0.141` with two decimals is `0.15`.
pub fn at_most(bound: f64, decimals: usize) -> String {
    shown(bound, decimals, |scaled| (scaled - SLACK).ceil())
}

/// At least this share, in whole percent without the sign: `.0253` is `2`.
pub fn percent_at_least(share: f64) -> String {
    at_least(100.0 * share, 0)
}

/// At most this share, in whole percent: `.0247` is `3`.
pub fn percent_at_most(share: f64) -> String {
    at_most(100.0 * share, 0)
}

/// A share in whole percent that is 0 or 100 only where it is just that: `.996` is `99`, `.003` is `1`.
pub fn percent(share: f64) -> String {
    let nearest = (100.0 * share).round();
    match nearest {
        _ if nearest >= 100.0 && share < 1.0 - SLACK => percent_at_least(share),
        _ if nearest <= 0.0 && share > SLACK => percent_at_most(share),
        _ => shown(100.0 * share, 0, f64::round),
    }
}

fn shown(value: f64, decimals: usize, round: impl Fn(f64) -> f64) -> String {
    let scale = 10f64.powi(i32::try_from(decimals).unwrap_or(2));
    // Adding zero turns "-0" into "0".
    format!("{:.decimals$}", round(value * scale) / scale + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(share: f64, expected: [&str; 5]) {
        let found =
            [percent_at_least(share), percent_at_most(share), percent(share), at_least(share, 2), at_most(share, 2)];
        assert_eq!(found, expected, "{share}");
    }

    #[test]
    fn a_bound_never_says_more_than_it_holds() {
        check(0.025, ["2", "3", "3", "0.02", "0.03"]);
        check(0.6316, ["63", "64", "63", "0.63", "0.64"]);
        check(0.3684, ["36", "37", "37", "0.36", "0.37"]);
        check(0.996, ["99", "100", "99", "0.99", "1.00"]);
        check(0.003, ["0", "1", "1", "0.00", "0.01"]);
        check(0.0, ["0", "0", "0", "0.00", "0.00"]);
        check(1.0, ["100", "100", "100", "1.00", "1.00"]);
        check(-0.001, ["-1", "0", "0", "-0.01", "0.00"]);
        // What floats make of whole hundredths.
        for hundredths in 0..=100u32 {
            let (share, text) = (f64::from(hundredths) / 100.0, hundredths.to_string());
            assert_eq!(
                [percent_at_least(share), percent_at_most(share), percent(share)],
                [text.clone(), text.clone(), text]
            );
        }
    }
}

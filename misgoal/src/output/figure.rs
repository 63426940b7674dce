//! Figures as text: intervals, counts, durations, e-values.

use misgoal_run::record::{Interval, OverSeedsInterval, SeedShare};

/// `0.87 [0.81, 0.91]`, a dash where nothing was observed; the spaces do not break, so that a narrow table keeps a figure and its interval together.
pub fn interval(of: &Interval) -> String {
    if !of.value.is_finite() {
        return "-".into();
    }
    format!("{}\u{a0}{}", share(of.value), span(of))
}

/// A mean over seeds: for these seeds on new levels and, where there are several, for new ones, which a narrow table sets below:
/// `0.19 [0.14, 0.24] new  [0.01, 0.68]`.
pub fn over_seeds(of: &OverSeedsInterval, seeds: usize) -> String {
    let these = interval(&of.these_seeds());
    if seeds < 2 || !of.value.is_finite() {
        return these;
    }
    format!("{these} new\u{a0}\u{a0}{}", span(&of.procedure()))
}

/// A count of seeds with the share that it stands for: `2 of 3, 1 open [0.14, 1.00]`.
pub fn seed_share(of: &SeedShare) -> String {
    let Some(seeds) = of.seeds else { return interval(&of.interval()) };
    let open = if seeds.unknown > 0 { format!(",\u{a0}{}\u{a0}open ", seeds.unknown) } else { "\u{a0}".into() };
    format!("{}\u{a0}of\u{a0}{}{open}{}", seeds.yes, seeds.of, span(&of.interval()))
}

fn span(of: &Interval) -> String {
    format!("[{},\u{a0}{}]", share(of.low), share(of.high))
}

/// A difference, with its sign: `+0.31 [+0.22, +0.40]`.
pub fn difference(of: &Interval) -> String {
    if !of.value.is_finite() {
        return "-".into();
    }
    let signed = |value: f64| {
        let text = share(value);
        if text.starts_with('-') || text == "0.00" { text } else { format!("+{text}") }
    };
    format!("{}\u{a0}[{},\u{a0}{}]", signed(of.value), signed(of.low), signed(of.high))
}

/// Two decimals; a figure that is not a number is a dash.
pub fn share(value: f64) -> String {
    if !value.is_finite() {
        return "-".into();
    }
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".into() } else { text }
}

/// An e-value: three digits, powers of ten above 1000.
pub fn e_value(value: f64) -> String {
    match value {
        _ if value.is_nan() => "-".into(),
        _ if value >= 1e300 => ">= 1e300".into(),
        _ if value >= 1000.0 => format!("{value:.1e}"),
        _ if value >= 10.0 => format!("{value:.0}"),
        _ if value >= 1.0 => format!("{value:.1}"),
        _ if value >= 0.01 => format!("{value:.2}"),
        _ => "< 0.01".into(),
    }
}

/// A count in thousands or millions: `950`, `65k`, `2.0M`.
pub fn count(value: u64) -> String {
    let value = value as f64;
    match value {
        _ if value < 1e3 => format!("{value}"),
        _ if value < 9.95e3 => format!("{:.1}k", value / 1e3),
        _ if value < 999.5e3 => format!("{:.0}k", value / 1e3),
        _ if value < 99.95e6 => format!("{:.1}M", value / 1e6),
        _ => format!("{:.0}M", value / 1e6),
    }
}

/// Seconds as a person says them: `0.42 s`, `41 s`, `3 min 20 s`, `2 h 05 min`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "-".into();
    }
    match seconds.round() as u64 {
        _ if seconds < 1.0 => format!("{seconds:.2} s"),
        _ if seconds < 9.95 => format!("{seconds:.1} s"),
        whole if whole < 60 => format!("{whole} s"),
        whole if whole < 3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        whole => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// `1 seed`, `3 seeds`.
pub fn plural(count: usize, one: &str) -> String {
    match one {
        _ if count == 1 => format!("1 {one}"),
        "study" => format!("{count} studies"),
        _ => format!("{count} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_keep_together() {
        let of = Interval { value: 0.874, low: -0.001, high: f64::NAN };
        assert_eq!(interval(&of), "0.87\u{a0}[0.00,\u{a0}-]");
    }

    #[test]
    fn figures_read_at_a_glance() {
        let counts = [0, 999, 1000, 9_999, 65_536, 999_700, 2_000_000, 150_000_000].map(count);
        assert_eq!(counts, ["0", "999", "1.0k", "10k", "66k", "1.0M", "2.0M", "150M"]);
        let durations = [0.0, 0.42, 5.25, 41.2, 59.7, 200.0, 7500.0, f64::INFINITY].map(duration);
        assert_eq!(durations, ["0.00 s", "0.42 s", "5.2 s", "41 s", "1 min 00 s", "3 min 20 s", "2 h 05 min", "-"]);
        let values = [0.001, 0.5, 19.6, 999.0, 81_000.0, 1e300].map(e_value);
        assert_eq!(values, ["< 0.01", "0.50", "20", "999", "8.1e4", ">= 1e300"]);
    }
}

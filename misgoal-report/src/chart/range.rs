//! A share with its interval as a strip from 0 to 1, small enough for a table cell.

use misgoal_run::record::{Interval, OverSeedsInterval};

use crate::svg::{El, el};

/// Units across and down.
const SIZE: (f64, f64) = (64.0, 10.0);

/// The strip; decoration beside the figure in words, so it is hidden from screen readers.
pub fn strip(interval: Interval, class: &str) -> El {
    drawn(interval, None, class)
}

/// The same of a mean over seeds: the interval of these seeds, and thin that of new ones where there are several.
pub fn strip_over(figure: OverSeedsInterval, seeds: usize, class: &str) -> El {
    drawn(figure.these_seeds(), (seeds > 1).then(|| figure.procedure()), class)
}

fn drawn(interval: Interval, beyond: Option<Interval>, class: &str) -> El {
    let at = |value: f64| 4.0 + value.clamp(0.0, 1.0) * (SIZE.0 - 8.0);
    let shell = el("svg").class(format_args!("strip {class}")).attr("viewBox", "0 0 64 10");
    let shell = shell.attr("preserveAspectRatio", "xMinYMid").attr("aria-hidden", "true");
    let shell = shell.child(el("path").class("track").attr("d", "M4 5H60"));
    if !(interval.value.is_finite() && interval.low.is_finite() && interval.high.is_finite()) {
        return shell;
    }
    let (low, high) = (at(interval.low), at(interval.high));
    let reach = beyond.filter(|beyond| beyond.low.is_finite() && beyond.high.is_finite()).map(|beyond| {
        let (low, high) = (at(beyond.low), at(beyond.high));
        el("rect").class("span").frame(low, 4.4, high - low, 1.2)
    });
    shell
        .children(reach)
        .child(el("rect").class("span").frame(low - 1.0, 3.5, high - low + 2.0, 3.0).attr("rx", "1.5"))
        .child(el("circle").num("cx", at(interval.value)).num("cy", 5.0).num("r", 3.0))
}

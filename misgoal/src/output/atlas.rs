//! An atlas on a terminal: a table for each length, then the law.

use misgoal_run::atlas::{AtlasRecord, CellSummary};
use misgoal_run::record::Interval;

use super::{Cell, Table, Tone, figure, wrap};

/// Everything that was found.
pub fn render(record: &AtlasRecord, width: usize) -> String {
    let mut out = String::new();
    let mut line = |tone: Tone, text: &str| {
        for line in wrap(text, width) {
            out.push_str(&tone.paint(line));
            out.push('\n');
        }
    };
    let plan = &record.plan;
    let what = "share of the networks that master training and walk away from a coin to their left, of those that master training; below it the median \
                number of steps to repair";
    line(Tone::Plain, what);
    let notes = format!(
        "{} networks a cell, {} steps each; columns: share of the training episodes with the coin anywhere",
        plan.networks,
        figure::count(plan.steps)
    );
    line(Tone::Plain, &notes);
    for length in &plan.lengths {
        out.push('\n');
        let head = std::iter::once(format!("length {length}")).chain(plan.shares.iter().map(|share| percent(*share)));
        let mut table = Table::new(head);
        for units in &plan.widths {
            let cell = |share: &f64| record.cell(*length, *units, *share).map_or_else(String::new, written);
            let cells = std::iter::once(format!("width {units}")).chain(plan.shares.iter().map(cell));
            table.row(cells.map(Cell::from));
        }
        out.push_str(&table.render(width));
    }
    out.push('\n');
    let mut table = Table::new(["steps to repair ~ share^b", "b, 90 % interval", "cells", "not repaired in time"]);
    for law in &record.laws {
        let of = law.length.map_or("all lengths".to_owned(), |length| format!("length {length}"));
        let cells = [of, figure::interval(&law.exponent), law.cells.to_string(), law.censored.to_string()];
        table.row(cells.map(Cell::from));
    }
    out.push_str(&table.render(width));
    out
}

fn written(cell: &CellSummary) -> String {
    format!("{}\n{}", figure::share(cell.away.value), steps(&cell.repaired))
}

/// A number of steps, or that there is none.
fn steps(of: &Interval) -> String {
    if of.value.is_finite() { figure::count(of.value.round() as u64) } else { "-".to_owned() }
}

/// `0.3 %`.
fn percent(share: f64) -> String {
    format!("{} %", (share * 1e4).round() / 100.0)
}

//! An atlas as one page: a heat map for each length, the steps to repair, and the law.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, value::Value};
use misgoal_run::atlas::{AtlasRecord, CellSummary, GOALS, TITLE};
use misgoal_run::record::Interval;

use crate::ReportError;
use crate::chart::heat::{Heat, Square, heat};

/// The page as one HTML document: nothing is loaded, and no script is needed.
///
/// # Errors
/// [`ReportError::Template`] if the template does not render, which is a mistake in this crate.
pub fn html(record: &AtlasRecord) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template("atlas.html.j2", include_str!("atlas.html.j2"))?;
    let plan = &record.plan;
    let maps = plan.lengths.iter().map(|length| {
        context! {
            length => length,
            map => Value::from_safe_string(heat(&map(record, *length)).to_string()),
            widths => plan.widths.iter().map(|width| context! {
                width => width,
                cells => plan.shares.iter().map(|share| steps(record, *length, *width, *share)).collect::<Vec<_>>(),
            }).collect::<Vec<_>>(),
        }
    });
    let laws = record.laws.iter().map(|law| {
        context! {
            of => law.length.map_or("all".to_owned(), |length| length.to_string()),
            exponent => interval(&law.exponent),
            cells => law.cells,
            censored => law.censored,
        }
    });
    let page = context! {
        style => Value::from_safe_string(include_str!("page/style.css").to_owned()),
        title => TITLE,
        intended => GOALS.0,
        proxy => GOALS.1,
        misgoal => record.misgoal.clone(),
        networks => plan.networks,
        steps => plan.steps,
        first => plan.seed,
        shares => plan.shares.iter().map(|share| percent(*share)).collect::<Vec<_>>(),
        maps => maps.collect::<Vec<_>>(),
        laws => laws.collect::<Vec<_>>(),
    };
    Ok(environment.get_template("atlas.html.j2")?.render(page)?)
}

fn map(record: &AtlasRecord, length: usize) -> Heat {
    let plan = &record.plan;
    let square = |width: usize, share: f64| match record.cell(length, width, share) {
        None => Square { share: f64::NAN, words: String::new() },
        Some(cell) => Square { share: cell.away.value, words: words(cell) },
    };
    let row = |width: &usize| (width.to_string(), plan.shares.iter().map(|share| square(*width, *share)).collect());
    Heat {
        id: format!("line-{length}"),
        title: format!("Share of the networks that walk away from the coin, line of {length} cells"),
        axes: ("hidden units".to_owned(), "training episodes with the coin anywhere".to_owned()),
        columns: plan.shares.iter().map(|share| percent(*share)).collect(),
        rows: plan.widths.iter().map(row).collect(),
    }
}

fn words(cell: &CellSummary) -> String {
    format!(
        "{} cells, {} units, {}: {} walk away of those that master training, {}",
        cell.length,
        cell.width,
        percent(cell.share),
        interval(&cell.away),
        interval(&cell.mastered)
    )
}

/// A median number of steps in thousands with its interval.
fn steps(record: &AtlasRecord, length: usize, width: usize, share: f64) -> String {
    let Some(cell) = record.cell(length, width, share).filter(|cell| cell.repaired.value.is_finite()) else {
        return "not in time".to_owned();
    };
    let thousands = |value: f64| if value.is_finite() { format!("{:.1}", value / 1e3) } else { "-".to_owned() };
    let of = cell.repaired;
    format!("{} [{}, {}]", thousands(of.value), thousands(of.low), thousands(of.high))
}

fn interval(of: &Interval) -> String {
    let each = |value: f64| if value.is_finite() { format!("{value:.2}") } else { "-".to_owned() };
    if of.value.is_finite() {
        format!("{} [{}, {}]", each(of.value), each(of.low), each(of.high))
    } else {
        "-".to_owned()
    }
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 1e4).round() / 100.0)
}

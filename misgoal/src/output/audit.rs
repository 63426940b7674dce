//! An audit's findings on a terminal.

use misgoal_run::audit::{AuditRecord, AuditShiftRecord, ComparedRecord};
use misgoal_run::record::VerdictCode;

use super::{Table, figure, verdict, wrap};

/// The verdict on each shifted part, and what the predictions were best for.
pub fn render(record: &AuditRecord, width: usize) -> String {
    let mut out = String::new();
    let intended = record.goals.first().map_or("", String::as_str);
    for shift in &record.shifts {
        let judged = &shift.judgement;
        for line in wrap(&judged.verdict.sentence, width) {
            out.push_str(&(verdict::tone(&judged.verdict.code).paint(line) + "\n"));
        }
        for flag in &judged.verdict.flags {
            wrap(flag, width).into_iter().for_each(|line| out.push_str(&format!("{line}\n")));
        }
    }
    out.push('\n');
    let mut table = Table::new(["part", "rows", &format!("best for `{intended}`"), "judged"].map(str::to_owned));
    table.row([
        "training".to_owned(),
        record.training_rows.to_string(),
        figure::interval(&record.training_intended),
        String::new(),
    ]);
    if let Some(intended) = &record.probe_intended {
        table.row(["probe".to_owned(), record.probe_rows.to_string(), figure::interval(intended), String::new()]);
    }
    for shift in &record.shifts {
        let judged = shift.judgement.levels.to_string();
        table.row([shift.judgement.shift.clone(), shift.rows.to_string(), figure::interval(&shift.intended), judged]);
    }
    out.push_str(&table.render(width));
    for shift in &record.shifts {
        out.push('\n');
        out.push_str(&ledger(intended, shift).render(width));
        if let Some(compared) = &shift.compared {
            out.push('\n');
            out.push_str(&moved(intended, &shift.judgement.shift, compared).render(width));
        }
    }
    let mut notes = vec!["shares are over all rows of a part, with 90 % intervals".to_owned()];
    let judged_in_part = |shift: &AuditShiftRecord| {
        let all = shift.compared.as_ref().map_or(shift.rows, |compared| compared.cases);
        u64::from(shift.judgement.levels) < all
    };
    if record.shifts.iter().any(judged_in_part) {
        notes.push("the verdict is of the judged ones, of every kind as many as is its share of all: no draw; `--sample` raises their number".to_owned());
    }
    if record.apart_in_probe > 0 {
        notes.push(format!(
            "{} of a probe left out: on them the goals part, and a probe shows capability alone",
            figure::plural(record.apart_in_probe as usize, "row")
        ));
    }
    for compared in record.shifts.iter().filter_map(|shift| shift.compared.as_ref()) {
        notes.push("moves are of all cases shown with the proxy beside the intended goal and against it; a guess moves away as often as toward".to_owned());
        if compared.sampled {
            notes.push(format!(
                "a random sample of {} was kept: the table has more",
                figure::plural(compared.cases as usize, "case")
            ));
        }
        for one in compared.moved.iter().filter(|one| one.cases.is_some_and(|cases| cases < compared.cases)) {
            notes.push(match one.cases {
                Some(cases) if cases > 0 => format!(
                    "{} shown both ways for `{}`: the others say nothing of it",
                    figure::plural(cases as usize, "case"),
                    one.proxy
                ),
                _ => format!("no case is shown both ways for `{}`", one.proxy),
            });
        }
        if compared.left_out > 0 {
            notes.push(format!("{} left out: not shown both ways", figure::plural(compared.left_out as usize, "case")));
        }
    }
    let unsure = |shift: &AuditShiftRecord| {
        shift.compared.is_none() && shift.judgement.verdict.code == VerdictCode::Inconclusive.name()
    };
    if record.shifts.iter().any(unsure) {
        notes.push("with each case in the table twice, the proxy beside the intended goal and against it, `--case COLUMN` tells following in part from chance".to_owned());
    }
    let idle: u64 = record.shifts.iter().map(|shift| shift.nothing_at_stake).sum();
    if idle > 0 {
        notes.push(format!(
            "{} left out: every option is as good as any other for `{intended}`",
            figure::plural(idle as usize, "row")
        ));
    }
    if record.malformed > 0 {
        let lines: Vec<String> =
            record.malformed_rows.iter().map(|row| format!("{} {}: {}", record.numbered, row.line, row.why)).collect();
        notes.push(format!(
            "{} malformed and left out; {}",
            figure::plural(record.malformed as usize, "row"),
            lines.join("; ")
        ));
    }
    out.push('\n');
    for note in notes {
        wrap(&note, width).into_iter().for_each(|line| out.push_str(&format!("{line}\n")));
    }
    out
}

fn ledger(intended: &str, shift: &AuditShiftRecord) -> Table {
    let head = [
        format!("{}: predictions best for", shift.judgement.shift),
        format!("only {intended}"),
        "both".into(),
        "only the proxy".into(),
        "neither".into(),
    ];
    let mut table = Table::new(head);
    for one in &shift.ledger {
        let figures = [one.intended_only, one.both, one.proxy_only, one.neither];
        table.row(std::iter::once(one.proxy.clone()).chain(figures.iter().map(figure::interval)));
    }
    table
}

fn moved(intended: &str, part: &str, compared: &ComparedRecord) -> Table {
    let head = [
        format!("{part}: {} compared", figure::plural(compared.cases as usize, "case")),
        format!("stays with {intended}"),
        "moves to the proxy".into(),
        "moves away".into(),
        "other".into(),
    ];
    let mut table = Table::new(head);
    for one in &compared.moved {
        let figures = [one.kept, one.toward, one.away, one.other];
        table.row(std::iter::once(one.proxy.clone()).chain(figures.iter().map(figure::interval)));
    }
    table
}

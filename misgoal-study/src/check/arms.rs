//! `[arms.NAME]`.

use super::{plain_name, refer};
use crate::diagnostic::Diagnostic;
use crate::file::ArmFile;
use crate::span::{At, Named, Span};
use crate::study::{Arm, Mitigation};

pub(super) fn arms(
    section: Option<&At<Named<ArmFile>>>,
    shifts: &[String],
    goals: &[String],
    found: &mut Vec<Diagnostic>,
) -> Option<Vec<Arm>> {
    let before = found.len();
    let mut arms: Vec<(Arm, Span)> = Vec::new();
    for (name, arm) in section.iter().flat_map(|arms| arms.iter()) {
        plain_name("arm", name, found);
        let mitigation = match &arm.randomize {
            None => Mitigation::None,
            Some(randomize) => {
                let shift = refer("shift", &randomize.shift, shifts, found);
                let share = *randomize.share;
                if share == 0.0 {
                    let message = format!("the arm `{}` draws a share of 0 from a shift: it changes nothing", name);
                    found.push(
                        Diagnostic::new("contradictory-arm", randomize.share.span(), message)
                            .note(randomize.shift.span(), "the shift that it would draw from")
                            .help("leave `randomize` out for a baseline, or give a share above 0"),
                    );
                } else if !(0.0..=1.0).contains(&share) {
                    let message = format!("the share of the arm `{}` is out of range", name);
                    let diagnostic = Diagnostic::new("out-of-range", randomize.share.span(), message)
                        .label("must be above 0 and at most 1");
                    let percent = 1.0 < share && share <= 100.0;
                    found.push(if percent {
                        diagnostic.help(format!("{share} % is `{}`", share / 100.0))
                    } else {
                        diagnostic
                    });
                }
                shift.map_or(Mitigation::None, |shift| Mitigation::Randomize { shift, share })
            }
        };
        let train_on = arm.train_on.as_ref().and_then(|goal| refer("goal", goal, goals, found));
        let arm = Arm {
            name: name.to_string(),
            words: arm.words.as_ref().map_or(String::new(), |words| words.trim().to_owned()),
            mitigation,
            train_on,
            levels: arm.levels.as_ref().map(|levels| **levels),
            budget: arm.budget.as_ref().map_or(1.0, |budget| **budget),
            on_request: arm.on_request.as_ref().is_some_and(|on_request| **on_request),
        };
        let twin = arms.iter().find(|(other, _)| other.trains_like(&arm));
        if let Some((other, first)) = twin.filter(|_| found.len() == before) {
            let message = format!("the arms `{}` and `{}` do the same", other.name, name);
            found.push(Diagnostic::new("contradictory-arm", name.span(), message).note(first.clone(), "the other"));
        }
        arms.push((arm, name.span()));
    }
    if let Some(section) = section.filter(|arms| arms.len() == 0) {
        let message = "`[arms]` is empty: nothing would be trained";
        found.push(
            Diagnostic::new("empty", At::span(section), message)
                .help("leave the section out, or add `[arms.baseline]`"),
        );
    }
    if let (Some((_, first)), true) = (arms.first(), arms.iter().all(|(arm, _)| arm.on_request)) {
        let message = "every arm is trained on request only: a plain run would train nothing";
        found.push(
            Diagnostic::new("contradictory-arm", first.clone(), message)
                .help("leave `on_request` out of one of them, or add `[arms.baseline]`"),
        );
    }
    if arms.is_empty() {
        arms.push((Arm::baseline(), 0..0));
    }
    (found.len() == before).then(|| arms.into_iter().map(|(arm, _)| arm).collect())
}

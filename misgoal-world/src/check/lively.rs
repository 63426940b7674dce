//! Movers, regrowth and step limits: are they declared soundly?

use super::error;
use crate::{Distribution, Enter, MAX_MOVERS, Movement, Part, Regrow, WorldError, WorldSpec};

/// Checks the things that act by themselves.
pub(super) fn things(spec: &WorldSpec) -> Result<(), WorldError> {
    let mut shield = None;
    for (index, thing) in spec.things.iter().enumerate() {
        let (part, name) = (Part::Thing(index), &thing.name);
        if matches!(thing.enter, Enter::Regrow(_) | Enter::Catch(_)) && spec.movement != Movement::Walk {
            let message =
                format!("`{name}` moves or regrows, which is for agents that walk: let the movement be `walk`");
            return error(part, message);
        }
        if let Enter::Regrow(Regrow::Rate { thousandths }) = thing.enter
            && !(1..=1000).contains(&thousandths)
        {
            let rate = f64::from(thousandths) / 1000.0;
            return error(part, format!("`{name}` regrows at a rate of `{rate}`: choose 0.001 to 1"));
        }
        let Enter::Catch(mover) = thing.enter else { continue };
        for (share, what) in [(mover.erratic, "moves at random"), (mover.twice, "moves twice")] {
            if share > 1000 {
                let share = f64::from(share) / 1000.0;
                return error(part, format!("`{name}` {what} with a share of `{share}`: choose 0 to 1"));
            }
        }
        let Some(kind) = mover.shield else { continue };
        match spec.things.get(kind) {
            None => {
                let message = format!("`{name}` is stopped by a thing that does not exist: name one of the things");
                return error(part, message);
            }
            Some(thing) if !matches!(thing.enter, Enter::Collect | Enter::Regrow(_)) => {
                let message = format!(
                    "`{name}` is stopped by `{}`, which cannot be carried: let entering `{}` collect it",
                    thing.name, thing.name
                );
                return error(part, message);
            }
            Some(thing) if spec.things.iter().any(|other| other.enter == Enter::Open { key: kind }) => {
                let message = format!("`{}` cannot both open something and stop `{name}`: use two things", thing.name);
                return error(part, message);
            }
            Some(_) => {}
        }
        if shield.is_some_and(|shield| shield != kind) {
            let message = "movers are stopped by two kinds of things: let one kind stop all".to_owned();
            return error(part, message);
        }
        shield = Some(kind);
    }
    Ok(())
}

/// Checks what a distribution says of them.
pub(super) fn distribution(spec: &WorldSpec, distribution: &Distribution) -> Result<(), WorldError> {
    if let Some(steps) = distribution.steps
        && !(1..=10_000).contains(&steps)
    {
        return error(Part::StepLimit, format!("a step limit of `{steps}` is out of range: choose 1 to 10000"));
    }
    let mut movers = 0;
    for (index, placement) in distribution.placements.iter().enumerate() {
        let Some(thing) = spec.things.get(placement.thing) else { continue };
        if let Some(present) = placement.present {
            if !matches!(thing.enter, Enter::Regrow(_)) {
                let message = format!("`{}` does not regrow: `present` is for things that do", thing.name);
                return error(Part::Placement(index), message);
            }
            if present > placement.count.0 {
                let message = format!(
                    "`{present}` of `{}` are present, but there may be only {} places for it: raise `count`",
                    thing.name, placement.count.0
                );
                return error(Part::Placement(index), message);
            }
        }
        if let Enter::Catch(_) = thing.enter {
            movers += usize::from(placement.count.1);
            if movers > MAX_MOVERS {
                let message = format!("up to {movers} things that move are too many: place at most {MAX_MOVERS}");
                return error(Part::Placement(index), message);
            }
        }
    }
    Ok(())
}

//! Beacons and guides: are they declared soundly?

use super::error;
use crate::{Distribution, Enter, Movement, Part, WorldError, WorldSpec};

/// Checks the declared beacons and guides.
pub(super) fn things(spec: &WorldSpec) -> Result<(), WorldError> {
    let by_chance = spec.things.iter().find(|thing| matches!(thing.enter, Enter::Catch(_) | Enter::Regrow(_)));
    for (index, thing) in spec.things.iter().enumerate() {
        let (part, name) = (Part::Thing(index), &thing.name);
        if let (Enter::Visit { .. } | Enter::Guide(_), Some(other)) = (thing.enter, by_chance) {
            let message = format!(
                "`{name}` is about an order of beacons, which cannot be planned where things act by chance: do without `{name}` or `{}`",
                other.name
            );
            return error(part, message);
        }
        let Enter::Guide(guide) = thing.enter else { continue };
        if spec.movement != Movement::Walk {
            return error(part, format!("`{name}` is a guide, which walks: let the movement be `walk`"));
        }
        if !spec.things.iter().any(|thing| matches!(thing.enter, Enter::Visit { .. })) {
            return error(part, format!("`{name}` is a guide to no beacon: let another thing be one that is visited"));
        }
        let Some(looks) = guide.looks else { continue };
        let like = spec.things.get(looks).map(|thing| (&thing.name, thing.enter));
        match like {
            Some((_, Enter::Guide(other))) if other.looks.is_none() && looks != index => {}
            Some((like, Enter::Guide(_))) => {
                let message =
                    format!("`{name}` looks like `{like}`, which has no looks of its own: name another guide");
                return error(part, message);
            }
            like => {
                let like = like.map_or("nothing", |(like, _)| like);
                return error(part, format!("`{name}` looks like `{like}`, which is no guide: name another guide"));
            }
        }
    }
    Ok(())
}

/// Checks that a level gets one guide at most.
pub(super) fn distribution(spec: &WorldSpec, distribution: &Distribution) -> Result<(), WorldError> {
    let mut guides = 0;
    for (index, placement) in distribution.placements.iter().enumerate() {
        if let Some(Enter::Guide(_)) = spec.things.get(placement.thing).map(|thing| thing.enter) {
            guides += u32::from(placement.count.1);
            if guides > 1 {
                return error(Part::Placement(index), format!("up to {guides} guides are too many: place at most one"));
            }
        }
    }
    Ok(())
}

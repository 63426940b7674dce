//! What ties a file to its world, as canonical text: what the agent sees and what its actions do.
//!
//! Every field is named here, in a fixed order, and every type is taken apart in whole: a field that is added does not compile until somebody
//! has decided whether it is a part of the identity. A change of what this text says about a world that could be declared before is a new version
//! of the identity ([`WORLD_VERSION`]), and the old one must stay readable.

pub mod legacy;

use crate::{
    Canonical, Corner, Enter, Guide, Movement, Mover, Moves, Order, Region, Regrow, ThingSpec, View, WorldSpec,
    ZoneSpec,
};

/// The name and version of [`world`]'s text: it stands in front of its hash.
pub const WORLD_VERSION: &str = "world-v1";

/// What a network's inputs and actions mean in this world. Two worlds of one text look the same to an agent and answer it in the same way.
///
/// Not a part of it, because no observation shows it and no action does anything else for it: how things are drawn (`symbol`), which
/// regions have names (`zones`), when an episode is cut off (`step_limit`), what a delay costs the oracle (`discount`). The name of a thing
/// *is* a part of it: goals and distributions are about names, and a network that was trained in a world with `gem` before `coin` would
/// take one for the other.
pub fn world(spec: &WorldSpec) -> Canonical {
    let WorldSpec { width, height, movement, things, zones: _, view, step_limit: _, discount: _ } = spec;
    Canonical::object([
        ("kind", Canonical::text("grid")),
        ("width", Canonical::whole(*width)),
        ("height", Canonical::whole(*height)),
        ("movement", movement_(*movement)),
        ("view", view_(*view)),
        ("things", Canonical::list(things.iter().map(thing))),
    ])
}

/// The named regions: what rewards may be paid for beside things. They belong to a training, not to a network.
pub fn zones(spec: &WorldSpec) -> Canonical {
    Canonical::list(spec.zones.iter().map(|zone| {
        let ZoneSpec { name, region } = zone;
        Canonical::object([("name", Canonical::text(name)), ("region", region_(*region))])
    }))
}

fn movement_(movement: Movement) -> Canonical {
    match movement {
        Movement::Walk => kind("walk"),
        Movement::Platform { jump } => {
            Canonical::object([("kind", Canonical::text("platform")), ("jump", Canonical::whole(jump))])
        }
    }
}

fn view_(view: View) -> Canonical {
    match view {
        View::Whole => kind("whole"),
        View::Egocentric { width, height } => Canonical::object([
            ("kind", Canonical::text("egocentric")),
            ("width", Canonical::whole(width)),
            ("height", Canonical::whole(height)),
        ]),
    }
}

fn thing(thing: &ThingSpec) -> Canonical {
    let ThingSpec { name, symbol: _, enter } = thing;
    Canonical::object([("name", Canonical::text(name)), ("enter", enter_(*enter))])
}

fn enter_(enter: Enter) -> Canonical {
    let named = Canonical::text;
    match enter {
        Enter::Collect => kind("collect"),
        Enter::End => kind("end"),
        Enter::Hurt => kind("hurt"),
        Enter::Cross => kind("cross"),
        Enter::Open { key } => Canonical::object([("kind", named("open")), ("key", Canonical::index(key))]),
        Enter::Regrow(Regrow::Elsewhere) => kind("regrow-elsewhere"),
        Enter::Regrow(Regrow::Rate { thousandths }) => {
            Canonical::object([("kind", named("regrow-rate")), ("thousandths", Canonical::whole(thousandths))])
        }
        Enter::Catch(Mover { moves, shield, erratic, twice, once }) => Canonical::object([
            ("kind", named("catch")),
            (
                "moves",
                named(match moves {
                    Moves::Chase => "chase",
                    Moves::Wander => "wander",
                }),
            ),
            ("shield", Canonical::maybe(shield, Canonical::index)),
            ("erratic", Canonical::whole(erratic)),
            ("twice", Canonical::whole(twice)),
            ("once", Canonical::truth(once)),
        ]),
        Enter::Visit { drawn } => Canonical::object([("kind", named("visit")), ("drawn", Canonical::truth(drawn))]),
        Enter::Guide(Guide { order, looks }) => Canonical::object([
            ("kind", named("guide")),
            (
                "order",
                named(match order {
                    Order::InTurn => "in-turn",
                    Order::Reverse => "reverse",
                }),
            ),
            ("looks", Canonical::maybe(looks, Canonical::index)),
        ]),
    }
}

fn region_(region: Region) -> Canonical {
    match region {
        Region::LeftColumn => kind("left-column"),
        Region::RightColumn => kind("right-column"),
        Region::Corner(Corner::TopLeft) => kind("top-left"),
        Region::Corner(Corner::TopRight) => kind("top-right"),
        Region::Corner(Corner::BottomLeft) => kind("bottom-left"),
        Region::Corner(Corner::BottomRight) => kind("bottom-right"),
        Region::Rect { x0, y0, x1, y1 } => Canonical::object([
            ("kind", Canonical::text("rect")),
            ("x0", Canonical::whole(x0)),
            ("y0", Canonical::whole(y0)),
            ("x1", Canonical::whole(x1)),
            ("y1", Canonical::whole(y1)),
        ]),
    }
}

/// What has a kind and nothing else to say.
fn kind(name: &str) -> Canonical {
    Canonical::object([("kind", Canonical::text(name))])
}

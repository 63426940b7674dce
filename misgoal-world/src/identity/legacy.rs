//! The text that tied files to their world before [`super::world`]: what Rust's `Debug` printed of a [`WorldSpec`] at the time.
//!
//! Frozen. Files of users carry hashes of this text, so it must never change, whatever the types and their fields are called now. It is
//! written out by hand from the values; only numbers, texts and characters are printed by the standard library, whose output for them is
//! fixed. A kind of world that is new since then cannot be in such a file: whatever is written for it here harms nobody.

use crate::{
    Corner, Enter, Goal, Guide, Movement, Mover, Moves, Order, Region, Regrow, ThingSpec, View, WorldSpec, ZoneSpec,
};

/// What the hash in a weight file of version 1 was taken of.
pub fn world(spec: &WorldSpec) -> String {
    let WorldSpec { width, height, movement, things, zones, view, step_limit: _, discount: _ } = spec;
    let (movement, view) = (movement_(*movement), view_(*view));
    let (things, zones) = (list(things, thing), list(zones, zone));
    format!("{width} {height} {movement} {things} {zones} {view}")
}

/// The whole of a world in a snapshot of version 1.
pub fn spec(spec: &WorldSpec) -> String {
    let WorldSpec { width, height, movement, things, zones, view, step_limit, discount } = spec;
    let (movement, view) = (movement_(*movement), view_(*view));
    let (things, zones) = (list(things, thing), list(zones, zone));
    format!(
        "WorldSpec {{ width: {width}, height: {height}, movement: {movement}, things: {things}, zones: {zones}, view: {view}, step_limit: {step_limit}, discount: {discount:?} }}"
    )
}

/// The goals in a snapshot of version 1.
pub fn goals(goals: &[Goal]) -> String {
    list(goals, |goal| {
        let Goal { name, weights } = goal;
        format!("Goal {{ name: {name:?}, weights: {} }}", list(weights, |weight| format!("{weight:?}")))
    })
}

/// A list as `Debug` prints it.
pub fn list<T>(items: &[T], written: impl Fn(&T) -> String) -> String {
    let items: Vec<String> = items.iter().map(written).collect();
    format!("[{}]", items.join(", "))
}

fn movement_(movement: Movement) -> String {
    match movement {
        Movement::Walk => "Walk".to_owned(),
        Movement::Platform { jump } => format!("Platform {{ jump: {jump} }}"),
    }
}

fn view_(view: View) -> String {
    match view {
        View::Whole => "Whole".to_owned(),
        View::Egocentric { width, height } => format!("Egocentric {{ width: {width}, height: {height} }}"),
    }
}

fn thing(thing: &ThingSpec) -> String {
    let ThingSpec { name, symbol, enter } = thing;
    format!("ThingSpec {{ name: {name:?}, symbol: {symbol:?}, enter: {} }}", enter_(*enter))
}

fn enter_(enter: Enter) -> String {
    match enter {
        Enter::Collect => "Collect".to_owned(),
        Enter::End => "End".to_owned(),
        Enter::Hurt => "Hurt".to_owned(),
        Enter::Cross => "Cross".to_owned(),
        Enter::Open { key } => format!("Open {{ key: {key} }}"),
        Enter::Regrow(Regrow::Elsewhere) => "Regrow(Elsewhere)".to_owned(),
        Enter::Regrow(Regrow::Rate { thousandths }) => format!("Regrow(Rate {{ thousandths: {thousandths} }})"),
        Enter::Catch(Mover { moves, shield, erratic, twice, once }) => {
            let moves = match moves {
                Moves::Chase => "Chase",
                Moves::Wander => "Wander",
            };
            let shield = index(shield);
            format!(
                "Catch(Mover {{ moves: {moves}, shield: {shield}, erratic: {erratic}, twice: {twice}, once: {once} }})"
            )
        }
        Enter::Visit { drawn } => format!("Visit {{ drawn: {drawn} }}"),
        Enter::Guide(Guide { order, looks }) => {
            let order = match order {
                Order::InTurn => "InTurn",
                Order::Reverse => "Reverse",
            };
            format!("Guide(Guide {{ order: {order}, looks: {} }})", index(looks))
        }
    }
}

fn zone(zone: &ZoneSpec) -> String {
    let ZoneSpec { name, region } = zone;
    format!("ZoneSpec {{ name: {name:?}, region: {} }}", region_(*region))
}

fn region_(region: Region) -> String {
    match region {
        Region::LeftColumn => "LeftColumn".to_owned(),
        Region::RightColumn => "RightColumn".to_owned(),
        Region::Corner(corner) => format!(
            "Corner({})",
            match corner {
                Corner::TopLeft => "TopLeft",
                Corner::TopRight => "TopRight",
                Corner::BottomLeft => "BottomLeft",
                Corner::BottomRight => "BottomRight",
            }
        ),
        Region::Rect { x0, y0, x1, y1 } => format!("Rect {{ x0: {x0}, y0: {y0}, x1: {x1}, y1: {y1} }}"),
    }
}

fn index(index: Option<usize>) -> String {
    index.map_or("None".to_owned(), |index| format!("Some({index})"))
}

//! One colour for one meaning, everywhere: the page, the charts and the pictures.
//!
//! The colours are those of Okabe and Ito (2008), which people with the common colour-vision deficiencies can tell apart. On the page
//! they are classes, so that the style sheet can lighten them on a dark background; pictures use the values below.

use misgoal_run::record::StudyRecord;

use crate::Role;

/// Red, green, blue.
pub type Rgb = [u8; 3];

/// The page behind a level.
pub const GROUND: Rgb = [0xf4, 0xf4, 0xf1];
/// Solid cells.
pub const WALL: Rgb = [0x8b, 0x93, 0x9c];
/// The agent, hazards and text.
pub const INK: Rgb = [0x1f, 0x23, 0x28];
/// The trail that the agent leaves.
pub const TRAIL: Rgb = [0xc4, 0xc8, 0xcd];
/// The background of a caption.
pub const PAPER: Rgb = [0xff, 0xff, 0xff];

/// A role's colour in pictures.
pub fn colour(role: Role) -> Rgb {
    match role {
        Role::Intended => [0x00, 0x72, 0xb2],
        Role::Proxy(0) => [0xd5, 0x5e, 0x00],
        Role::Proxy(1) => [0xcc, 0x79, 0xa7],
        Role::Proxy(2) => [0xe6, 0x9f, 0x00],
        Role::Proxy(_) => [0x56, 0xb4, 0xe9],
        Role::Neutral => [0x6e, 0x77, 0x81],
        Role::Harm => INK,
    }
}

/// A role's class.
pub fn role_class(role: Role) -> &'static str {
    match role {
        Role::Intended => "g0",
        Role::Proxy(n) => goal_class(n + 1),
        Role::Neutral => "gn",
        Role::Harm => "gh",
    }
}

/// The class of goal number `index`: the intended goal is 0. A fifth proxy and later ones share the last colour; their names stay.
pub fn goal_class(index: usize) -> &'static str {
    match index {
        0 => "g0",
        1 => "g1",
        2 => "g2",
        3 => "g3",
        _ => "g4",
    }
}

/// The class of a mixture component or a first-reached event, by its name.
pub fn component_class(study: &StudyRecord, name: &str) -> &'static str {
    match study.goals.iter().position(|goal| goal.name == name) {
        Some(index) => goal_class(index),
        None => match name {
            "unlisted" => "gu",
            "stereotyped" => "gs",
            _ => "gd",
        },
    }
}

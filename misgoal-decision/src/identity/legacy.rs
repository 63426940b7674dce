//! The text that tied files to their world before [`super::world`]: what Rust's `Debug` printed of an encoder and of the options at the time.
//!
//! Frozen. Weight files of users carry hashes of this text, so it must never change, whatever the types and their fields are called now.
//! It knows texts by their numbers and features by their places, as it did.

use crate::encode::{Encoder, Part};
use crate::world::DecisionWorld;

/// What the hash in a weight file of version 1 was taken of.
pub fn world(world: &DecisionWorld, encoder: &Encoder) -> String {
    let Encoder { parts, inputs: _ } = encoder;
    let parts: Vec<String> = parts.iter().map(part).collect();
    let options: Vec<String> = world.options().iter().map(|option| format!("{option:?}")).collect();
    format!("[{}] [{}]", parts.join(", "), options.join(", "))
}

fn part(part: &Part) -> String {
    match part {
        Part::Hidden => "Hidden".to_owned(),
        Part::Truth { first } => format!("Truth {{ first: {first} }}"),
        Part::Text { first, texts } => {
            let texts: Vec<String> = texts.iter().map(u32::to_string).collect();
            format!("Text {{ first: {first}, texts: [{}] }}", texts.join(", "))
        }
        Part::Number { first, thresholds } => {
            let thresholds: Vec<String> = thresholds.iter().map(|threshold| format!("{threshold:?}")).collect();
            format!("Number {{ first: {first}, thresholds: [{}] }}", thresholds.join(", "))
        }
    }
}

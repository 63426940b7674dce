//! Observations in words.

use crate::detect::Moved;
use crate::observe::{Channel, Observation, REPLY};

/// The event that an observation belongs to.
pub fn event(moved: &Moved) -> usize {
    moved.observation.event
}

/// What was observed, and how many times as likely it is under the alternative as in good sessions.
pub fn observation(moved: &Moved) -> String {
    let Observation { channel, context, symbol, .. } = &*moved.observation;
    let part = |index: usize| context.get(index).map_or("", String::as_str);
    let tool = |name: &str| if name == REPLY { "the reply to the user".to_owned() } else { format!("`{name}`") };
    let what = match channel {
        Channel::Next => {
            let after = match context.first() {
                Some(before) => format!("after {}", tool(before)),
                None => "first of all".to_owned(),
            };
            format!("{} {after}", tool(symbol))
        }
        Channel::Keys if symbol.is_empty() => format!("{} without arguments", tool(part(0))),
        Channel::Keys => format!("{} with the arguments `{symbol}`", tool(part(0))),
        Channel::Shape => format!("`{}` of {} looks like `{symbol}`", part(0), tool(part(1))),
        Channel::Source => format!("`{}` of {} comes from {symbol}", part(0), tool(part(1))),
        Channel::Asked => format!("{}: of what it does spoke {symbol}", tool(part(0))),
        Channel::Ordered => format!("{}: one sentence of a tool's answer names {symbol}", tool(part(0))),
        Channel::Words => format!("`{}` of {} has the word `{symbol}`", part(1), tool(part(0))),
        Channel::Prohibited => format!("{} shares {symbol} with a prohibition in the instructions", tool(part(0))),
        Channel::Scope => format!("{} acts {symbol} the places that the task names", tool(part(0))),
        Channel::Place => format!("{} {symbol}", tool(part(0))),
        Channel::Secret => format!("the {} of {}: secrets: {symbol}", part(0), tool(part(1))),
        Channel::Claim => format!("{} claims {symbol}", tool(part(0))),
        Channel::Health => match part(0) {
            "answer" => format!("{} {symbol}", tool(part(1))),
            _ => format!("{} is called with {symbol} arguments", tool(part(1))),
        },
    };
    format!("{what} ({} times as likely)", factor(moved.by))
}

fn factor(log: f64) -> String {
    let factor = log.exp();
    if factor < 9.95 { format!("{factor:.1}") } else { format!("{factor:.0}") }
}

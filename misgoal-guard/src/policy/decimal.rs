//! A JSON number as Cedar has decimals.

use std::borrow::Cow;
use std::sync::LazyLock;

use cedar_policy::RestrictedExpression as Expression;
use cedar_policy_core::ast::{Name, RestrictedExpr};
use ref_cast::RefCast as _;

use crate::read::plain;

/// The name of the function that makes a decimal. Cedar's own `new_decimal` parses it with its whole grammar each time, which took a fifth of a decision; what is
/// made of it here is the same expression, from Cedar's inside.
static NAME: LazyLock<Option<Name>> = LazyLock::new(|| "decimal".parse().ok());

/// A JSON number, where it is a decimal of Cedar exactly: four digits after the point, and as many in all as 64 bits hold.
pub(super) fn decimal(number: &str) -> Option<Expression> {
    let text = written(number)?;
    let Some(name) = NAME.clone() else { return Some(Expression::new_decimal(text)) };
    let inner = RestrictedExpr::call_extension_fn(name, [RestrictedExpr::val(text)]);
    Some(Expression::ref_cast(&inner).clone())
}

/// The number as Cedar writes decimals.
fn written(number: &str) -> Option<String> {
    let text = if number.contains(['e', 'E']) { plain(number) } else { Cow::Borrowed(number) };
    let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
    let part = Some(part.trim_end_matches('0')).filter(|part| !part.is_empty()).unwrap_or("0");
    let is_held = part.len() <= 4 && format!("{whole}{part:0<4}").parse::<i64>().is_ok();
    is_held.then(|| format!("{whole}.{part}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_decimals_are_decimals() {
        for (number, expected) in [
            ("3", Some("3.0")),
            ("-0.25", Some("-0.25")),
            ("1.50000000", Some("1.5")),
            ("3.14159", None),
            ("1e3", Some("1000.0")),
            ("5e-4", Some("0.0005")),
            ("1.5e-4", None),
            ("-922337203685477.5807", Some("-922337203685477.5807")),
            ("-922337203685477.5808", Some("-922337203685477.5808")),
            ("922337203685478", None),
            ("1e21", None),
            ("1e-7", None),
        ] {
            assert_eq!(decimal(number), expected.map(Expression::new_decimal), "{number}");
        }
    }
}

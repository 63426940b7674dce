//! A JSON number as Cedar has decimals.

use std::sync::LazyLock;

use cedar_policy::RestrictedExpression as Expression;
use cedar_policy_core::ast::{Name, RestrictedExpr};
use ref_cast::RefCast as _;

/// The name of the function that makes a decimal. Cedar's own `new_decimal` parses it with its whole grammar each time, which took a fifth of a decision; what is
/// made of it here is the same expression, from Cedar's inside.
static NAME: LazyLock<Option<Name>> = LazyLock::new(|| "decimal".parse().ok());

/// A JSON number, where it is a decimal of Cedar exactly: at most four digits after its point, no exponent.
pub(super) fn decimal(number: &str) -> Option<Expression> {
    let text = written(number)?;
    let Some(name) = NAME.clone() else { return Some(Expression::new_decimal(text)) };
    let inner = RestrictedExpr::call_extension_fn(name, [RestrictedExpr::val(text)]);
    Some(Expression::ref_cast(&inner).clone())
}

/// The number as Cedar writes decimals.
fn written(number: &str) -> Option<String> {
    if number.contains(['e', 'E']) {
        return None;
    }
    match number.split_once('.') {
        None => Some(format!("{number}.0")),
        Some((whole, part)) => {
            let part = part.trim_end_matches('0');
            (part.len() <= 4).then(|| format!("{whole}.{}", if part.is_empty() { "0" } else { part }))
        }
    }
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
            ("1e3", None),
        ] {
            assert_eq!(decimal(number), expected.map(Expression::new_decimal), "{number}");
        }
    }
}

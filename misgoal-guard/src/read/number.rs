//! Numbers: which of them every reader takes for the same value, and how that value is written.
//!
//! Most readers have doubles alone (IEEE 754 binary64), some have integers of 64 bits or of any length, a few have decimals. They agree on whole numbers up to
//! 2^53 - 1 and on decimals that are the shortest name of a double; of anything else they make different values without a word.

use std::borrow::Cow;

use super::json::{Member, Node, Value};
use super::{Refusal, Side};

/// The largest whole number up to which doubles tell neighbours apart: 2^53 - 1 (RFC 7493, section 2.2).
pub const WHOLE: i64 = (1 << 53) - 1;
/// The same as a double.
const LARGEST: f64 = 9_007_199_254_740_991.0;
/// Significant digits that every double keeps: no shorter decimal names the same one.
const KEPT: usize = 15;
/// Significant digits that writers of doubles use at most.
const WRITTEN: usize = 17;

/// Refuses a value that holds a number which readers take for different values.
pub(crate) fn check(node: &Node<'_>, side: Side) -> Result<(), Refusal> {
    match &node.value {
        Value::Number(text) => odd(text, side).map_or(Ok(()), |why| {
            let text = super::scan::short(text);
            let message = format!("readers differ about the number `{text}` at byte {}: {why}", node.start);
            Err(Refusal::new("number", message))
        }),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, side)),
        Value::Object(members) => members.iter().try_for_each(|member| check(&member.node, side)),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

/// The same for the members of a message. What a server's result has in `tools` is left out: it is looked at by those who know whether it is a tool list, in whose
/// definitions a bound such as 9223372036854775807 is a text that is pinned and nobody counts with.
pub(super) fn check_message(members: &[Member<'_>], side: Side) -> Result<(), Refusal> {
    for member in members {
        if side == Side::Server && member.key == "result" {
            let parts = member.node.members();
            parts.iter().filter(|part| part.key != "tools").try_for_each(|part| check(&part.node, side))?;
            if parts.is_empty() {
                check(&member.node, side)?;
            }
        } else {
            check(&member.node, side)?;
        }
    }
    Ok(())
}

/// Why readers take a number for different values; `None` where they do not. An agent's number becomes a tool's argument and must be its double's shortest name. In a
/// server's answer the digits may also be more than the shortest, as far as writers of doubles go: some write all 17.
fn odd(text: &str, side: Side) -> Option<&'static str> {
    let value = Decimal::of(text);
    if value.digits.is_empty() {
        // It is the same number to all. A server may write an argument's sign into a text; what a server has computed nobody computes with further.
        let is_signed = value.negative && side == Side::Agent;
        return is_signed.then_some("some keep the sign of a zero and some do not; write `0`");
    }
    if !text.contains(['.', 'e', 'E']) {
        let digits = text.trim_start_matches('-');
        let safe = digits.len() <= KEPT || digits.parse().is_ok_and(|whole: i64| whole <= WHOLE);
        return (!safe).then_some("whole numbers are the same to all up to 9007199254740991; write it as text");
    }
    let magnitude = value.magnitude();
    if value.digits.len() <= KEPT && (-300..=300).contains(&magnitude) {
        return None;
    }
    match text.parse::<f64>() {
        Ok(double) if double.is_infinite() => Some("it is larger than any double"),
        Ok(0.0) => Some("it is so small that doubles take it for zero"),
        Ok(double) if is_shortest(&value, double) => None,
        Ok(double) if side == Side::Server && value.digits.len() <= WRITTEN && double.abs() <= LARGEST => None,
        _ => Some("it has digits that a double does not keep; write it as text"),
    }
}

/// Whether this is the shortest decimal that names the double. Where two are as near to it, writers choose differently: 1943596886360032.25 is `.2` to some, `.3` to others.
fn is_shortest(value: &Decimal<'_>, double: f64) -> bool {
    if Decimal::of(&format!("{double:e}")) == *value {
        return true;
    }
    let exact = format!("{double:.40e}");
    let exact = Decimal::of(&exact);
    let known = value.digits.len();
    let half = exact.digits.len() == known + 1 && exact.digits.ends_with('5') && exact.magnitude() == value.magnitude();
    let digits = |text: &str| text.parse::<u64>().ok();
    let (below, is) = (exact.digits.get(..known).and_then(digits), digits(&value.digits));
    half && below.zip(is).is_some_and(|(below, is)| is == below || is == below + 1)
}

/// The value's text as ECMAScript writes it (`Number::toString`, which RFC 8785 takes over): all spellings of one value have one text. A number that no double holds
/// stays as it is.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(['.', 'e', 'E']) {
        return Cow::Borrowed(if text == "-0" { "0" } else { text });
    }
    let Some(double) = text.parse::<f64>().ok().filter(|double| double.is_finite()) else { return Cow::Borrowed(text) };
    let shortest = format!("{double:e}");
    let value = Decimal::of(&shortest);
    if value.digits.is_empty() {
        return Cow::Borrowed("0");
    }
    let digits = value.digits.as_ref();
    let sign = if value.negative { "-" } else { "" };
    let point = value.magnitude();
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let split = |at: i64| digits.split_at_checked(usize::try_from(at).ok()?);
    Cow::Owned(match point {
        _ if length <= point && point <= 21 => format!("{sign}{digits}{}", zeros(point - length)),
        1..=21 => {
            let (whole, part) = split(point).unwrap_or((digits, ""));
            format!("{sign}{whole}.{part}")
        }
        -5..=0 => format!("{sign}0.{}{digits}", zeros(-point)),
        _ => {
            let (first, rest) = split(1).unwrap_or((digits, ""));
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{sign}{first}{dot}{rest}e{:+}", point - 1)
        }
    })
}

/// A number's value: `digits` times ten to the `exponent`, without zeros at either end; no digits are zero.
#[derive(Debug, PartialEq, Eq)]
struct Decimal<'a> {
    negative: bool,
    digits: Cow<'a, str>,
    exponent: i64,
}

impl<'a> Decimal<'a> {
    /// Of a JSON number. An exponent that no machine number holds becomes one that no double reaches.
    fn of(text: &'a str) -> Decimal<'a> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let far = if exponent.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
        let exponent = exponent.parse::<i64>().map_or(far, |exponent| exponent.clamp(i64::MIN / 4, i64::MAX / 4));
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = match (whole.trim_start_matches('0'), part) {
            ("", part) => Cow::Borrowed(part),
            (whole, "") => Cow::Borrowed(whole),
            (whole, part) => Cow::Owned(format!("{whole}{part}")),
        };
        let count = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX / 4);
        let trailing = count(&all) - count(all.trim_end_matches('0'));
        let digits = match all {
            Cow::Borrowed(all) => Cow::Borrowed(all.trim_matches('0')),
            Cow::Owned(all) => Cow::Owned(all.trim_matches('0').to_owned()),
        };
        if digits.is_empty() {
            return Decimal { negative, digits, exponent: 0 };
        }
        Decimal { negative, digits, exponent: exponent - count(part) + trailing }
    }

    /// Where the point stands: the value is `0.digits` times ten to this.
    fn magnitude(&self) -> i64 {
        self.exponent.saturating_add(i64::try_from(self.digits.len()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_readers_take_for_different_values() {
        // The number, and whether it is refused of an agent and of a server.
        let cases = [
            ("0", false, false),
            ("0.0", false, false),
            ("0e5", false, false),
            ("0e99999999999999999999", false, false),
            ("-0", true, false),
            ("-0.0", true, false),
            ("-0e5", true, false),
            ("-0.00E-3", true, false),
            ("1", false, false),
            ("1.0", false, false),
            ("1.000", false, false),
            ("1e2", false, false),
            ("1E+2", false, false),
            ("100e-2", false, false),
            ("-12.50", false, false),
            ("9007199254740991", false, false),
            ("-9007199254740991", false, false),
            ("9007199254740992", true, true),
            ("-9007199254740992", true, true),
            ("9007199254740993", true, true),
            ("18446744073709551615", true, true),
            ("100000000000000000000000000000000000000000", true, true),
            ("9007199254740993.0", true, true),
            ("90071992547409930e-1", true, true),
            ("9007199254740993000000e-6", true, true),
            ("123456789012345678.0", true, true),
            ("1e16", false, false),
            ("6.02214076e23", false, false),
            ("1e23", false, false),
            ("1.7976931348623157e308", false, false),
            ("1.7976931348623159e308", true, true),
            ("1e400", true, true),
            ("-1e309", true, true),
            ("1e99999999999999999999", true, true),
            ("0.000001e99999999999999999999", true, true),
            ("5e-324", false, false),
            ("4.9e-324", true, false),
            ("2e-324", true, true),
            ("1e-400", true, true),
            ("1e-99999999999999999999", true, true),
            ("0.1", false, false),
            ("0.10", false, false),
            ("0.30000000000000004", false, false),
            ("0.1000000000000000055", true, true),
            ("0.10000000000000001", true, false),
            ("1.00000000000000000001", true, true),
            ("100.00000000000000000", false, false),
            ("99.999999999999999999", true, true),
            ("3.141592653589793", false, false),
            ("3.14159265358979323846", true, true),
            ("1.7999999999999999e1", true, false),
            ("123456.78901234567e-3", false, false),
        ];
        for (text, agent, server) in cases {
            assert_eq!(odd(text, Side::Agent).is_some(), agent, "{text} of an agent");
            assert_eq!(odd(text, Side::Server).is_some(), server, "{text} of a server");
        }
        let long = format!("1.{}", "0".repeat(5000));
        assert_eq!(odd(&long, Side::Agent), None);
        assert!(odd(&format!("{long}1"), Side::Agent).is_some());
    }

    #[test]
    fn a_value_has_one_text() {
        for (text, expected) in [
            ("7", "7"),
            ("7.0", "7"),
            ("70e-1", "7"),
            ("0.7E1", "7"),
            ("-7.00", "-7"),
            ("0.0", "0"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("1e2", "100"),
            ("12.50", "12.5"),
            ("1e20", "100000000000000000000"),
            ("1e21", "1e+21"),
            ("-1.5E300", "-1.5e+300"),
            ("0.000001", "0.000001"),
            ("1e-6", "0.000001"),
            ("0.00000012", "1.2e-7"),
            ("0.10000000000000001", "0.1"),
            ("1e400", "1e400"),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }

    #[test]
    fn of_two_names_that_are_as_near_either_passes() {
        for text in ["1943596886360032.2", "-1943596886360032.2", "-1943596886360032.3", "-1.9435968863600322e15"] {
            assert_eq!(odd(text, Side::Agent), None, "{text}");
        }
        for text in ["1943596886360032.1", "1943596886360032.24", "0.10000000000000001"] {
            assert!(odd(text, Side::Agent).is_some(), "{text}");
        }
    }

    proptest! {
        /// Whatever common writers make of a double is read; and of one value there is one text, which is it.
        #[test]
        fn doubles_are_read(bits in any::<u64>()) {
            let double = f64::from_bits(bits);
            if double.is_finite() && double != 0.0 {
                let whole = double.fract() == 0.0;
                let shortest = format!("{double:e}");
                for text in [shortest.clone(), format!("{double:?}"), serde_json::Value::from(double).to_string()] {
                    prop_assert_eq!(odd(&text, Side::Agent), None, "{}", text);
                    prop_assert_eq!(plain(&text).parse::<f64>(), Ok(double));
                    prop_assert_eq!(plain(&text), plain(&shortest));
                }
                if double.abs() < 9e15 {
                    let all = format!("{double:.16e}");
                    prop_assert_eq!(odd(&all, Side::Server), None, "{}", all);
                }
                let decimal = format!("{double}");
                prop_assert_eq!(odd(&decimal, Side::Agent).is_some(), whole && double.abs() > 9_007_199_254_740_991.0);
            }
        }

        /// The other side of it: what is let through of an agent, a reader with decimals and one with doubles take for the same value.
        #[test]
        fn what_is_read_is_its_doubles_shortest_name(text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,22})?(e[+-]?[0-9]{1,3})?") {
            if odd(&text, Side::Agent).is_none() {
                let double: f64 = text.parse().unwrap();
                prop_assert!(double.is_finite());
                let shortest = format!("{double:e}");
                prop_assert!(is_shortest(&Decimal::of(&text), double), "{} for {}", text, shortest);
            }
        }
    }
}

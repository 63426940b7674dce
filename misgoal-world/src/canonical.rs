//! Canonical text: what stored identities are made of.
//!
//! It is JSON without spaces whose fields stand in the order in which the code gives them. The same value gives the same bytes on every
//! machine and in every version, so that a hash of it can be stored. Nothing here comes from a `derive`: a field of Rust that is renamed
//! changes no byte.
//!
//! - A whole number is written in digits, another number as the shortest decimal that reads back as the same double, without an exponent;
//!   `-0` is `0`, and what is no number is a text.
//! - In a text `"`, `\` and the control characters below a space are escaped (`\u00XX`), nothing else is.

use std::fmt::Write as _;

/// A value as canonical text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canonical(String);

impl Canonical {
    /// An object with these fields, in this order.
    pub fn object<const N: usize>(fields: [(&str, Canonical); N]) -> Canonical {
        let parts = fields.map(|(name, value)| format!("{}:{}", Canonical::text(name).0, value.0));
        Canonical(format!("{{{}}}", parts.join(",")))
    }

    /// A list.
    pub fn list(items: impl IntoIterator<Item = Canonical>) -> Canonical {
        let items: Vec<String> = items.into_iter().map(|item| item.0).collect();
        Canonical(format!("[{}]", items.join(",")))
    }

    /// A text.
    pub fn text(text: &str) -> Canonical {
        let mut json = String::from("\"");
        for c in text.chars() {
            match c {
                '"' | '\\' => {
                    json.push('\\');
                    json.push(c);
                }
                c if c < ' ' => {
                    // Writing to a string cannot fail.
                    let _ = write!(json, "\\u{:04x}", c as u32);
                }
                c => json.push(c),
            }
        }
        json.push('"');
        Canonical(json)
    }

    /// A number.
    pub fn number(number: f64) -> Canonical {
        // Adding 0 turns -0 into 0.
        if number.is_finite() { Canonical(format!("{}", number + 0.0)) } else { Canonical::text(&number.to_string()) }
    }

    /// A whole number.
    pub fn whole(number: impl Into<u64>) -> Canonical {
        Canonical(number.into().to_string())
    }

    /// A count or an index.
    pub fn index(index: usize) -> Canonical {
        Canonical::whole(index as u64)
    }

    /// True or false.
    pub fn truth(truth: bool) -> Canonical {
        Canonical(if truth { "true" } else { "false" }.to_owned())
    }

    /// What may be missing: `null` where it is.
    pub fn maybe<T>(value: Option<T>, written: impl FnOnce(T) -> Canonical) -> Canonical {
        value.map_or_else(|| Canonical("null".to_owned()), written)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Canonical> for String {
    fn from(canonical: Canonical) -> String {
        canonical.0
    }
}

#[cfg(test)]
mod tests {
    use super::Canonical;

    #[track_caller]
    fn check(value: Canonical, expected: &str) {
        assert_eq!(value.as_str(), expected);
    }

    #[test]
    fn values_have_one_way_to_be_written() {
        check(Canonical::number(0.1), "0.1");
        check(Canonical::number(3.0), "3");
        check(Canonical::number(-0.0), "0");
        check(Canonical::number(-2.5e-7), "-0.00000025");
        check(Canonical::number(1e21), "1000000000000000000000");
        check(Canonical::number(0.1 + 0.2), "0.30000000000000004");
        check(Canonical::number(f64::NAN), "\"NaN\"");
        check(Canonical::number(f64::NEG_INFINITY), "\"-inf\"");
        check(Canonical::whole(u64::MAX), "18446744073709551615");
        check(Canonical::text("a\"b\\c\n\u{7f}é"), "\"a\\\"b\\\\c\\u000a\u{7f}é\"");
        check(Canonical::maybe(None, Canonical::index), "null");
        let list = Canonical::list([Canonical::truth(true), Canonical::maybe(Some(2), Canonical::index)]);
        check(Canonical::object([("b", list), ("a", Canonical::list([]))]), "{\"b\":[true,2],\"a\":[]}");
    }
}

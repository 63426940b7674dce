//! The shape of an argument's value: what it looks like, without what it says.

use serde_json::Value;

/// Shapes: `null`, `flag`, `small number`, `number`, `fraction`, `negative`, `list`, `empty`, `object`; a short string as its pattern, in which runs of
/// capitals, small letters and digits are `A`, `a`, `0` (`US133` is `A0`); a longer one `text` or, of many words, `long text`.
pub fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "flag".to_owned(),
        Value::Number(number) => {
            let x = number.as_f64().unwrap_or(0.0);
            let kind = match x {
                x if x < 0.0 => "negative",
                x if x.fract() != 0.0 => "fraction",
                x if x < 100.0 => "small number",
                _ => "number",
            };
            kind.to_owned()
        }
        Value::String(text) => of_text(text),
        Value::Array(values) => match values.first() {
            Some(first) => format!("list of {}", shape(first)),
            None => "empty list".to_owned(),
        },
        Value::Object(_) => "object".to_owned(),
    }
}

fn of_text(text: &str) -> String {
    let words = text.split_whitespace().count();
    if text.is_empty() {
        return "empty".to_owned();
    }
    if words > 30 {
        return "long text".to_owned();
    }
    if words > 3 {
        return "text".to_owned();
    }
    let mut pattern = String::new();
    for c in text.chars() {
        let class = match c {
            c if c.is_uppercase() => 'A',
            c if c.is_alphabetic() => 'a',
            c if c.is_numeric() => '0',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if !pattern.ends_with(class) {
            pattern.push(class);
        }
        if pattern.len() > 16 {
            pattern.push('~');
            break;
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn values_have_shapes() {
        let shapes = [
            ("null", "null"),
            ("3", "small number"),
            ("-0.5", "negative"),
            ("\"US133000\"", "A0"),
            ("\"me@x.org\"", "a@a.a"),
            ("\"2024-05-15\"", "0-0-0"),
            ("[\"A b\"]", "list of A a"),
            ("\"one two three four\"", "text"),
            ("{}", "object"),
        ];
        for (json, expected) in shapes {
            assert_eq!(shape(&serde_json::from_str(json).unwrap()), expected, "{json}");
        }
    }
}

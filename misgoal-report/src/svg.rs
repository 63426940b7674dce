//! A small SVG builder: elements are values, every text and attribute is escaped, numbers are short.

use std::fmt::{self, Display, Write};

/// One element.
#[derive(Clone, Debug)]
pub struct El {
    name: &'static str,
    attributes: String,
    body: String,
}

/// An element named `name`.
pub fn el(name: &'static str) -> El {
    El { name, attributes: String::new(), body: String::new() }
}

impl El {
    /// Sets an attribute; the value is escaped.
    pub fn attr(mut self, key: &'static str, value: impl Display) -> El {
        self.attributes.push(' ');
        self.attributes.push_str(key);
        self.attributes.push_str("=\"");
        self.attributes.push_str(&escape(&value.to_string()));
        self.attributes.push('"');
        self
    }
    /// Sets a coordinate or length: one decimal, no trailing zero; what is no finite number becomes 0.
    pub fn num(self, key: &'static str, value: f64) -> El {
        self.attr(key, short(value))
    }
    /// Sets `x`, `y`, `width` and `height`.
    pub fn frame(self, x: f64, y: f64, width: f64, height: f64) -> El {
        self.num("x", x).num("y", y).num("width", width.max(0.0)).num("height", height.max(0.0))
    }
    /// Sets the class.
    pub fn class(self, value: impl Display) -> El {
        self.attr("class", value)
    }
    /// Adds a child.
    pub fn child(mut self, child: El) -> El {
        let _ = write!(self.body, "{child}");
        self
    }
    /// Adds children.
    pub fn children(self, children: impl IntoIterator<Item = El>) -> El {
        children.into_iter().fold(self, El::child)
    }
    /// Adds escaped text.
    pub fn text(mut self, text: impl Display) -> El {
        self.body.push_str(&escape(&text.to_string()));
        self
    }
    /// Adds a `<title>`: a tooltip that needs no script, and the text alternative of a mark.
    pub fn title(self, text: impl Display) -> El {
        self.child(el("title").text(text))
    }
}

impl Display for El {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let El { name, attributes, body } = self;
        if body.is_empty() {
            write!(f, "<{name}{attributes}/>")
        } else {
            write!(f, "<{name}{attributes}>{body}</{name}>")
        }
    }
}

/// A whole drawing of `width` by `height` units with its text alternative; `id` must be unique on the page and of letters, digits and `-`.
pub fn drawing(id: &str, width: f64, height: f64, title: &str, description: &str) -> El {
    window(id, (0.0, 0.0, width, height), title, description)
}

/// As [`drawing`], of the part from `(x, y)` on: `(x, y, width, height)`.
pub fn window(id: &str, (x, y, width, height): (f64, f64, f64, f64), title: &str, description: &str) -> El {
    let (title_id, description_id) = (format!("{id}-t"), format!("{id}-d"));
    el("svg")
        .attr("viewBox", format_args!("{} {} {} {}", short(x), short(y), short(width), short(height)))
        .attr("role", "img")
        .attr("aria-labelledby", format_args!("{title_id} {description_id}"))
        .child(el("title").attr("id", &title_id).text(title))
        .child(el("desc").attr("id", &description_id).text(description))
}

/// A line of text at `(x, y)`.
pub fn label(x: f64, y: f64, class: &str, text: impl Display) -> El {
    let label = el("text").num("x", x).num("y", y);
    let label = if class.is_empty() { label } else { label.class(class) };
    label.text(text)
}

/// A straight line.
pub fn line(x1: f64, y1: f64, x2: f64, y2: f64, class: &str) -> El {
    // A path is shorter than a `line` with four attributes, and a report holds thousands of them.
    el("path").class(class).attr("d", format_args!("M{} {}L{} {}", short(x1), short(y1), short(x2), short(y2)))
}

/// The `d` of a path through points, in tenths of a unit relative to the point before.
pub fn trace(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut out = String::new();
    let mut last: Option<(f64, f64)> = None;
    for (x, y) in points {
        let at = (tenth(x), tenth(y));
        match last {
            None => {
                let _ = write!(out, "M{} {}l", short(at.0), short(at.1));
            }
            Some(before) => {
                let (dx, dy) = (short(at.0 - before.0), short(at.1 - before.1));
                let gap = if out.ends_with('l') || dx.starts_with('-') { "" } else { " " };
                let between = if dy.starts_with('-') { "" } else { " " };
                let _ = write!(out, "{gap}{dx}{between}{dy}");
            }
        }
        last = Some(at);
    }
    if out.ends_with('l') {
        out.push_str("0 0");
    }
    out
}

/// A number rounded to tenths, as short as it can be written.
pub fn short(value: f64) -> String {
    let rounded = tenth(value);
    if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() }
}

fn tenth(value: f64) -> f64 {
    if value.is_finite() { (value * 10.0).round() / 10.0 } else { 0.0 }
}

/// Text that is safe between tags and inside of quoted attributes; characters that XML forbids become U+FFFD.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(letter),
            '\0'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_nest_and_escape() {
        let drawn = el("g").class("a\"b").child(el("text").num("x", 1.04).text("<&'>")).child(el("path")).to_string();
        insta::assert_snapshot!(drawn, @r#"<g class="a&quot;b"><text x="1">&lt;&amp;&#39;&gt;</text><path/></g>"#);
    }

    #[test]
    fn numbers_are_short_and_always_numbers() {
        let shown: Vec<String> =
            [0.0, -0.04, 1.0, 2.25, -3.19, f64::NAN, f64::INFINITY].into_iter().map(short).collect();
        assert_eq!(shown, ["0", "0", "1", "2.3", "-3.2", "0", "0"]);
    }

    #[test]
    fn a_trace_is_relative_and_does_not_drift() {
        insta::assert_snapshot!(trace([(1.0, 2.0), (2.5, 1.0), (2.5, 4.0)]), @"M1 2l1.5-1 0 3");
        insta::assert_snapshot!(trace([(1.0, 2.0)]), @"M1 2l0 0");
        insta::assert_snapshot!(trace([]), @"");
        // A hundred steps of 0.04 end where they should, though each rounds to nothing.
        let end = trace((0..=100).map(|i| (f64::from(i) * 0.04, 0.0)));
        let sum: f64 = end.split(['l', ' ']).skip(2).filter_map(|part| part.parse::<f64>().ok()).sum();
        assert!((sum - 4.0).abs() < 1e-9, "{end}");
    }
}

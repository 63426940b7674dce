//! Patterns of a schema as their servers read them: JSON Schema says ECMA-262, and zod's `catch` takes another value for what is out of such a pattern.
//!
//! The crate `regex` holds them in linear time where they are regular, with classes written out: its own `\d`, `\w`, `\s` and `.` are others. What looks ahead, behind
//! or back, or has too many repetitions, is matched step by step, and a value that takes too many steps is as one that does not match.

mod parse;
mod program;
mod set;

use std::fmt::Write as _;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use parse::{Fault, Node, Parsed, parse};
use program::Program;

/// A pattern of a schema.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    /// By characters, and by units of UTF-16, as which some readers take a text; either where it may be read so.
    Read(Option<Engine>, Option<Program>),
    /// It is none of ECMA-262, and `pydantic` reads it as this.
    Foreign(Regex),
    /// It is none of either.
    Strange,
    /// It is one, and is not known here.
    Unknown,
}

#[derive(Debug)]
enum Engine {
    Linear(Regex),
    Steps(Program),
}

/// What a pattern says of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    Yes,
    No,
    /// It is not known, since this is no pattern of a reader that takes another value for what does not match.
    Maybe,
    /// It is not known, and may be anything.
    Lost,
}

/// The largest program that a pattern becomes, in bytes.
const LARGEST: usize = 1 << 18;

impl Pattern {
    pub fn new(text: &str) -> Pattern {
        Pattern(Arc::new(match parse(text) {
            Ok(parsed) => Kind::of(&parsed),
            Err(Fault::Unknown) => Kind::Unknown,
            Err(Fault::Foreign) => linear(text).map_or(Kind::Strange, Kind::Foreign),
        }))
    }

    /// Whether a text matches to all readers.
    pub fn says(&self, text: &str) -> Match {
        let (characters, units) = match self.0.as_ref() {
            Kind::Read(characters, units) => (characters, units),
            Kind::Foreign(regex) => return if regex.is_match(text) { Match::Yes } else { Match::No },
            Kind::Strange => return Match::Maybe,
            Kind::Unknown => return Match::Lost,
        };
        let by_characters = match characters {
            None => Some(true),
            Some(Engine::Linear(regex)) => Some(regex.is_match(text)),
            Some(Engine::Steps(program)) => program.is_match(&text.chars().map(u32::from).collect::<Vec<_>>()),
        };
        // Without characters of two units both are the same.
        let differ = characters.is_none() || text.chars().any(|c| c.len_utf16() > 1);
        let by_units = match units.as_ref().filter(|_| by_characters == Some(true) && differ) {
            None => Some(true),
            Some(program) => program.is_match(&text.encode_utf16().map(u32::from).collect::<Vec<_>>()),
        };
        match (by_characters, by_units) {
            (Some(true), Some(true)) => Match::Yes,
            (Some(false), _) | (_, Some(false)) => Match::No,
            _ => Match::Lost,
        }
    }

    /// Whether a text matches; it does not where that is not known.
    pub fn is_match(&self, text: &str) -> bool {
        self.says(text) == Match::Yes
    }

    /// Whether it can tell of texts.
    pub fn is_known(&self) -> bool {
        matches!(self.0.as_ref(), Kind::Read(..) | Kind::Foreign(_))
    }
}

impl Kind {
    fn of(parsed: &Parsed) -> Kind {
        let units = (!parsed.by_characters).then(|| Program::new(&parsed.node, parsed.groups, true));
        let characters = (!parsed.by_units).then(|| {
            let steps = || Program::new(&parsed.node, parsed.groups, false);
            let mut text = String::new();
            let regex = print(&parsed.node, &mut text).and_then(|()| linear(&text));
            regex.map_or_else(|| Engine::Steps(steps()), Engine::Linear)
        });
        Kind::Read(characters, units)
    }
}

fn linear(text: &str) -> Option<Regex> {
    RegexBuilder::new(text).size_limit(LARGEST).build().ok()
}

/// Writes an expression as the crate `regex` has it, where it is regular.
fn print(node: &Node, text: &mut String) -> Option<()> {
    match node {
        Node::Set(set) => text.push_str(&set.print()?),
        Node::Sequence(nodes) => nodes.iter().try_for_each(|node| print(node, text))?,
        Node::Either(ways) => {
            text.push_str("(?:");
            for (at, way) in ways.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { "|" });
                print(way, text)?;
            }
            text.push(')');
        }
        Node::Group(_, node) => print(node, text)?,
        Node::Repeat(repeat) => {
            text.push_str("(?:");
            print(&repeat.node, text)?;
            let counts = match repeat.most {
                usize::MAX => format!("{{{},}}", repeat.least),
                most => format!("{{{},{most}}}", repeat.least),
            };
            // A string takes everything.
            let _ = write!(text, "){counts}");
        }
        Node::Start => text.push_str(r"\A"),
        Node::End => text.push_str(r"\z"),
        Node::Edge(true) => text.push_str(r"(?-u:\b)"),
        // By bytes there are edges within a character.
        Node::Edge(false) | Node::Look { .. } | Node::Back(_) => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, right: &[&str], wrong: &[&str]) {
        let read = Pattern::new(pattern);
        for (texts, expected) in [(right, Match::Yes), (wrong, Match::No)] {
            for text in texts {
                assert_eq!(read.says(text), expected, "{pattern} {text:?}");
            }
        }
    }

    /// Each row was held against Node.
    #[test]
    fn patterns_are_those_of_ecma_262() {
        check("", &["", "a"], &[]);
        check("^(?!prod)[a-z]+$", &["dev", "pro", "aprod"], &["prod", "production", "Dev", ""]);
        check("(?<!x)$", &["", "a", "xa"], &["x", "ax"]);
        check("(?<=^|,)b(?=,|$)", &["b", "a,b", "b,c"], &["ab", "a,bc"]);
        check(r"^([a-z])\1$", &["aa"], &["ab", "a", "aaa"]);
        check(r"^(?<q>['\x22]).*\k<q>$", &["'a'", "\"\""], &["'a\"", "'"]);
        check(r"^\k<q>$", &["k<q>"], &["q"]);
        check(r"^(?:\1(a))$", &["a"], &["aa"]);
        check(r"^(?:(a)|b)*\1$", &["ab", "b", "aa"], &["c", "aba"]);
        check(r"^(?=(a+))\1b$", &["aab"], &["aa", "b"]);
        check(r"^(?!(a))\1b$", &["b"], &["ab"]);
        check(r"(?<=\1(a))b", &["aab"], &["b", "ab"]);
        check(r"(?<=(a)\1)b", &["aab", "ab"], &["b"]);
        check("^[^]$", &["a", "\n", "é"], &["", "ab"]);
        check("^[]$", &[], &["", "a"]);
        check(r"^\cA\ca$", &["\u{1}\u{1}"], &["cAca", "A"]);
        check(r"^\c1$", &["\\c1"], &["c1"]);
        check("^a{,2}$", &["a{,2}"], &["", "a", "aa"]);
        check("^a{2}{$", &["aa{"], &["aa"]);
        check("^}]{a$", &["}]{a"], &["a"]);
        check("^[[a]+$", &["[a", "a"], &["", "b"]);
        check("^[a-z&&[^x]]$", &["a]", "x]", "&]"], &["a", "b", "1]"]);
        check("^[a-z]{1,5000}$", &["abc"], &["", "ABC", "a1"]);
        check("^(?:[a-z]{1,500}-){0,500}[a-z]{1,500}$", &["abc", "a-b"], &["", "a-", "-a"]);
        check(r"^\d\w\s$", &["1a ", "9_\u{feff}", "0Z\u{2029}"], &["٣a ", "1é ", "1ſ ", "1\u{212a} ", "1a\u{85}"]);
        check(r"^\D\W\S$", &["٣éa", "aſ\u{85}", "a\u{212a}\u{85}"], &["1é\u{85}", "aa\u{85}", "aé\u{feff}", "aé "]);
        check(r"^[^\d\s]$", &["٣", "\u{85}"], &["1", "\u{feff}", "\u{a0}"]);
        check("^.$", &["a", "\u{85}", "\t"], &["\n", "\r", "\u{2028}", "\u{2029}", ""]);
        check(r"^\bé\B$", &[], &["é"]);
        check(r"\bé", &["aé"], &["é", " é"]);
        check(r"^a$", &["a"], &["a\n"]);
        check(r"^[\b]\x41\u0042\0\101\t\/\-[\w-x]$", &["\u{8}AB\0A\t/--", "\u{8}AB\0A\t/-x"], &["\u{8}AB\0A\t/-!"]);
        check(r"^\8\18$", &["8\u{1}8"], &["8188"]);
        check("^(a*)*$", &["", "aaa"], &["b"]);
        check("^(?:a?){3}$", &["", "aaa"], &["aaaa"]);
        check("^(?:a|ab)(?:c|bcd)(?:d*)$", &["ac", "abcd", "abcddd"], &["ab", "abd"]);
        check("^(?=a)*b$", &["b"], &["ab"]);
        check("^(?:a+?b|[c-])+?$", &["aab", "c-ab"], &["a"]);
        check(r"^\p{L}+$", &["é", "Ж", "文", "ª"], &["1", "Ⅷ", "Ⓐ", "\u{301}", "a1"]);
        check(r"^[\p{Lu}\P{L}]+$", &["É", "1"], &["é"]);
        check(r"^[^\p{N}]$", &["a"], &["٣", "Ⅷ"]);
        // By units and by characters.
        check("^.$", &["é"], &["😅", "ab"]);
        check("^..?$", &["😅", "é"], &["😅a"]);
        check("^😅$", &["😅"], &["a"]);
        check(r"^\ud83d\ude05$", &["😅"], &["😆"]);
        check(r"^(?:\ud83d[\ude00-\ude4f]|a)+$", &["😅a😅"], &["😅b", "🚀"]);
        check(r"^\u{1F605}$", &["😅"], &["u"]);
        check(r"^[😅a]$", &["😅", "a"], &["b"]);
        check("^a|(?<=b😅)c$", &["a", "b😅c"], &["😅c"]);
        // zod's and valibot's own.
        let host = r"^(?=.{1,253}\.?$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[-0-9a-zA-Z]{0,61}[0-9a-zA-Z])?)*\.?$";
        check(host, &["example.com", "a-b.example.", "localhost"], &["a_b", "-a.com", "", &"a.".repeat(130)]);
        let duration = r"^P(?:(\d+W)|(?!.*W)(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)$";
        check(duration, &["P1W", "P1Y2M3DT4H", "PT0.5S"], &["P", "PT", "P1WT1H", "1D", "P٣D"]);
        let mail = r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$";
        check(mail, &["ada.l@example.com"], &[".a@b.cc", "a..b@c.dd", "a@b"]);
    }

    /// Where other readers mean something else by it, or it is none of ECMA-262, it is what the crate `regex` has, if that has it; what is not known admits nothing.
    #[test]
    fn other_patterns_are_no_javascript() {
        for (pattern, text, says) in [
            (r"\Aab\z", "ab", Match::Yes),
            (r"\Aab\z", "Aabz", Match::No),
            ("(?i)^ab$", "AB", Match::Yes),
            ("^(?P<a>b)$", "b", Match::Yes),
            ("^[[:alpha:]]+$", "abc", Match::Yes),
            ("a++", "a", Match::Yes),
            ("(?P<a>b)(?P=a)", "c", Match::Maybe),
            (r"a\Z", "c", Match::Maybe),
            ("(", "c", Match::Maybe),
            ("a)", "c", Match::Maybe),
            ("[a", "c", Match::Maybe),
            ("[b-a]", "c", Match::Maybe),
            ("*", "c", Match::Maybe),
            (r"^\p{Script=Greek}+$", "a", Match::Lost),
            ("^(?i:ab)$", "AB", Match::Lost),
            ("(?:(?<a>b)|(?<a>c))", "b", Match::Lost),
        ] {
            assert_eq!(Pattern::new(pattern).says(text), says, "{pattern} {text}");
        }
        assert_eq!(Pattern::new(&"(".repeat(500)).says("a"), Match::Lost);
        assert_eq!(Pattern::new(&"a".repeat(20_000)).says("a"), Match::Lost);
    }

    #[test]
    fn what_takes_too_long_does_not_match() {
        for pattern in [r"^(?!x)(a+)+$", r"^(a|aa)+\1$", r"^(?!x)(?:(a*)*)*$", r"(?=a*b)(?=a*c)a"] {
            let text = format!("{}!", "a".repeat(5000));
            assert_ne!(Pattern::new(pattern).says(&text), Match::Yes, "{pattern}");
        }
        assert_eq!(Pattern::new(r"^(?!x)(a+)+$").says(&format!("{}!", "a".repeat(60))), Match::Lost);
        // An honest text may be long.
        for pattern in [r"^(?!.*secret).*$", r"^(?=.*a)(?!.*\bb\b)[\s\S]+$", r"(?<!\s)$"] {
            assert_eq!(Pattern::new(pattern).says("a c ".repeat(5000).trim()), Match::Yes, "{pattern}");
        }
    }
}

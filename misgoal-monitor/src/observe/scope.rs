//! Whether a call stays where the task points: prohibitions and paths that the instructions and the user name.

use super::words::{related, stems, words};

/// What the instructions forbid and which places they name.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Stems of each sentence that forbids or limits something.
    prohibitions: Vec<Vec<String>>,
    /// Directories and files that are named, without a slash at the end.
    places: Vec<String>,
}

/// Words that make a sentence a prohibition.
const FORBIDDING: [&str; 12] =
    ["not", "never", "don't", "no", "avoid", "without", "only", "cannot", "forbidden", "refrain", "preserve", "keep"];

/// Places that are kept.
const MOST_PLACES: usize = 256;

impl Scope {
    pub fn new(instructions: &[String]) -> Scope {
        let mut scope = Scope::default();
        for text in instructions {
            scope.hear(text);
            for sentence in text.split(['.', '\n', ';', '!']).filter(|sentence| !sentence.trim().is_empty()) {
                let mut all = sentence.split_whitespace().map(str::to_lowercase);
                if all.any(|word| FORBIDDING.contains(&word.trim_matches(|c: char| !c.is_alphanumeric()))) {
                    scope.prohibitions.push(stems(sentence));
                }
            }
        }
        scope
    }

    /// Notes the places that a text names.
    pub fn hear(&mut self, text: &str) {
        for place in words(text).filter(|word| is_place(word)) {
            let place = normal(&place);
            if self.places.len() < MOST_PLACES && !self.places.contains(&place) {
                self.places.push(place);
            }
        }
    }

    /// How much of some prohibition the call's words are; `None` where nothing is forbidden.
    pub fn prohibited(&self, tool: &str, text: &str) -> Option<&'static str> {
        let of_call = [stems(tool), stems(text)].concat();
        let shared = |prohibition: &Vec<String>| {
            prohibition.iter().filter(|stem| of_call.iter().any(|other| related(stem, other))).count()
        };
        let most = self.prohibitions.iter().map(shared).max()?;
        ["none", "one word", "two words"].get(most).copied().or(Some("three words or more"))
    }

    /// Whether the places in a call's arguments are named ones or beneath them; `None` where no place is named or none is given.
    pub fn place(&self, text: &str) -> Option<&'static str> {
        let given: Vec<String> = words(text).filter(|word| is_place(word)).map(|word| normal(&word)).collect();
        if self.places.is_empty() || given.is_empty() {
            return None;
        }
        let inside = |place: &String| {
            let named = self.places.iter();
            named.into_iter().any(|named| {
                place.strip_prefix(named.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    || place.contains(&format!("/{named}"))
                    || named.ends_with(&format!("/{place}"))
                    || named.starts_with(&format!("{place}/"))
            })
        };
        let count = given.iter().filter(|place| inside(place)).count();
        Some(match count {
            0 => "outside",
            count if count == given.len() => "inside",
            _ => "inside and outside",
        })
    }
}

fn is_place(word: &str) -> bool {
    let extension = word.rsplit_once('.').is_some_and(|(name, end)| {
        !name.is_empty() && (1..=5).contains(&end.len()) && end.chars().all(|c| c.is_ascii_alphabetic())
    });
    (word.contains('/') || extension) && !word.contains("://") && !word.contains('@')
}

fn normal(place: &str) -> String {
    place.trim_matches('/').trim_start_matches("./").to_owned()
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn calls_are_placed() {
        let constraints = ["Only modify files in src/utils/".to_owned(), "Do NOT edit tests. Be quick".to_owned()];
        let scope = Scope::new(&constraints);
        let places = [
            ("src/utils/a.py", Some("inside")),
            ("/workspace/src/utils/a.py", Some("inside")),
            ("cp src/utils/a.py config/b.yml", Some("inside and outside")),
            ("/etc/hosts", Some("outside")),
            ("hello", None),
        ];
        for (text, expected) in places {
            assert_eq!(scope.place(text), expected, "{text}");
        }
        assert_eq!(scope.prohibited("edit_file", "tests/test_a.py"), Some("two words"));
        assert_eq!(scope.prohibited("search", "needle"), Some("none"));
        assert_eq!(Scope::default().prohibited("search", "needle"), None);
    }
}

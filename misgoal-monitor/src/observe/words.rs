//! Words of text and values.

/// Words of a text in lower case: runs of letters, digits and the characters that hold names together (`@ . _ - / : #`), without those characters at
/// their ends.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let joined = |c: char| c.is_alphanumeric() || "@._-/:#".contains(c);
    let parts = text.split(move |c| !joined(c)).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    parts.filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The pieces of words that a word model counts: letters only or digits only, digits as one `0`, so that names and numbers which occur once share what
/// they have in common.
pub fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for run in text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
        let piece = if run.chars().any(char::is_numeric) { "0".to_owned() } else { run.to_lowercase() };
        if !pieces.contains(&piece) {
            pieces.push(piece);
        }
        if pieces.len() == MOST_PIECES {
            break;
        }
    }
    pieces
}

/// Of a long value, the first pieces stand for all.
const MOST_PIECES: usize = 48;

/// Words that say little about what a text is about.
const FILLING: [&str; 44] = [
    "the", "a", "an", "of", "to", "in", "on", "for", "and", "or", "not", "do", "don", "t", "never", "no", "must",
    "should", "only", "any", "all", "is", "are", "be", "with", "without", "from", "by", "at", "as", "it", "its",
    "that", "this", "use", "using", "keep", "avoid", "get", "set", "into", "your", "their", "you",
];

/// Stems of the words that carry meaning: their first five letters.
pub fn stems(text: &str) -> Vec<String> {
    let mut stems: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut lower = false;
    for c in text.chars().chain([' ']) {
        // Camel case begins a word too.
        if !c.is_alphabetic() || (c.is_uppercase() && lower) {
            let stem: String = word.to_lowercase().chars().take(5).collect();
            if stem.chars().count() >= 3 && !FILLING.contains(&word.to_lowercase().as_str()) && !stems.contains(&stem) {
                stems.push(stem);
            }
            word.clear();
        }
        if c.is_alphabetic() {
            word.push(c);
        }
        lower = c.is_lowercase();
    }
    stems
}

/// What a short word's inflections add to its stem, as far as five letters show: `send`, `sends`, `sending`, but not `sender`.
const ENDINGS: [&str; 5] = ["s", "es", "ed", "i", "in"];

/// Whether two stems belong to one word: one is the other with an ending.
pub fn related(one: &str, other: &str) -> bool {
    let ends = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|end| ENDINGS.contains(&end));
    one == other || ends(one, other) || ends(other, one)
}

/// The stems that are [`related`] to one, itself first.
pub fn relatives(stem: &str) -> impl Iterator<Item = String> {
    let longer = ENDINGS.iter().map(move |end| format!("{stem}{end}"));
    let shorter = ENDINGS.iter().filter_map(move |end| stem.strip_suffix(end)).filter(|short| short.len() >= 3);
    std::iter::once(stem.to_owned()).chain(longer).chain(shorter.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_apart() {
        let all: Vec<String> = words("Pay \"Bill-12.txt\", to me@x.org.").collect();
        assert_eq!(all, ["pay", "bill-12.txt", "to", "me@x.org"]);
        assert_eq!(pieces("cat /etc/hosts2 | grep Cat 17"), ["cat", "etc", "0", "grep"]);
        assert_eq!(stems("Do not send_money; sendMoney twice"), ["send", "money", "twice"]);
        assert!(related("send", "sendi") && !related("send", "sende") && !related("send", "seed"));
        assert!(relatives("send").any(|other| other == "sends") && relatives("adds").any(|other| other == "add"));
    }
}

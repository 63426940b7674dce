//! Letters and signs that are seen as what they are by what stands about them: parts of a syllable of Hangul, and branches of a tree of files. By themselves the first read as ASCII, and
//! of the second a screen could be drawn.

/// Consonants, vowels and final consonants of modern Hangul in parts, as names of files have it on some systems.
const FIRST: std::ops::RangeInclusive<char> = '\u{1100}'..='\u{1112}';
const VOWELS: std::ops::RangeInclusive<char> = '\u{1161}'..='\u{1175}';
const LAST: std::ops::RangeInclusive<char> = '\u{11a8}'..='\u{11c2}';

/// Which letters are parts of a whole syllable: a terminal draws one block of them.
pub(super) fn syllables(letters: &[char]) -> Vec<bool> {
    let mut is_part = vec![false; letters.len()];
    for (at, pair) in letters.windows(2).enumerate() {
        let [first, vowel] = pair else { continue };
        if FIRST.contains(first) && VOWELS.contains(vowel) {
            let has_last = letters.get(at + 2).is_some_and(|last| LAST.contains(last));
            is_part.iter_mut().skip(at).take(2 + usize::from(has_last)).for_each(|flag| *flag = true);
        }
    }
    is_part
}

/// What stands for a level of a tree that goes on below.
const LEVEL: char = '│';
/// What stands where a name of a tree begins.
const BRANCHES: [char; 2] = ['├', '└'];
/// What leads from there to the name.
const TWIG: char = '─';
/// Blanks behind a level, at most; the program `tree` writes some that are no spaces.
const BLANKS: usize = 3;
/// Signs of a twig, at most.
const TWIGS: usize = 3;
/// Letters before a branch, at most.
const DEEPEST: usize = 64;

/// Which letters draw a tree: at the beginning of a line, with a name behind. The text may be one of JSON.
pub(super) fn trees(letters: &[char]) -> Vec<bool> {
    let mut is_tree = vec![false; letters.len()];
    let mut at = 0;
    let mut begins = true;
    while let Some(letter) = letters.get(at) {
        if begins {
            let line = letters.get(at..).unwrap_or_default();
            is_tree.iter_mut().skip(at).take(branch(line)).for_each(|flag| *flag = true);
        }
        let next = letters.get(at + 1);
        begins = *letter == '\n' || *letter == '\\' && next == Some(&'n') || *letter == '"' && at == 0;
        at += if *letter == '\\' && next.is_some() { 2 } else { 1 };
    }
    is_tree
}

/// How many letters of a line draw a branch of a tree.
fn branch(line: &[char]) -> usize {
    let mut at = 0;
    while at < DEEPEST {
        match line.get(at) {
            Some(' ') => at += 1,
            Some(&LEVEL) => {
                let behind = line.get(at + 1..).unwrap_or_default().iter();
                at += 1 + behind.take(BLANKS).take_while(|c| matches!(c, ' ' | '\u{a0}')).count();
            }
            Some(sign) if BRANCHES.contains(sign) => {
                let behind = line.get(at + 1..).unwrap_or_default();
                let twigs = behind.iter().take_while(|c| **c == TWIG).count();
                let is_seen = |c: char| c.is_alphanumeric() || c.is_ascii_graphic() && !"\\\"".contains(c);
                let has_name = matches!(behind.get(twigs..), Some([' ', name, ..]) if is_seen(*name));
                return if (1..=TWIGS).contains(&twigs) && has_name { at + 1 + twigs } else { 0 };
            }
            _ => return 0,
        }
    }
    0
}

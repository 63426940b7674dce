//! Which letters of a text are shown as they are, and which would be taken for others: escapes say what stands there.

mod blocks;
mod drawn;
mod leftward;
mod looks;
mod marks;
mod signs;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::char::is_combining_mark;
use unicode_width::UnicodeWidthChar as _;

use looks::{Look, Seen};

/// Each letter of a text, and whether it is seen as what it is and nothing else.
pub fn letters(text: &str) -> Vec<(char, bool)> {
    if text.is_ascii() {
        return text.chars().map(|letter| (letter, is_plain(letter))).collect();
    }
    let Judged { said, mut hidden, shown } = judged(text);
    let marks = marks::find(&said, &hidden);
    if turns_round(text) {
        hidden.iter_mut().zip(text.chars()).for_each(|(hidden, letter)| *hidden |= is_written_leftward(letter));
    }
    let flags = hidden.into_iter().zip(shown.into_iter().zip(marks).map(|(shown, mark)| shown || mark));
    text.chars()
        .zip(flags)
        .map(|(letter, (is_hidden, is_shown))| (letter, !is_hidden && (is_shown || is_plain(letter))))
        .collect()
}

/// Words that read as ASCII and are not (`СССР`, `kırk`), escaped or, among others of their script, shown, and words that are escaped since a terminal would turn them round
/// with what stands among them (Arabic with a number), by the script's name: who reads it is told what they are. Those that are written leftward are in the order of the text.
pub fn posing(text: &str) -> BTreeMap<String, Vec<String>> {
    if text.is_ascii() {
        return BTreeMap::new();
    }
    let Judged { said, mut hidden, .. } = judged(text);
    let words = words::posing(&said, &hidden);
    let mut told: BTreeMap<String, Vec<String>> =
        words.into_iter().map(|(script, words)| (script, words.into_iter().collect())).collect();
    if turns_round(text) {
        hidden.fill(true);
    }
    for (script, word) in leftward::words(text, &hidden) {
        told.entry(script).or_default().push(word);
    }
    told
}

/// What a text's letters are taken for.
struct Judged {
    /// The letters with what they look like.
    said: Vec<Seen>,
    /// Which of them would be taken for others.
    hidden: Vec<bool>,
    /// Which of them are seen by what stands about them, whatever they are by themselves.
    shown: Vec<bool>,
}

fn judged(text: &str) -> Judged {
    let letters: Vec<char> = text.chars().collect();
    let (syllables, trees) = (blocks::syllables(&letters), blocks::trees(&letters));
    let mut hidden = vec![false; letters.len()];
    let mut known = BTreeMap::new();
    let mut seen = |(letter, is_part): (char, &bool)| match is_part {
        // Nobody takes a block of parts for one letter.
        true => (letter, Look::Own),
        false => (letter, *known.entry(letter).or_insert_with(|| looks::look(letter))),
    };
    let said: Vec<Seen> = unescaped(&letters).into_iter().zip(&syllables).map(&mut seen).collect();
    words::find(&said, &mut hidden);
    signs::find(&said, &mut hidden);
    drawn::find(&said, &mut hidden);
    hidden.iter_mut().zip(&trees).for_each(|(hidden, is_tree)| *hidden &= !is_tree);
    let shown = syllables.into_iter().zip(trees).map(|(syllable, tree)| syllable || tree).collect();
    Judged { said, hidden, shown }
}

/// The letters without those of a JSON text's escapes, which are none of the words beside them: `\nмир`.
fn unescaped(letters: &[char]) -> Vec<char> {
    let mut said = letters.to_vec();
    let mut at = 0;
    while at < said.len() {
        let length = match said.get(at..at + 2) {
            Some(['\\', 'n' | 't' | 'r' | 'b' | 'f']) => 2,
            Some(['\\', 'u']) => 6.min(said.len() - at),
            Some(['\\', '"']) => {
                said.get_mut(at..at + 2).into_iter().for_each(|pair| pair.fill('"'));
                at += 2;
                continue;
            }
            Some(['\\', _]) => {
                at += 2;
                continue;
            }
            _ => {
                at += 1;
                continue;
            }
        };
        said.get_mut(at..at + length).into_iter().for_each(|escape| escape.fill(' '));
        at += length;
    }
    said
}

/// What is written in place of something that looks the same: letters of a word for which that other text has one of the same shape, and letters of scripts without spaces, whose words
/// nobody tells apart, where it has others of their shape.
pub fn replaced(text: &str, other: &str) -> Vec<bool> {
    let mut known = BTreeMap::new();
    let mut shape = |letter: char| known.entry(letter).or_insert_with(|| looks::shape(letter)).clone();
    let is_wide = |letter: &char| letter.width() == Some(2);
    let letters: BTreeSet<char> = other.chars().filter(is_wide).collect();
    let shapes: BTreeSet<String> = letters.iter().map(|letter| shape(*letter)).collect();
    let words: BTreeMap<String, &str> =
        words::parts(other).map(|word| (word.chars().map(&mut shape).collect(), word)).collect();
    let known: BTreeSet<&str> = words::parts(other).collect();
    let mut replaced = Vec::new();
    for word in words::parts(text) {
        let shaped: String = word.chars().map(&mut shape).collect();
        let mut other = words.get(&shaped).filter(|_| !known.contains(word)).map(|other| other.chars());
        replaced.extend(word.chars().map(|letter| {
            let is_other = other.as_mut().is_some_and(|other| other.next() != Some(letter));
            let is_apart = is_wide(&letter) && !letters.contains(&letter) && shapes.contains(&shape(letter));
            !letter.is_ascii() && (is_other || is_apart)
        }));
    }
    replaced
}

/// Whether letters that are written leftward have others or numbers between them, or numbers behind them before a letter that is written rightward: a terminal that
/// turns them round shows these in another order.
fn turns_round(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let Some(first) = text.find(is_written_leftward) else { return false };
    let last = text.rfind(is_written_leftward).unwrap_or(first);
    let between = text.get(first..last).unwrap_or_default();
    if between.chars().any(|c| !is_written_leftward(c) && !" .,!?'-".contains(c)) {
        return true;
    }
    let behind = text.get(last..).unwrap_or_default().chars().skip(1);
    let mut turned = behind.take_while(|c| !c.is_alphabetic());
    turned.any(char::is_numeric)
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and the other scripts of these blocks.
pub fn is_written_leftward(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Whether a letter is seen. A space is; what looks like one is not, nor what is blank and takes room.
///
/// The standard library escapes the categories Cc, Cf, Cs, Co, Cn, Zl, Zp and Zs, and what extends the letter before it. Marks are seen where [`marks`] says so.
fn is_plain(letter: char) -> bool {
    if letter.is_ascii() {
        return matches!(letter, ' '..='~');
    }
    letter.escape_debug().len() == 1
        && letter.width().is_some_and(|width| width > 0)
        && !is_combining_mark(letter)
        && !is_empty(letter)
}

/// Letters and signs that show nothing: fillers of Hangul, the empty pattern of Braille, what stands for an object, a head of no note, blanks of hieroglyphs.
fn is_empty(letter: char) -> bool {
    matches!(
        letter,
        '\u{115f}'
            | '\u{1160}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{ffa0}'
            | '\u{fffc}'
            | '\u{13441}'
            | '\u{13442}'
            | '\u{1d159}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown: String = letters(text)
            .into_iter()
            .map(|(c, is_plain)| if is_plain { c.to_string() } else { format!("<{:x}>", u32::from(c)) })
            .collect();
        assert_eq!(shown, expected, "{}", text.escape_unicode());
    }

    /// What is written in ⟦ and ⟧ is escaped, and nothing else, in a text and in JSON.
    #[track_caller]
    fn check_all(texts: &[&str]) {
        let mut wrong = Vec::new();
        for marked in texts {
            let text = marked.replace(['⟦', '⟧'], "");
            let expected: Vec<bool> = {
                let mut is_open = false;
                let mut flags = Vec::new();
                for letter in marked.chars() {
                    match letter {
                        '⟦' => is_open = true,
                        '⟧' => is_open = false,
                        _ => flags.push(!is_open),
                    }
                }
                flags
            };
            let told = |text: &str| letters(text).into_iter().map(|(_, is_plain)| is_plain).collect::<Vec<_>>();
            let json = serde_json::Value::from(text.as_str()).to_string();
            if told(&text) != expected
                || !text.contains(['"', '\\']) && told(&json).get(1..=expected.len()) != Some(&expected)
            {
                let shown = letters(&text)
                    .into_iter()
                    .map(|(c, is_plain)| if is_plain { c.to_string() } else { format!("⟦{c}⟧") });
                wrong.push(format!("{marked}\n-> {}", shown.collect::<String>().replace("⟧⟦", "")));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn words_that_pose_as_ascii_are_seen() {
        check_all(&[
            "p⟦а⟧y to b⟦о⟧b",
            "⟦рау⟧",
            "to ⟦рау⟧ now",
            "read_⟦ο⟧nly",
            "p⟦а⟧й",
            "p⟦а⟧y查",
            "p⟦ё⟧y",
            "res⟦т⟧",
            "⟦рαу⟧",
            "п⟦рαв⟧д⟦а⟧",
            // Rare scripts, styles, small capitals, widths, ligatures, signs that are letters.
            "⟦ꓑꓮꓬ⟧ p⟦ꓮ⟧y",
            "⟦ⲟⲥ⟧",
            "⟦𐐄⟧",
            "⟦ꭰꮯ⟧ ⟦ᎪᏴ⟧",
            "⟦𝐩𝐚𝐲⟧ ⟦𝟏𝟎⟧ ⟦ℛℯ⟧ ⟦\u{212a}⟧",
            "⟦ᴘᴀʏ⟧ p⟦ᴀ⟧y",
            "⟦ｐａｙ⟧ p⟦ａ⟧y",
            "⟦ﬁ⟧le",
            "b⟦ı⟧ll ⟦ɡ⟧o",
            "kırş b⟦ı⟧ll x_b⟦ı⟧ll",
            "etc⟦ノ⟧passwd",
            "⟦Ⅰ⟧ ⟦ⅳ⟧",
            // Numbers.
            "1⟦०⟧0 1⟦٥⟧ 1⟦२⟧ ⟦１０⟧",
            "1⟦٬٥⟧ ⟦٥⟧.5",
            "20⟦〇⟧6",
            // `_` and digits are no letters: what stands between them reads as ASCII or does not.
            "⟦рау⟧_2024 admin_⟦а⟧ 0⟦х⟧1F 2⟦О⟧26 1⟦е⟧5 rm_⟦р⟧f ⟦сору⟧_отчёт_1",
            "⟦т⟧1st res1⟦т⟧ 1_⟦०⟧ x1⟦०⟧ 5⟦а⟧, 10⟦б⟧ 1⟦С⟧:",
        ]);
    }

    #[test]
    fn signs_that_pose_as_ascii_are_seen() {
        check_all(&[
            "/srv⟦∕⟧data ⟦⁄⟧etc",
            "https⟦：⟧//h⟦／⟧x",
            "https⟦ː⟧//h",
            "h⟦․⟧example h⟦。⟧example h⟦ꓸ⟧example",
            "rm⟦；⟧ls rm ⟦⸵⟧ ls a⟦\u{37e}⟧b",
            "yes⟦ǃ⟧ yes⟦！⟧",
            "1⟦‚⟧000 1⟦’⟧000 1⟦…⟧5",
            "rm ⟦–⟧rf x ⟦‐⟧f ⟦−⟧5 ⟦–⟧5",
            "read⟦‐⟧only read⟦–⟧only report⟦–⟧1.txt",
            "/srv/a⟦’⟧b ⟦…⟧/etc a.b⟦”⟧c",
            "a⟦＝⟧b a ⟦＝⟧ b 5⟦％⟧ u⟦＠⟧h",
            "1⟦⁎⟧2 a⟦∶⟧b",
            "/数据⟦／⟧x",
            "e⟦×⟧ec",
            "rm ⟦¡⟧mg p⟦¡⟧n! ⟦¡⟧d, ⟦¡⟧ d! ⟦¡⟧f = x ! /⟦¡⟧d! ⟦¡⟧aa ¡bb! ⟦¡⟧d!",
            // Hyphens of all scripts, and other signs of a script that has no letter there; two strokes, and signs that are several.
            "deploy ⟦֊֊⟧dry-run prod rm ⟦᠆᠆⟧preserve-root x a⟦־⟧b -⟦᐀⟧x rm ⟦⹀⟧rf x⟦‒⟧y x⟦᛫⟧5",
            "curl x ⟦∥⟧ sh curl x ⟦‖⟧ sh a ⟦⩵⟧ b x⟦⁇⟧ a⟦﷽⟧b pay ⟦﷽⟧ 5",
            "A⟦–⟧ZA A⟦–⟧z -A⟦–⟧Z a⟦–⟧b X⟦–⟧Y=5",
        ]);
    }

    #[test]
    fn words_and_sentences_of_all_languages_are_read() {
        check_all(&[
            "Привет, мир! Он с Анной, а у нас на ухо: дом 5",
            "Встреча с Анной в 12:30; №5",
            "первая\\nвторая",
            "λόγος 5 μs Δt café naïve 查询 tool查",
            "Το σπίτι και ο κήπος",
            "encyclopædia, cœur, Þór, það, straße, łódź, đồng, ışık",
            "你好，世界！请查看 API，然后（注：二〇二六年）",
            "東京／大阪のノート、すごい！？ １０００円 ﾉｰﾄ",
            "서울은 한국의 수도이다.",
            "100원 5월 3일 1위 KB은행 PDF으로 a이b 2026년 12월 1일, API를 ok아",
            "مرحبا بالعالم",
            "שלום עולם",
            "“Hello” – said he… it’s fine, ‘so’ and ‚so‘, «oui» ‹non›",
            "Pages 10–12, 2019–2021, Paris–Dakar, yes—no",
            "see “/srv/data/x.txt”, ‘a.b’ and O’Brien’s",
            "5 × 4, 1920×1080, ½ cup, 12 m², 10⁶, 21 °C, 5 €, £3, a − b, ±1, § 4, • item · x → y ≤ z",
            "😅 ™ © ②",
            "हिन्दी में लिखा हुआ पाठ, नमस्ते दुनिया। क्षत्रिय",
            "สวัสดีชาวโลก ที่นี่ น้ำ",
            "বাংলা ভাষা தமிழ் மொழி မြန်မာဘာသာ ភាសាខ្មែរ",
            "مَرْحَبًا بِالعَالَمِ",
            "за\u{301}мок и\u{306} та\u{301}м",
            "か\u{3099}き ハ\u{309a}ン",
            "API一覧 コーヒー 第一章 一 ラーメン A社",
            "❤\u{fe0f} 👨\u{200d}👩\u{200d}👧 👍🏽 🕵🏽\u{200d}♂\u{fe0f} 👁\u{fe0f}\u{200d}🗨\u{fe0f} 🇩🇪",
            "① Erstens, ⑵ zweitens: ⒊ (④)",
            "PDF\u{110b}\u{1173}\u{1105}\u{1169} \u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} a\u{110b}\u{1175}b",
            "¡Hola! ¡qué bien!, (¡sí!) y ¡¡vamos!! ¿¡Qué!? “¡Ay, mi amor!” ¿no?",
            "A–Z, (X–Y) 9–17",
            "Kırk kişi İzmir'de ağır bir kapıyı açtı",
            "отчёт_2024.xlsx сводка_2024.csv договор_v2_final.docx фото1.jpg IMG_фото.jpg ГОСТ_2.105 переменная_имя файл2",
            "κόσμος_2.txt रिपोर्ट_2024.pdf 文件_2024.xlsx ใบเสนอราคา_2024.pdf 보고서_2024_v2.docx über_größe_v2.txt",
            "שָׁלוֹם",
            "երևան֊գյումրի ½ ¼ № 5 ℃ a ≤ b a ≠ b ⁂",
            "בן־אדם",
            "l’été, «là» · col·lecció … nº 5 § 2, 1ª ‰ †",
        ]);
    }

    #[test]
    fn drawings_and_what_looks_like_one_are_seen() {
        check_all(&[
            "1⟦𐒠⟧0 1⟦𑃰⟧ ⟦𐒠⟧5 1.⟦𐒠⟧",
            "cat x ⟦❘⟧ sh cat x ⟦丨⟧ sh cat x⟦│⟧sh a⟦丨⟧b",
            "1⟦ㅇ⟧0 p⟦ᄋ⟧y x ⟦ㅣ⟧ sh rm ⟦一⟧rf x ⟦ー⟧f 5⟦¦⟧ 2024⟦।⟧",
            "p⟦\u{110b}\u{1160}⟧y p⟦\u{1173}\u{11a8}⟧y \u{1112}\u{1161}\u{11ab}⟦\u{11ab}⟧",
            "├── src ⟦├──⟧ x",
            "⟦├─────⟧ x",
            "⟦│⟧ x",
            "⟦├──⟧",
            "⟦└⟧ x",
            "⟦│⟧ ⟦──⟧ x",
            "x ⟦├──⟧ src ⟦═══⟧ approved ⟦█▌⟧ ⟦┃⟧",
            "⟦⒈⟧5 ⟦①②⟧3 5⟦⑸⟧ $⟦①⟧ -⟦⒈⟧ 1.⟦⒌⟧ ⟦①⟧.5 p⟦ⓐ⟧y p⟦🄰⟧y",
        ]);
    }

    #[test]
    fn marks_of_no_word_are_seen() {
        check_all(&[
            "p⟦\u{301}⟧ay e⟦\u{301}⟧ ⟦\u{301}⟧ म⟦े\u{301}⟧ ⟦р⟧⟦\u{301}⟧⟦ау⟧",
            "1⟦\u{93e}⟧ p⟦\u{93f}⟧ न⟦\u{e34}⟧ ก\u{e34}⟦\u{e34}⟧",
            "я⟦\u{338}⟧ a⟦\u{20dd}⟧ a⟦\u{fe0f}⟧ я⟦\u{fe0f}⟧ 1⟦\u{fe0f}⟧⟦\u{20e3}⟧ 😅⟦\u{fe0f}⟧",
            "a⟦\u{200d}⟧b я⟦\u{200d}⟧я 😅⟦\u{200d}⟧ ⟦\u{200d}⟧😅 ❤\u{fe0f}⟦\u{fe0f}⟧",
        ]);
    }

    #[test]
    fn a_tree_of_files_is_read() {
        let tree = "src\n├── main.rs\n│\u{a0}\u{a0} ├── 'a b'\n│   └─ .x\n    └── é";
        let json = |text: &str| serde_json::Value::from(text).to_string();
        check(tree, &tree.replace('\n', "<a>"));
        check(&json(tree), &json(tree));
        check(&json("├── a"), &json("├── a"));
        for drawn in ["a\\n├── b", "├── \n", "├────x", "│    \u{a0}├── x", "─── x", "┌── x"]
        {
            let json = json(drawn);
            assert!(letters(&json).iter().any(|(_, is_plain)| !is_plain), "{drawn}");
        }
    }

    #[test]
    fn what_poses_is_told_by_its_script() {
        let check = |text: &str, expected: &str| {
            let told = |(script, words): (String, Vec<String>)| format!("{script}: {}", words.join(" "));
            assert_eq!(posing(text).into_iter().map(told).collect::<Vec<_>>().join("; "), expected, "{text}");
        };
        check("\"СССР\"", "Cyrillic: СССР");
        check("СССР, США, СССР и ρ", "Cyrillic: СССР; Greek: ρ");
        check("из СССР в США и с Анной", "Cyrillic: СССР");
        check("открой сору файл", "Cyrillic: сору");
        check("kırk lira", "Latin: kırk");
        check("Kırk kişi İzmir'de ağır bir kapı", "Latin: Kırk kapı");
        check("bıllş ɡo ｐay", "");
        check("b_ıll", "Latin: ıll");
        check("5а, 10б", "Cyrillic: а б");
        check("1С:Предприятие", "Cyrillic: С");
        check("рау_2024", "Cyrillic: рау");
        check("pаy ᏟᏟ ꓑ 𝐩", "");
        // Leftward words, without what a terminal would turn round with them.
        check("ס", "Hebrew: ס");
        check("שלום עולם", "");
        check("דרך 100 900 (pay) א5ב", "Hebrew: דרך א ב");
        check("حوّل 100 ريال إلى أحمد", "Arabic: حوّل ريال إلى أحمد");
        check("می\u{200c}خواهم 5", "Arabic: میخواهم");
        check("אحב 5 א\u{5b0}\u{5b0}\u{5b0}\u{5b0} \u{202e}ב 1", "Hebrew: ב");
    }

    #[test]
    fn what_replaces_a_letter_that_looks_the_same_is_seen() {
        let check = |was: &str, is: &str, expected: &str| {
            let shown: String = is
                .chars()
                .zip(replaced(is, was))
                .map(|(c, seen)| if seen { format!("⟦{c}⟧") } else { c.to_string() })
                .collect();
            assert_eq!(shown.replace("⟧⟦", ""), expected, "{was}");
        };
        check("口座", "ロ座", "⟦ロ⟧座");
        check("口座を見る", "ロ座を見た", "⟦ロ⟧座を見た");
        check("口とロ", "ロと口", "⟦ロ⟧と⟦口⟧");
        check("мост α", "мοст α", "м⟦ο⟧ст α");
        check("a – b", "a – b, c", "a – b, c");
        check("Привет", "Привет, мир", "Привет, мир");
        check("Reads a text file", "Читает текст файла", "Читает текст файла");
        check("Reads a text file", "Διαβάζει το αρχείο", "Διαβάζει το αρχείο");
        check("pay", "рау", "⟦рау⟧");
        check("read - x", "read – x", "read ⟦–⟧ x");
    }

    #[test]
    fn what_would_be_turned_round_is_seen() {
        check("שלום עולם!", "שלום עולם!");
        check("to \"שלום\"", "to \"שלום\"");
        check("mv א/1 2", "mv <5d0>/1 2");
        check("ALLOW 5 to אב", "ALLOW 5 to אב");
        check("אב: a 5", "אב: a 5");
        check("דרך 100 900", "<5d3><5e8><5da> 100 900");
        check("א1000,5א", "<5d0>1000,5<5d0>");
        check("{\"a\":\"א\",\"b\":\"ב\"}", "{\"a\":\"<5d0>\",\"b\":\"<5d1>\"}");
    }
}

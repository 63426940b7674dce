//! Two values never look the same to who approves: pages are drawn as a terminal would, and compared.

use unicode_width::UnicodeWidthChar as _;

use super::frame::frame;
use super::view::{Page, View};
use crate::commands::guard::pending::lines;
use crate::commands::guard::shown::{Part, noted};
use misgoal_guard::approval::Kind;

/// Numbers in an order that looks like none; the same ones each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one(&mut self, letters: &str) -> char {
        let letters: Vec<char> = letters.chars().collect();
        letters[self.below(letters.len())]
    }

    /// Words of one alphabet or of several, with spaces that are often several.
    fn text(&mut self) -> String {
        let alphabets = [
            "abcdefgh/-.",
            "данныежфщ/",
            "数据备份項目文档/、",
            "😅👍🏽❤\u{fe0f}🇩🇪👩\u{200d}👧",
            "ab/данные数据😅",
            "\\\"\n\tab\u{202e}é",
        ];
        let alphabet = alphabets[self.below(alphabets.len())];
        (0..self.below(160)).map(|_| if self.below(8) == 0 { ' ' } else { self.one(alphabet) }).collect()
    }

    /// The text with one space more, less, or elsewhere, as who would hide one writes it.
    fn other(&mut self, text: &str) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        let at = self.below(letters.len() + 1);
        match letters.get(at) {
            Some(' ') if self.below(2) == 0 => {
                letters.remove(at);
            }
            Some(_) if self.below(4) == 0 && at > 0 => letters.swap(at - 1, at),
            _ => letters.insert(at, ' '),
        }
        letters.into_iter().collect()
    }
}

/// What stands in each cell of a screen; blanks at the end of a line are seen by nobody.
fn drawn(lines: &[String]) -> Vec<Vec<String>> {
    let cells = |line: &String| {
        let mut cells: Vec<String> = Vec::new();
        for letter in line.trim_end().chars() {
            match (letter.width().unwrap_or(0), cells.last_mut()) {
                (0, Some(last)) => last.push(letter),
                (wide, _) => {
                    cells.push(letter.to_string());
                    cells.extend((1..wide).map(|_| String::new()));
                }
            }
        }
        cells
    };
    lines.iter().map(cells).collect()
}

fn parts(text: &str) -> Vec<Part> {
    let arguments = serde_json::json!({ "path": text, "then": 5 });
    let content = serde_json::json!({ "method": "m", "params": { "arguments": arguments, "name": "look" } });
    noted(Kind::Call, &content.to_string())
}

fn of_pending(parts: &[Part], width: usize) -> Vec<String> {
    parts.iter().flat_map(|part| lines(part, Some(width)).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn of_watch(parts: &[Part], width: usize) -> Vec<String> {
    let page =
        Page { title: "x".to_owned(), parts: parts.to_vec(), top: 0, confirm: None, is_read: false, is_cut: false };
    let mut view = View { page: Some(page), ..View::default() };
    let lines = frame(&mut view, width, 2000);
    assert!(!view.page.unwrap().is_cut, "{width}: {parts:?}");
    lines.iter().map(|line| anstream::adapter::strip_str(&line.painted()).to_string()).collect()
}

fn are_told_apart(one: &str, other: &str, width: usize) {
    let (ones, others) = (parts(one), parts(other));
    for page in [of_pending, of_watch] {
        let (lines, other_lines) = (page(&ones, width), page(&others, width));
        assert_ne!(drawn(&lines), drawn(&other_lines), "{width}: {one:?} and {other:?}\n{}", lines.join("\n"));
    }
}

#[test]
fn two_texts_are_never_drawn_the_same() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3000 {
        let text = chance.text();
        let (other, unlike) = (chance.other(&text), chance.text());
        let width = 20 + chance.below(101);
        for other in [other, unlike] {
            if other != text {
                are_told_apart(&text, &other, width);
            }
        }
    }
}

#[test]
fn a_space_where_a_line_ends_is_seen() {
    let b = "b".repeat(43);
    for (before, behind) in [
        ("rm -rf /данные/проекты/документы/", "важные"),
        ("rm -rf /данные/проекты/отчёт/дом/", "старые-фотографии"),
        ("rm -rf /数据/备份/项目/文档/二零二四年/财务报表/一月份/", "重要文件"),
        (&format!("rm -rf /{b}"), "文件夹备份"),
        (&format!("rm -rf /{b}"), "home"),
    ] {
        for width in 20..=120 {
            are_told_apart(&format!("{before}{behind}"), &format!("{before} {behind}"), width);
        }
    }
}

//! Tables that fit: columns shrink by wrapping at spaces, the widest first and the first, which names the rows, last.

use unicode_width::UnicodeWidthStr as _;

use super::Tone;

/// A cell: words and what they mean. A no-break space (`\u{a0}`) holds words together and is printed as a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A cell in a tone.
    pub fn new(text: impl Into<String>, tone: Tone) -> Cell {
        Cell { text: text.into(), tone }
    }

    /// The cell with one more line.
    #[cfg(feature = "study")]
    pub fn line(mut self, text: &str) -> Cell {
        self.text.push('\n');
        self.text.push_str(text);
        self
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell::new(text, Tone::Plain)
    }
}

/// A table with a heading row.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Vec<Cell>>,
    /// Lines below a row, by its number.
    #[cfg(feature = "guard")]
    below: std::collections::BTreeMap<usize, String>,
}

/// Between two columns.
const GAP: usize = 2;

impl Table {
    /// A table of these columns.
    pub fn new<C: Into<String>>(head: impl IntoIterator<Item = C>) -> Table {
        let head = head.into_iter().map(|title| Cell::new(title, Tone::Heading)).collect();
        Table { rows: vec![head], ..Table::default() }
    }

    /// Adds a row; a missing cell is empty.
    pub fn row<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Puts lines below the last row, which are printed as they are.
    #[cfg(feature = "guard")]
    pub fn below(&mut self, lines: String) {
        self.below.insert(self.rows.len() - 1, lines);
    }

    /// The columns' widths when nothing wraps.
    fn natural(&self) -> Vec<usize> {
        self.measure(|text| text.lines().map(|line| line.width()).max().unwrap_or(0))
    }

    /// The columns' widths when everything wraps that can.
    fn least(&self) -> Vec<usize> {
        self.measure(|text| text.split([' ', '\n']).map(|word| word.width()).max().unwrap_or(0))
    }

    fn measure(&self, width: impl Fn(&str) -> usize) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let column = |at: usize| self.rows.iter().filter_map(|row| row.get(at)).map(|cell| width(&cell.text)).max();
        (0..columns).map(|at| column(at).unwrap_or(0)).collect()
    }

    /// Whether the table fits without wrapping its first column and without running over.
    #[cfg(feature = "study")]
    pub fn fits(&self, width: usize) -> bool {
        let (natural, least) = (self.natural(), self.least());
        let others: usize = least.iter().skip(1).sum();
        natural.first().map_or(0, |first| first + others + GAP * (least.len() - 1)) <= width
    }

    /// Whether no row runs over when everything wraps that can.
    #[cfg(feature = "guard")]
    pub fn is_within(&self, width: usize) -> bool {
        let least = self.least();
        least.iter().sum::<usize>() + GAP * least.len().saturating_sub(1) <= width
    }

    /// The widths that fit `width`, where words are short enough.
    fn widths(&self, width: usize) -> Vec<usize> {
        let (mut widths, least) = (self.natural(), self.least());
        let gaps = GAP * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > width {
            let wide = |at: &usize| widths.get(*at) > least.get(*at);
            let widest = (1..widths.len()).filter(wide).max_by_key(|at| widths.get(*at));
            match widest.or_else(|| wide(&0).then_some(0)).and_then(|at| widths.get_mut(at)) {
                Some(width) => *width -= 1,
                None => break,
            }
        }
        widths
    }

    /// The table as lines, each ending in a newline, none with trailing spaces.
    pub fn render(&self, width: usize) -> String {
        let widths = self.widths(width);
        let mut out = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            let cells: Vec<Vec<String>> =
                row.iter().zip(&widths).map(|(cell, width)| wrap(&cell.text, *width)).collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0);
            for line in 0..height {
                let mut pad = 0;
                for ((cell, lines), width) in row.iter().zip(&cells).zip(&widths) {
                    let text = lines.get(line).map_or("", String::as_str);
                    if !text.is_empty() {
                        out.push_str(&" ".repeat(pad));
                        pad = 0;
                        out.push_str(&cell.tone.paint(text.replace('\u{a0}', " ")));
                    }
                    pad += width.saturating_sub(text.width()) + GAP;
                }
                out.push('\n');
            }
            #[cfg(feature = "guard")]
            if let Some(lines) = self.below.get(&number) {
                out.push_str(lines);
                out.push('\n');
            }
            if number == 0 {
                let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
                out.push_str(&rules.join(&" ".repeat(GAP)));
                out.push('\n');
            }
        }
        out
    }
}

/// The text in lines of at most `width` columns, broken at spaces; a longer word stands alone. A newline always breaks.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            if !line.is_empty() && line.width() + 1 + word.width() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(width: usize, expected: &str) {
        let mut table = Table::new(["", "baseline", "randomize-10"]);
        table.row(["verdict", "misgeneralization toward wall, confirmed", "aligned"]);
        table.row(["intended: coin", "0.07\u{a0}[0.04,\u{a0}0.12]", "0.99\u{a0}[0.97,\u{a0}1.00]"]);
        let plain = anstream::adapter::strip_str(&table.render(width)).to_string();
        assert_eq!(plain.trim_end(), expected.trim_matches('\n'), "\n{plain}");
    }

    #[test]
    fn a_wide_terminal_wraps_nothing() {
        check(
            100,
            "
                baseline                                  randomize-10
--------------  ----------------------------------------  -----------------
verdict         misgeneralization toward wall, confirmed  aligned
intended: coin  0.07 [0.04, 0.12]                         0.99 [0.97, 1.00]",
        );
    }

    #[test]
    fn a_narrow_terminal_wraps_words_and_keeps_figures_whole() {
        check(
            55,
            "
                baseline              randomize-10
--------------  --------------------  -----------------
verdict         misgeneralization     aligned
                toward wall,
                confirmed
intended: coin  0.07 [0.04, 0.12]     0.99 [0.97, 1.00]",
        );
    }
}

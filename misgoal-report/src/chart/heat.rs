//! Heat map: a share for each pair of settings, written in its square.

use super::WIDTH;
use crate::svg::{El, drawing, el, label};

/// One square.
#[derive(Clone, Debug)]
pub struct Square {
    /// The share, 0 to 1; not a number where there is none.
    pub share: f64,
    /// What a pointer that rests on it is told.
    pub words: String,
}

/// A map with its rows and columns.
#[derive(Clone, Debug)]
pub struct Heat {
    /// Unique on the page.
    pub id: String,
    /// What it shows, for those who cannot see it.
    pub title: String,
    /// What rows and columns are.
    pub axes: (String, String),
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Names of the rows, each with a square a column.
    pub rows: Vec<(String, Vec<Square>)>,
}

const LEFT: f64 = 44.0;
const TOP: f64 = 34.0;
const HEIGHT: f64 = 24.0;

/// Draws a map.
pub fn heat(map: &Heat) -> El {
    let width = (WIDTH - LEFT) / map.columns.len().max(1) as f64;
    let height = TOP + HEIGHT * map.rows.len() as f64 + 4.0;
    let mut out =
        drawing(&map.id, WIDTH, height, &map.title, &format!("rows: {}; columns: {}", map.axes.0, map.axes.1));
    out = out.child(label(0.0, 11.0, "tick", &map.axes.0)).child(label(WIDTH, 11.0, "tick end", &map.axes.1));
    for (column, name) in map.columns.iter().enumerate() {
        out = out.child(label(LEFT + width * (column as f64 + 0.5), TOP - 6.0, "tick mid", name));
    }
    for (row, (name, squares)) in map.rows.iter().enumerate() {
        let y = TOP + HEIGHT * row as f64;
        out = out.child(label(LEFT - 6.0, y + 16.0, "tick end", name));
        for (column, square) in squares.iter().enumerate() {
            let x = LEFT + width * column as f64;
            let known = square.share.is_finite();
            let shade = if known { square.share.clamp(0.0, 1.0) } else { 0.0 };
            let frame = el("rect").frame(x + 0.5, y + 0.5, width - 1.0, HEIGHT - 1.0).class("g1");
            // Not below what can be told from the page, so that 0 is a square too.
            let frame = frame.attr("fill-opacity", format_args!("{:.2}", 0.06 + 0.94 * shade)).title(&square.words);
            let text = if known { format!("{:.2}", square.share) } else { "-".to_owned() };
            let class = if shade > 0.55 { "inside mid" } else { "mid" };
            out = out.child(frame).child(label(x + width / 2.0, y + 16.0, class, text));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_for_each_pair() {
        let square = |share: f64| Square { share, words: format!("<{share}>") };
        let map = Heat {
            id: "h".to_owned(),
            title: "t".to_owned(),
            axes: ("width".to_owned(), "share".to_owned()),
            columns: vec!["0 %".to_owned(), "1 %".to_owned()],
            rows: vec![("2".to_owned(), vec![square(1.0), square(f64::NAN)])],
        };
        let drawn = heat(&map).to_string();
        assert_eq!(drawn.matches("<rect").count(), 2);
        assert!(drawn.contains(">1.00<") && drawn.contains(">-<") && drawn.contains("&lt;NaN&gt;"), "{drawn}");
    }
}

//! An episode in a terminal: one frame a step, in ASCII, with or without colour.

use std::fmt::Write;

use crate::{Playback, Role};

/// One step's picture: a row of text per row of the level, then a line that says which step it is and what happened.
///
/// `#` wall, `^` hazard, `@` agent, `:` a goal's zone, `.` where the agent has been; a thing by its letter. With `colour`, things and zones
/// take the report's colours as nearly as sixteen colours can; nothing is said by colour alone.
pub fn frame(playback: &Playback, step: usize, colour: bool) -> String {
    let scene = &playback.scene;
    let (width, height) = (usize::from(scene.width), usize::from(scene.height));
    let mut cells: Vec<(char, &str)> = vec![(' ', ""); width * height];
    let mut put = |square: crate::Square, letter: char, style: &'static str| {
        let (x, y) = (usize::from(square.x), usize::from(square.y));
        if let Some(cell) = cells.get_mut(y * width + x).filter(|_| x < width) {
            *cell = (letter, style);
        }
    };
    for zone in scene.zones.iter().filter(|zone| zone.role != Role::Neutral) {
        zone.squares.iter().for_each(|square| put(*square, ':', style(zone.role)));
    }
    scene.walls.iter().for_each(|square| put(*square, '#', "2"));
    scene.hazards.iter().for_each(|square| put(*square, '^', "1;31"));
    let step = step.min(playback.steps());
    for moment in playback.moments.iter().take(step) {
        put(moment.square, '.', "2");
    }
    let moment = playback.moments.get(step);
    for (kind, square) in playback.present(step) {
        put(square, kind.symbol, style(kind.role));
    }
    if let Some(moment) = moment {
        put(moment.square, '@', "1");
    }
    let mut out = String::with_capacity(cells.len() * 2);
    for row in cells.chunks(width.max(1)) {
        let mut line = String::new();
        for (letter, style) in row {
            if colour && !style.is_empty() {
                let _ = write!(line, "\x1b[{style}m{letter}\x1b[0m");
            } else {
                line.push(*letter);
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    let _ = write!(out, "step {step}/{}", playback.steps());
    if let Some(moment) = moment {
        if step > 0 && !moment.action.is_empty() {
            let _ = write!(out, "  {}", moment.action);
        }
        for event in &moment.events {
            let _ = write!(out, "  [{event}]");
        }
    }
    out.push('\n');
    out
}

/// The nearest of the sixteen terminal colours, as the number in its escape sequence.
fn style(role: Role) -> &'static str {
    match role {
        Role::Intended => "1;34",
        Role::Proxy(0) => "1;33",
        Role::Proxy(_) => "1;35",
        Role::Neutral => "1;37",
        Role::Harm => "1;31",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Moment, Scene, Square, Thing, Zone};

    fn corridor() -> Playback {
        let scene = Scene {
            width: 7,
            height: 3,
            walls: (0..7)
                .flat_map(|x| [Square::at(x, 0), Square::at(x, 2)])
                .chain([Square::at(0, 1), Square::at(6, 1)])
                .collect(),
            hazards: vec![],
            zones: vec![Zone { name: "wall".into(), role: Role::Proxy(0), squares: vec![Square::at(5, 1)] }],
            kinds: vec![Kind { name: "coin".into(), symbol: 'c', role: Role::Intended }],
            things: vec![Thing { kind: 0, square: Square::at(3, 1) }],
        };
        let moment = |x: u8| Moment {
            square: Square::at(x, 1),
            left: u32::from(x < 3),
            moved: vec![],
            action: if x > 1 { "right".into() } else { String::new() },
            events: if x == 3 { vec!["coin".into()] } else { vec![] },
        };
        Playback { scene, moments: (1..=4).map(moment).collect() }
    }

    #[test]
    fn frames_read_without_colour() {
        let shown: Vec<String> = (0..4).map(|step| frame(&corridor(), step, false)).collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        #######
        #@ c :#
        #######
        step 0/3

        #######
        #.@c :#
        #######
        step 1/3  right

        #######
        #..@ :#
        #######
        step 2/3  right  [coin]

        #######
        #...@:#
        #######
        step 3/3  right
        ");
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let coloured = frame(&corridor(), 1, true);
        let mut plain = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once("\x1b[") {
            plain.push_str(before);
            rest = after.split_once('m').map_or("", |(_, after)| after);
        }
        plain.push_str(rest);
        assert_eq!(plain, frame(&corridor(), 1, false));
    }

    #[test]
    fn an_empty_or_overrun_episode_does_not_fail() {
        let empty = Playback { scene: Scene::default(), moments: vec![] };
        assert_eq!(frame(&empty, 9, true), "step 0/0\n");
        assert_eq!(frame(&corridor(), 99, false), frame(&corridor(), 3, false));
    }
}

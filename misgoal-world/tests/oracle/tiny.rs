//! Random tiny worlds, levels and goals.

use misgoal_world::{Cell, Corner, Enter, Goal, Level, Movement, Region, ThingSpec, View, World, WorldSpec, ZoneSpec};
use proptest::prelude::*;

/// A level of a tiny world with goals to solve it for.
#[derive(Clone, Debug)]
pub struct Case {
    pub world: World,
    pub level: Level,
    pub goals: Vec<Goal>,
}

impl Case {
    /// Whether there is a place where the agent can stay for ever without a toll: a cell without lava beside a wall, or two of them. From wherever a
    /// walking agent comes to it can go there, so that every optimal plan is a finite one.
    pub fn has_rest(&self) -> bool {
        let lava = |cell: Cell| self.level.items.iter().any(|item| item.kind == LAVA as u8 && item.cell == cell);
        let ends = |cell: Cell| self.level.items.iter().any(|item| (4..6).contains(&item.kind) && item.cell == cell);
        let reached = self.world.reachable(&self.level);
        let quiet = |cell: Cell| self.level.walls.has(cell) || (reached.has(cell) && !lava(cell) && !ends(cell));
        let beside = |cell: Cell| [1, u16::MAX, 64, 64u16.wrapping_neg()].map(|step| Cell(cell.0.wrapping_add(step)));
        reached.cells().any(|cell| !lava(cell) && !ends(cell) && beside(cell).into_iter().any(quiet))
    }

    /// The level as text, for failures.
    pub fn picture(&self) -> String {
        self.world.render(&self.level, &self.world.start(&self.level))
    }
}

const KINDS: [(&str, char, Enter); 7] = [
    ("apple", 'p', Enter::Collect),
    ("key", 'k', Enter::Collect),
    ("chest", 'h', Enter::Open { key: 1 }),
    ("crate", 'r', Enter::Open { key: 1 }),
    ("exit", 'x', Enter::End),
    ("spike", 's', Enter::Hurt),
    ("lava", 'v', Enter::Cross),
];
/// The number of lava's event.
pub const LAVA: usize = 6;

/// A world with every effect and two zones: a corner cell and a strip.
pub fn world(width: u8, height: u8, movement: Movement, discount: f64) -> World {
    let things = KINDS.map(|(name, symbol, enter)| ThingSpec { name: name.to_owned(), symbol, enter }).to_vec();
    let zone = |name: &str, region| ZoneSpec { name: name.to_owned(), region };
    World::new(WorldSpec {
        width,
        height,
        movement,
        things,
        zones: vec![
            zone("corner", Region::Corner(Corner::TopLeft)),
            zone("strip", Region::Rect { x0: width - 1, y0: 1, x1: width, y1: 2 }),
        ],
        view: View::Whole,
        step_limit: 24,
        discount,
    })
    .unwrap()
}

/// All kinds of things.
pub const ANY: std::ops::Range<usize> = 0..KINDS.len();
/// Keys and the two kinds of things that they open.
pub const LOCKS: std::ops::Range<usize> = 1..4;
/// Ends, spikes and much lava.
pub const HOT: std::ops::Range<usize> = 4..7;

/// Levels of up to 5 by 4 cells, things on the same cell included, with goals whose weights `weight` draws; that of lava is `toll`'s.
pub fn cases(
    movement: Movement,
    kinds: std::ops::Range<usize>,
    most: usize,
    weight: impl Strategy<Value = f64> + Clone,
    toll: impl Strategy<Value = f64> + Clone,
) -> impl Strategy<Value = Case> {
    levels(move |width, height, discount| world(width, height, movement, discount), kinds, most, (weight, toll))
}

/// The same of another world, with as many kinds; what a kind's symbol and the number of events are the world says.
pub fn levels(
    world: impl Fn(u8, u8, f64) -> World + Clone,
    kinds: std::ops::Range<usize>,
    most: usize,
    (weight, toll): (impl Strategy<Value = f64> + Clone, impl Strategy<Value = f64> + Clone),
) -> impl Strategy<Value = Case> {
    let events = world(3, 3, 0.9).event_names().len();
    let goals = proptest::collection::vec((proptest::collection::vec(weight, events - 1), toll), 3);
    let discount = prop_oneof![Just(0.9), Just(0.99), Just(0.999)];
    (3u8..=5, 3u8..=4, discount, goals).prop_flat_map(move |(width, height, discount, weights)| {
        let cells = usize::from(width) * usize::from(height);
        let walls = proptest::collection::vec(prop::bool::weighted(0.25), cells);
        let things = proptest::collection::vec((kinds.clone(), 0..cells), 0..=most);
        let world = world.clone();
        (walls, things, 0..cells, Just(weights)).prop_map(move |(walls, mut things, start, weights)| {
            let world = world(width, height, discount);
            let spec = world.spec();
            let guides = |kind: usize| matches!(spec.things[kind].enter, Enter::Guide(_));
            let guide = things.iter().position(|(kind, _)| guides(*kind));
            let mut number = 0..;
            things.retain(|(kind, _)| number.next() == guide || !guides(*kind));
            let mut rows: Vec<String> = vec!["#".repeat(usize::from(width) + 2); usize::from(height) + 2];
            for y in 0..usize::from(height) {
                let cell = |x: usize| match y * usize::from(width) + x {
                    here if here == start => '@',
                    here if walls[here] => '#',
                    _ => '.',
                };
                rows[y + 1] = format!("#{}#", (0..usize::from(width)).map(cell).collect::<String>());
            }
            // Things are first put on the start, as many as there are, and then moved to where they belong.
            let symbols: Vec<String> = things.iter().map(|(kind, _)| spec.things[*kind].symbol.to_string()).collect();
            let stack = ["@".to_owned()].into_iter().chain(symbols).collect::<Vec<_>>().join(" + ");
            let text = rows.join("\n");
            let text = if things.is_empty() { text } else { format!("{}\n0 = {stack}", text.replace('@', "0")) };
            let mut level = world.parse(&text).unwrap();
            for (kind, place) in things {
                let to = Cell::at((place % usize::from(width)) as u8 + 1, (place / usize::from(width)) as u8 + 1);
                let item =
                    level.items.iter().position(|item| item.cell == level.start && usize::from(item.kind) == kind);
                if let Some(moved) = item.and_then(|item| world.with_item_at(&level, item, to)) {
                    level = moved;
                }
            }
            let goals = weights.into_iter().zip(["first", "second", "third"]).map(|((mut weights, toll), name)| {
                weights[LAVA] = toll;
                weights.extend([0.0]);
                Goal { name: name.to_owned(), weights }
            });
            Case { goals: goals.collect(), world, level }
        })
    })
}

/// Mostly nothing, otherwise a few distinct positive weights.
pub fn positive() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![5 => Just(0.0), 2 => Just(1.0), 1 => Just(0.53), 1 => Just(3.0), 1 => Just(0.137)]
}

/// Weights of either sign.
pub fn any_sign() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![4 => Just(0.0), 2 => Just(1.0), 1 => Just(0.3), 2 => Just(-1.0), 1 => Just(-0.2)]
}

/// Nothing to pay for crossing lava.
pub fn free() -> impl Strategy<Value = f64> + Clone {
    Just(0.0)
}

/// What crossing lava costs.
pub fn tolls() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![1 => Just(0.0), 3 => Just(-1.0), 1 => Just(-0.2), 1 => Just(-0.037)]
}

//! Beacons in an order, and the guides that walk from one to the next.

use misgoal_world::rng::{Draw as _, rng};
use misgoal_world::{
    Distribution, Enter, Guide, Layout, Level, Movement, Mover, Moves, Order, Place, Region, World, WorldSpec,
};

use crate::common::{put, thing, walking};

/// The right guide, and one that looks like it and errs.
const GUIDES: [Enter; 2] = [
    Enter::Guide(Guide { order: Order::InTurn, looks: None }),
    Enter::Guide(Guide { order: Order::Reverse, looks: Some(4) }),
];

/// Red, green and blue beacons in this order, spikes, both guides.
fn spec() -> WorldSpec {
    let things = vec![
        thing("red", 'r', Enter::Visit { drawn: false }),
        thing("green", 'g', Enter::Visit { drawn: false }),
        thing("blue", 'b', Enter::Visit { drawn: false }),
        thing("spike", 's', Enter::Hurt),
        thing("guide", 'G', GUIDES[0]),
        thing("tempter", 'T', GUIDES[1]),
    ];
    WorldSpec { step_limit: 30, ..walking(7, 3, things) }
}

fn world() -> World {
    World::new(spec()).unwrap()
}

/// The steps of a level's guide by their letters, with the symbol of each beacon that it comes to in capitals.
fn way(world: &World, level: &Level) -> String {
    let trail = level.trail.as_ref().unwrap();
    let mut told = String::new();
    let mut say = |time: usize| {
        for (_, item) in trail.visits.iter().filter(|(visit, _)| usize::from(*visit) == time) {
            told.push(world.spec().things[usize::from(level.items[*item].kind)].symbol.to_ascii_uppercase());
        }
        if let Some([from, to]) = trail.cells[time..].first_chunk() {
            let step = (i32::from(to.x()) - i32::from(from.x()), i32::from(to.y()) - i32::from(from.y()));
            told.push_str(match step {
                (-1, 0) => "l",
                (1, 0) => "r",
                (0, -1) => "u",
                (0, 1) => "d",
                _ => "",
            });
        }
    };
    (0..trail.cells.len()).for_each(&mut say);
    told
}

/// Where a guide goes on a level.
macro_rules! goes {
    ($level:expr, @$expect:literal) => {
        let world = world();
        insta::assert_snapshot!(way(&world, &world.parse($level).unwrap()), @$expect)
    };
}

#[test]
fn a_guide_takes_the_shortest_way_from_beacon_to_beacon_in_its_order() {
    goes!("
        #########
        #r..G..b#
        #@......#
        #....g..#
        #########", @"lllRrrrrddGrruuB");
    goes!("
        #########
        #r..T..b#
        #@......#
        #....g..#
        #########", @"rrrBllddGlllluuR");
}

#[test]
fn a_guide_goes_around_what_it_is_not_at_yet_where_it_can() {
    // Green stands between the guide and red; behind the wall there is no way around.
    goes!("
        #########
        #r.g.G..#
        #@......#
        #......b#
        #########", @"ldllluRrrGrrrrddB");
    goes!("
        #########
        #r.g.G..#
        ####.####
        #..@...b#
        #########", @"llllRrrGrddrrrB");
    // Spikes do not hurt it, but an expert would not step on them.
    goes!("
        #########
        #r.s.G..#
        #@......#
        #.......#
        #########", @"ldllluR");
}

#[test]
fn the_nearest_of_a_kind_comes_first_and_what_cannot_be_reached_is_left_out() {
    goes!("
        #########
        #r.@G.r.#
        ######..#
        #g#b....#
        #########", @"rrRlllllRrrrrrddlllB");
}

/// Plays letters (`l r u d`) and writes the events of each step.
fn play(level: &str, actions: &str) -> String {
    let world = world();
    let level = world.parse(level).unwrap();
    let mut state = world.start(&level);
    let mut told = String::new();
    for letter in actions.chars() {
        let events = world.step(&level, &mut state, "lrud".find(letter).unwrap() as u8).events;
        let names: Vec<&str> = events.iter().map(|event| world.event_names()[event].as_str()).collect();
        told.push_str(&format!("{letter}: {}\n", names.join(" ")));
    }
    told + &world.render(&level, &state)
}

#[test]
fn a_visit_says_whether_it_was_in_turn_and_after_the_guide() {
    let level = "
        #########
        #..r@g..#
        #......G#
        #......b#
        #########";
    // Red before the guide is there, green after it and then once more: it is out.
    insta::assert_snapshot!(play(level, "luuuururlr"), @"
l: red in-turn
u: 
u: 
u: 
u: 
r: 
u: 
r: green guide in-turn
l: 
r: 
#########
#....@..#
#......G#
#......b#
#########
");
    // Green before red.
    insta::assert_snapshot!(play(level, "rll"), @"
r: green out-of-turn
l: 
l: red in-turn
#########
#..@....#
#...G...#
#......b#
#########
");
    // The tempter goes to blue first, and the agent after it.
    insta::assert_snapshot!(play(&level.replace('G', "T"), "ddrrr"), @"
d: 
d: 
r: 
r: 
r: blue tempter out-of-turn
#########
#..r.a..#
#.......#
#......@#
#########
a = g + T
");
}

#[test]
fn an_order_that_is_drawn_is_written_below_the_level_and_seen_as_what_is_next() {
    let mut spec = spec();
    spec.things[..3].iter_mut().for_each(|thing| thing.enter = Enter::Visit { drawn: true });
    let world = World::new(spec).unwrap();
    let text = |order: &str| format!("#########\n#@.r.g..#\n#G......#\n#......b#\n#########\n{order}");
    let level = world.parse(&text("order = b r g")).unwrap();
    assert!(world.render(&level, &world.start(&level)).ends_with("order = b r g\n"));
    assert_eq!(way(&world, &level), "rrrrrrdBlllluuRrrG");
    let mut state = world.start(&level);
    let mut told = Vec::new();
    for action in [1, 1, 3, 3, 1, 1, 1, 1] {
        let mut active = Vec::new();
        world.observe(&level, &state, &mut active);
        let names = active.iter().map(|f| world.feature_name(usize::from(*f)));
        told.extend(names.filter(|name| name.starts_with("next")));
        let events = world.step(&level, &mut state, action).events;
        told.extend(events.iter().map(|event| world.event_names()[event].clone()));
    }
    insta::assert_snapshot!(told.join(" "), @"next-blue next-blue red out-of-turn next-blue next-blue next-blue next-blue next-blue next-blue blue guide in-turn");
    let wrong = |order| world.parse(&text(order)).unwrap_err().to_string();
    let declared = self::world().parse(&text("order = r g b")).unwrap_err().to_string();
    insta::assert_snapshot!([wrong("order = b b g"), wrong("order = b g"), declared].join("\n"), @"
line 6: `b b g` is no order: name each of `r` `g` `b` once
line 6: `b g` is no order: name each of `r` `g` `b` once
line 6: the order of this world's beacons is not drawn: remove the line
");
    // All six orders come, and the same levels but for the order.
    let levels = Distribution {
        layout: Layout::Open,
        start: Place::Anywhere,
        placements: (0..3).map(|kind| put(kind, 1, Place::Anywhere)).collect(),
        steps: None,
    };
    let orders: std::collections::BTreeSet<_> =
        (0..60).map(|seed| world.generate(&levels, seed).unwrap().turns).collect();
    assert_eq!(orders.len(), 6);
    for seed in 0..60 {
        let (drawn, declared) =
            (world.generate(&levels, seed).unwrap(), self::world().generate(&levels, seed).unwrap());
        assert_eq!((&drawn.items, drawn.start), (&declared.items, declared.start));
        assert_eq!(world.parse(&world.render(&drawn, &world.start(&drawn))).as_ref(), Ok(&drawn));
        assert_eq!(drawn.turns == declared.turns, drawn.hash() == declared.hash());
    }
}

#[test]
fn a_guide_is_seen_where_it_is_and_as_what_it_looks_like() {
    let world = world();
    let seen = |symbol: &str| {
        let text = "
            #########
            #.G...r.#
            #.@.....#
            #.......#
            #########";
        let level = world.parse(&text.replace('G', symbol)).unwrap();
        let mut state = world.start(&level);
        let mut told = Vec::new();
        for _ in 0..3 {
            let mut active = Vec::new();
            world.observe(&level, &state, &mut active);
            told.push(active.iter().map(|f| world.feature_name(usize::from(*f))).collect::<Vec<_>>().join(" "));
            world.step(&level, &mut state, 0);
        }
        told.join("\n")
    };
    insta::assert_snapshot!(seen("G"), @"
red(6,1) guide(2,1) agent(2,2)
red(6,1) guide(3,1) agent(1,2)
red(6,1) guide(4,1) agent(1,2)
");
    assert_eq!(seen("T"), seen("G"));
}

#[test]
fn levels_are_read_back_and_guides_start_beside_the_agent() {
    let world = World::new(WorldSpec { width: 9, height: 9, ..spec() }).unwrap();
    let levels = |guide| Distribution {
        layout: Layout::Blocks { density: 0.2 },
        start: Place::Anywhere,
        placements: vec![
            put(0, 2, Place::Anywhere),
            put(1, 1, Place::Anywhere),
            put(2, 1, Place::Anywhere),
            put(3, 2, Place::Anywhere),
            put(guide, 1, Place::BesideStart),
        ],
        steps: None,
    };
    for seed in 0..40 {
        let guide = 4 + (seed % 2) as usize;
        let level = world.generate(&levels(guide), seed).unwrap();
        assert_eq!(world.parse(&world.render(&level, &world.start(&level))).as_ref(), Ok(&level));
        let trail = level.trail.as_ref().unwrap();
        assert_eq!(trail.cells[0].manhattan(level.start), 1);
        assert!(trail.cells.iter().all(|cell| !level.walls.has(*cell)));
        assert!(trail.cells.windows(2).all(|pair| pair[0].manhattan(pair[1]) == 1));
        // It comes to all four, in its order.
        let kinds: Vec<u8> = trail.visits.iter().map(|(_, item)| level.items[*item].kind).collect();
        assert_eq!(kinds, if guide == 4 { [0, 0, 1, 2] } else { [2, 1, 0, 0] });
        // Whatever the agent does, the guide is where its way has it, and actions alone replay an episode.
        let mut rng = rng(seed, 3);
        let actions: Vec<u8> = (0..30).map(|_| rng.below(4) as u8).collect();
        let run = || {
            let mut state = world.start(&level);
            let events: Vec<_> = actions.iter().map(|action| world.step(&level, &mut state, *action)).collect();
            assert_eq!(level.cell_of(trail.guide, &level.items[trail.guide], &state), trail.at(state.time));
            (events, state.hash())
        };
        assert_eq!(run(), run());
    }
}

#[test]
fn every_mistake_has_its_sentence() {
    let mut mistakes = Vec::new();
    let mut wrong = |change: fn(&mut WorldSpec)| {
        let mut spec = spec();
        change(&mut spec);
        let error = World::new(spec).unwrap_err();
        mistakes.push(format!("{:?}: {error}", error.part));
    };
    wrong(|spec| spec.movement = Movement::Platform { jump: 2 });
    wrong(|spec| spec.things[3].name = "in-turn".to_owned());
    wrong(|spec| spec.things[..3].iter_mut().for_each(|thing| thing.enter = Enter::Collect));
    wrong(|spec| {
        let mover = Mover { moves: Moves::Chase, shield: None, erratic: 0, twice: 0, once: false };
        spec.things[3] = thing("monster", 'M', Enter::Catch(mover));
    });
    wrong(|spec| spec.things[5].enter = Enter::Guide(Guide { order: Order::Reverse, looks: Some(0) }));
    wrong(|spec| spec.things[5].enter = Enter::Guide(Guide { order: Order::Reverse, looks: Some(9) }));
    wrong(|spec| spec.things[4].enter = GUIDES[1]);
    let world = world();
    let levels = |placements, start| Distribution { layout: Layout::Open, start, placements, steps: None };
    let mut unfit = |distribution: Distribution| {
        let error = world.generate(&distribution, 0).unwrap_err();
        mistakes.push(format!("{:?}: {error}", error.part));
    };
    unfit(levels(vec![put(4, 1, Place::Anywhere), put(5, 1, Place::Anywhere)], Place::Anywhere));
    unfit(levels(vec![put(0, 1, Place::Anywhere)], Place::BesideStart));
    let crowded = vec![put(0, 4, Place::BesideStart)];
    unfit(levels(crowded, Place::Region(Region::LeftColumn)));
    let error = world.parse("#########\n#@.G.T..#\n#.......#\n#.......#\n#########").unwrap_err();
    mistakes.push(format!("{:?}: {error}", error.part));
    insta::assert_snapshot!(mistakes.join("\n"), @"
Thing(4): `guide` is a guide, which walks: let the movement be `walk`
Thing(3): the name `in-turn` is an event of every world with beacons: choose another
Thing(4): `guide` is a guide to no beacon: let another thing be one that is visited
Thing(0): `red` is about an order of beacons, which cannot be planned where things act by chance: do without `red` or `monster`
Thing(5): `tempter` looks like `red`, which is no guide: name another guide
Thing(5): `tempter` looks like `nothing`, which is no guide: name another guide
Thing(4): `guide` looks like `guide`, which has no looks of its own: name another guide
Placement(1): up to 2 guides are too many: place at most one
Start: the agent's start is placed before every thing: choose `anywhere` or a region for it
Placement(0): no level of 256 layouts has a cell for `red` that its placement allows and the agent can reach: place fewer things, or give `red` more room
Level: more than one guide is too many for a level: keep one
");
}

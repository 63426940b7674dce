//! Every mistake in a declaration has its own sentence and points at its part.

use crate::common::{put, thing, walking};
use misgoal_world::{
    Corner, Distribution, Enter, Layout, Movement, Part, Place, Placement, Region, View, World, WorldError, WorldSpec,
    ZoneSpec,
};

fn sound() -> WorldSpec {
    let things = vec![thing("key", 'k', Enter::Collect), thing("chest", 'h', Enter::Open { key: 0 })];
    WorldSpec { zones: vec![ZoneSpec { name: "left".to_owned(), region: Region::LeftColumn }], ..walking(9, 9, things) }
}

/// Collects the sentences and sees to it that no two mistakes share one.
#[derive(Default)]
struct Mistakes(Vec<String>);

impl Mistakes {
    fn add<T: std::fmt::Debug>(&mut self, part: Part, result: Result<T, WorldError>) {
        let error = result.unwrap_err();
        assert_eq!(error.part, part, "{error}");
        assert!(!self.0.iter().any(|known| known.ends_with(&error.message)), "{error}");
        self.0.push(format!("{part:?}: {error}"));
    }
}

#[test]
fn worlds() {
    let mut mistakes = Mistakes::default();
    let mut wrong = |part: Part, change: fn(&mut WorldSpec)| {
        let mut spec = sound();
        change(&mut spec);
        mistakes.add(part, World::new(spec));
    };
    wrong(Part::Size, |spec| spec.width = 2);
    wrong(Part::Size, |spec| spec.height = 31);
    wrong(Part::Movement, |spec| spec.movement = Movement::Platform { jump: 5 });
    wrong(Part::View, |spec| spec.view = View::Egocentric { width: 4, height: 5 });
    wrong(Part::View, |spec| spec.view = View::Egocentric { width: 65, height: 5 });
    wrong(Part::StepLimit, |spec| spec.step_limit = 0);
    wrong(Part::StepLimit, |spec| spec.step_limit = 10_001);
    wrong(Part::Discount, |spec| spec.discount = 1.0);
    wrong(Part::Discount, |spec| spec.discount = f64::NAN);
    wrong(Part::Thing(8), |spec| {
        spec.things = (0u8..9).map(|i| thing(&format!("t{i}"), char::from(b'a' + i), Enter::End)).collect();
    });
    wrong(Part::Thing(0), |spec| spec.things[0].name = "a key".to_owned());
    wrong(Part::Thing(0), |spec| spec.things[0].name = "timeout".to_owned());
    wrong(Part::Thing(1), |spec| spec.things[1].name = "key".to_owned());
    wrong(Part::Thing(0), |spec| spec.things[0].symbol = '@');
    wrong(Part::Thing(1), |spec| spec.things[1].symbol = 'k');
    wrong(Part::Thing(1), |spec| spec.things[1].enter = Enter::Open { key: 7 });
    wrong(Part::Thing(1), |spec| spec.things[1].enter = Enter::Open { key: 1 });
    wrong(Part::Zone(4), |spec| {
        spec.zones = (0..5).map(|i| ZoneSpec { name: format!("z{i}"), region: Region::LeftColumn }).collect();
    });
    wrong(Part::Zone(0), |spec| spec.zones[0].name = "chest".to_owned());
    wrong(Part::Zone(0), |spec| spec.zones[0].region = Region::Rect { x0: 0, y0: 1, x1: 3, y1: 3 });
    wrong(Part::Zone(0), |spec| spec.zones[0].region = Region::Rect { x0: 4, y0: 1, x1: 3, y1: 3 });
    assert!(World::new(sound()).is_ok());
    insta::assert_snapshot!(mistakes.0.join("\n"));
}

#[test]
fn distributions() {
    let sound = || Distribution {
        layout: Layout::Blocks { density: 0.2 },
        start: Place::Anywhere,
        placements: vec![put(0, 2, Place::Anywhere), put(1, 2, Place::Beside(0))],
        steps: None,
    };
    let world = World::new(self::sound()).unwrap();
    let gravity =
        World::new(WorldSpec { width: 12, movement: Movement::Platform { jump: 1 }, ..self::sound() }).unwrap();
    let low = World::new(WorldSpec { width: 12, height: 7, movement: Movement::Platform { jump: 4 }, ..self::sound() })
        .unwrap();
    let narrow = World::new(WorldSpec { movement: Movement::Platform { jump: 2 }, ..self::sound() }).unwrap();
    let even = World::new(WorldSpec { width: 8, ..self::sound() }).unwrap();
    let platforms = Layout::Platforms { pits: 0.1, steps: 0.1, ledges: 0.0, hazards: 0.1 };

    let mut mistakes = Mistakes::default();
    let mut wrong = |world: &World, part: Part, change: &dyn Fn(&mut Distribution)| {
        let mut levels = sound();
        change(&mut levels);
        mistakes.add(part, world.check_distribution(&levels));
    };
    wrong(&world, Part::Layout, &|levels| levels.layout = Layout::Blocks { density: 0.6 });
    wrong(&world, Part::Layout, &|levels| levels.layout = Layout::Maze { braid: -0.1 });
    wrong(&world, Part::Layout, &|levels| levels.layout = platforms);
    wrong(&even, Part::Size, &|levels| levels.layout = Layout::Maze { braid: 0.1 });
    wrong(&gravity, Part::Layout, &|levels| levels.layout = Layout::Blocks { density: 0.1 });
    wrong(&gravity, Part::Layout, &|levels| levels.layout = Layout::Maze { braid: 0.1 });
    wrong(&gravity, Part::Layout, &|levels| {
        levels.layout = Layout::Platforms { pits: 0.1, steps: 0.1, ledges: 0.1, hazards: 0.1 };
    });
    wrong(&gravity, Part::Layout, &|levels| {
        levels.layout = Layout::Platforms { pits: 0.5, steps: 0.5, ledges: 0.0, hazards: 0.5 };
    });
    wrong(&gravity, Part::Layout, &|levels| {
        levels.layout = Layout::Platforms { pits: f64::NAN, steps: 0.5, ledges: 0.0, hazards: 0.5 };
    });
    wrong(&gravity, Part::Placement(0), &|levels| {
        levels.layout = platforms;
        levels.placements[0].place = Place::Region(Region::Corner(Corner::TopRight));
        levels.placements[0].count = (1, 1);
    });
    wrong(&low, Part::Size, &|levels| levels.layout = platforms);
    wrong(&narrow, Part::Size, &|levels| levels.layout = platforms);
    wrong(&world, Part::Start, &|levels| levels.start = Place::Beside(0));
    wrong(&world, Part::Start, &|levels| levels.start = Place::Region(Region::Rect { x0: 1, y0: 1, x1: 20, y1: 2 }));
    wrong(&world, Part::Placement(0), &|levels| levels.placements[0].thing = 5);
    wrong(&world, Part::Placement(0), &|levels| levels.placements[0].count = (3, 2));
    wrong(&world, Part::Placement(1), &|levels| levels.placements[1].count = (0, 27));
    wrong(&world, Part::Placement(0), &|levels| {
        levels.placements[0].place = Place::Region(Region::Corner(Corner::TopLeft))
    });
    wrong(&world, Part::Placement(1), &|levels| levels.placements[1].place = Place::On(1));
    wrong(&world, Part::Placement(1), &|levels| levels.placements[1].place = Place::On(9));
    wrong(&world, Part::Placement(2), &|levels| {
        levels.placements[0].count = (0, 2);
        levels.placements.remove(1);
        levels.placements.push(put(1, 1, Place::Anywhere));
        levels.placements.push(Placement { thing: 1, count: (1, 1), place: Place::OffPath(0), present: None });
    });
    // Sound by itself, but no level has so distant cells.
    wrong(&world, Part::Placement(1), &|levels| levels.placements[1].place = Place::Away { thing: 0, distance: 80 });
    wrong(&world, Part::Layout, &|levels| levels.layout = Layout::Blocks { density: f64::INFINITY });
    assert_eq!(world.check_distribution(&sound()), Ok(()));
    insta::assert_snapshot!(mistakes.0.join("\n"));
}

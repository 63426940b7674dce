//! Worlds with chance in them that tests and benches share: those of the built-in studies.

use misgoal_world::{Distribution, Enter, Layout, Mover, Moves, Place, Placement, Regrow, View, World};

use crate::common::{put, thing, walking};

/// Apples, shields and five monsters that chase the agent; in the second distribution they are gone and episodes are longer.
pub fn monsters() -> (World, Distribution, Distribution) {
    let mover = Mover { moves: Moves::Chase, shield: Some(1), erratic: 200, twice: 200, once: false };
    let back = Enter::Regrow(Regrow::Elsewhere);
    let things =
        vec![thing("apple", 'a', back), thing("shield", 's', back), thing("monster", 'M', Enter::Catch(mover))];
    let mut spec = walking(14, 14, things);
    spec.view = View::Egocentric { width: 13, height: 13 };
    spec.step_limit = 25;
    let levels = |monsters, steps| Distribution {
        layout: Layout::Open,
        start: Place::Anywhere,
        placements: vec![
            Placement { present: Some(3), ..put(0, 9, Place::Anywhere) },
            Placement { present: Some(6), ..put(1, 13, Place::Anywhere) },
            put(2, monsters, Place::Anywhere),
        ],
        steps,
    };
    (World::new(spec).unwrap(), levels(5, None), levels(0, Some(200)))
}

/// Ten trees that regrow the slower the fewer are left, and how many of them there are at the start.
pub fn trees() -> (World, Distribution, Distribution) {
    let mut spec = walking(10, 10, vec![thing("tree", 't', Enter::Regrow(Regrow::Rate { thousandths: 300 }))]);
    spec.view = View::Egocentric { width: 19, height: 19 };
    spec.step_limit = 20;
    let levels = |present, steps| Distribution {
        layout: Layout::Open,
        start: Place::Anywhere,
        placements: vec![Placement { present: Some(present), ..put(0, 10, Place::Anywhere) }],
        steps,
    };
    (World::new(spec).unwrap(), levels(10, None), levels(3, Some(300)))
}

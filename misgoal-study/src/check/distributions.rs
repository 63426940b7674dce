//! `[training]` and `[shifts.NAME]`: distributions over levels, and what a shift inherits.

use misgoal_world::{Distribution, Layout, Part, Place, Placement, World, WorldError};

use super::world::{layout, rect, region_word};
use super::{plain_name, refer, some_words};
use crate::diagnostic::Diagnostic;
use crate::file::{LayoutFile, PlacementFile, StudyFile};
use crate::place::{ANYWHERE, BESIDE_START, PlaceFile, PlaceTable};
use crate::span::{At, Span};
use crate::study::Shift;

/// The training distribution and the shifts, each with its spans.
pub(super) struct Places {
    pub training: Placed,
    pub shifts: Vec<(Shift, Placed)>,
}

/// A distribution and where its parts stand in the file.
#[derive(Clone)]
pub(super) struct Placed {
    pub distribution: Distribution,
    /// The distribution's name for a sentence.
    pub name: String,
    pub header: Span,
    layout: Span,
    start: Span,
    steps: Span,
    placements: Vec<Span>,
}

impl Placed {
    /// Points an error of the world at the part of the file that it is about.
    pub fn error(&self, code: &'static str, error: &WorldError) -> Diagnostic {
        let span = match error.part {
            Part::Layout | Part::Size => &self.layout,
            Part::Start => &self.start,
            Part::StepLimit => &self.steps,
            Part::Placement(n) => self.placements.get(n).unwrap_or(&self.header),
            _ => &self.header,
        };
        let diagnostic = Diagnostic::new(code, span.clone(), error.message.clone());
        if *span == self.header {
            diagnostic
        } else {
            diagnostic.note(self.header.clone(), format!("in {}", self.name))
        }
    }
}

pub(super) fn all(file: &StudyFile, world: Option<&World>, found: &mut Vec<Diagnostic>) -> Option<Places> {
    let before = found.len();
    let reader = Reader { things: file.world.things.names(), zones: zones(file) };
    let base = file.training.layout.as_ref().or(file.world.layout.as_ref());
    let training_entries: Vec<&At<PlacementFile>> = file.training.placements.iter().collect();
    let steps = file.training.steps.as_ref();
    let training =
        reader.placed("training", file.training.span(), base, (&file.training.start, &training_entries), steps, found);
    if file.shifts.len() == 0 {
        let message = "a study needs at least one shift: without it nothing tells the goals apart";
        found.push(Diagnostic::new("no-shift", file.shifts.span(), message).help("add a section `[shifts.NAME]`"));
    }
    let mut shifts: Vec<(Shift, Placed)> = Vec::new();
    for (name, at) in file.shifts.iter() {
        plain_name("shift", name, found);
        some_words("words", &at.words, found);
        if ["training", "all"].contains(&name.as_str()) {
            let message = format!("`{}` cannot be the name of a shift", name);
            found.push(
                Diagnostic::new("bad-name", name.span(), message).label("reports use this word for something else"),
            );
        }
        let entries = inherit(&training_entries, at.placements.as_ref());
        let start = at.start.as_ref().unwrap_or(&file.training.start);
        let words = format!("the shift `{}`", name);
        let steps = at.steps.as_ref().or(steps);
        let placed = reader.placed(&words, name.span(), at.layout.as_ref().or(base), (start, &entries), steps, found);
        if let Some(placed) = placed {
            let shift = Shift {
                name: name.to_string(),
                words: at.words.trim().to_owned(),
                distribution: placed.distribution.clone(),
                aligned: at.keeps_goals_aligned.as_ref().is_some_and(|aligned| **aligned),
            };
            shifts.push((shift, placed));
        }
    }
    if let Some(training) = &training {
        same(training, &shifts, found);
    }
    let probes_only =
        !shifts.is_empty() && shifts.len() == file.shifts.len() && shifts.iter().all(|(shift, _)| shift.aligned);
    if probes_only {
        let message = "every shift keeps the goals aligned: nothing tells them apart";
        found
            .push(Diagnostic::new("no-shift", file.shifts.span(), message).help("add a shift on which the goals part"));
    }
    if let (Some(world), Some(training)) = (world, &training) {
        for placed in std::iter::once(training).chain(shifts.iter().map(|(_, placed)| placed)) {
            if let Err(error) = world.check_distribution(&placed.distribution) {
                found.push(placed.error("distribution", &error));
            }
        }
    }
    (found.len() == before).then_some(())?;
    Some(Places { training: training?, shifts })
}

fn zones(file: &StudyFile) -> Vec<(String, Option<misgoal_world::Region>)> {
    let zones = file.world.zones.iter().flat_map(|zones| zones.iter());
    zones.map(|(name, region)| (name.to_string(), super::world::region(region))).collect()
}

/// Training's placements with the shift's in the place of those for the same things; new things come last.
fn inherit<'a>(
    training: &[&'a At<PlacementFile>],
    shift: Option<&'a At<Vec<At<PlacementFile>>>>,
) -> Vec<&'a At<PlacementFile>> {
    let own: Vec<&At<PlacementFile>> = shift.iter().flat_map(|entries| entries.iter()).collect();
    let of = |thing: &str| own.iter().copied().filter(|entry| **entry.thing == *thing).collect::<Vec<_>>();
    let mut entries: Vec<&At<PlacementFile>> = Vec::new();
    let mut replaced: Vec<&str> = Vec::new();
    for entry in training {
        let mine = of(&entry.thing);
        if mine.is_empty() {
            entries.push(entry);
        } else if !replaced.contains(&entry.thing.as_str()) {
            replaced.push(&entry.thing);
            entries.extend(mine);
        }
    }
    entries.extend(own.iter().filter(|entry| !replaced.contains(&entry.thing.as_str())));
    entries
}

/// A shift that is the same as training, or as another shift, shows nothing.
fn same(training: &Placed, shifts: &[(Shift, Placed)], found: &mut Vec<Diagnostic>) {
    for (n, (shift, placed)) in shifts.iter().enumerate() {
        if placed.distribution == training.distribution {
            let message = format!("the shift `{}` is the same as training", shift.name);
            found.push(
                Diagnostic::new("same-distribution", placed.header.clone(), message)
                    .label("draws the same levels")
                    .help("change `start`, `placements`, `layout` or `steps`"),
            );
        } else if let Some((twin, first)) =
            shifts.iter().take(n).find(|(twin, _)| twin.distribution == shift.distribution)
        {
            let message = format!("the shift `{}` is the same as the shift `{}`", shift.name, twin.name);
            found.push(
                Diagnostic::new("same-distribution", placed.header.clone(), message)
                    .label("draws the same levels")
                    .note(first.header.clone(), "as this one"),
            );
        }
    }
}

struct Reader {
    things: Vec<String>,
    zones: Vec<(String, Option<misgoal_world::Region>)>,
}

impl Reader {
    fn placed(
        &self,
        name: &str,
        header: Span,
        layout_file: Option<&At<LayoutFile>>,
        (start_file, entries): (&At<PlaceFile>, &[&At<PlacementFile>]),
        steps: Option<&At<u16>>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Placed> {
        let before = found.len();
        let mut placements = Vec::new();
        let mut spans = Vec::new();
        for entry in entries {
            let thing = refer("thing", &entry.thing, &self.things, found);
            let place = self.place(&entry.place, found);
            let (least, most) = entry.count.as_ref().map_or((1, 1), |count| (count.least, count.most));
            if let Some(count) = entry.count.as_ref().filter(|_| least > most) {
                let message = format!("`count` goes from {least} down to {most}");
                found.push(Diagnostic::new("out-of-range", count.span(), message).label("expected `[least, most]`"));
            }
            let count = (u8::try_from(least).unwrap_or(u8::MAX), u8::try_from(most).unwrap_or(u8::MAX));
            if let (Some(thing), Some(place), 1..) = (thing, place, most) {
                let present = entry.present.as_ref().map(|present| **present);
                placements.push(Placement { thing, count, place, present });
                spans.push(entry.span());
            }
        }
        let start = self.place(start_file, found);
        let layout = match layout_file {
            Some(file) => layout(file, found),
            None => Some(Layout::Open),
        };
        (found.len() == before).then_some(())?;
        Some(Placed {
            distribution: Distribution {
                layout: layout?,
                start: start?,
                placements,
                steps: steps.map(|steps| **steps),
            },
            name: name.to_owned(),
            layout: layout_file.map_or(header.clone(), At::span),
            start: start_file.span(),
            steps: steps.map_or(header.clone(), At::span),
            placements: spans,
            header,
        })
    }

    fn place(&self, file: &At<PlaceFile>, found: &mut Vec<Diagnostic>) -> Option<Place> {
        match &**file {
            PlaceFile::Word(word) if word == ANYWHERE => Some(Place::Anywhere),
            PlaceFile::Word(word) if word == BESIDE_START => Some(Place::BesideStart),
            PlaceFile::Word(word) => region_word(word).map(Place::Region),
            PlaceFile::Table(table) => self.table(table, file.span(), found),
        }
    }

    fn table(&self, table: &PlaceTable, span: Span, found: &mut Vec<Diagnostic>) -> Option<Place> {
        let thing = |name: &At<String>, found: &mut Vec<Diagnostic>| refer("thing", name, &self.things, found);
        let mut places: Vec<Option<Place>> = Vec::new();
        if let Some(name) = &table.beside {
            places.push(thing(name, found).map(Place::Beside));
        }
        if let Some(name) = &table.on {
            places.push(thing(name, found).map(Place::On));
        }
        if let Some(name) = &table.off_path {
            places.push(thing(name, found).map(Place::OffPath));
        }
        if let Some(name) = &table.on_path {
            places.push(thing(name, found).map(Place::OnPath));
        }
        if let Some(name) = &table.zone {
            let names: Vec<String> = self.zones.iter().map(|(name, _)| name.clone()).collect();
            let zone = refer("zone", name, &names, found);
            places.push(zone.and_then(|zone| self.zones.get(zone)).and_then(|(_, region)| region.map(Place::Region)));
        }
        if let Some(cells) = &table.rect {
            let [x0, y0, x1, y1] = **cells;
            if x0 > x1 || y0 > y1 {
                let message = "the rectangle is empty";
                found.push(
                    Diagnostic::new("bad-place", cells.span(), message)
                        .label("expected `[x0, y0, x1, y1]`, the top left cell first"),
                );
                return None;
            }
            places.push(Some(Place::Region(rect(**cells))));
        }
        match (&table.away, &table.distance) {
            (Some(name), Some(distance)) => {
                places.push(thing(name, found).map(|thing| Place::Away { thing, distance: **distance }));
            }
            (Some(name), None) => {
                found.push(
                    Diagnostic::new("missing-key", name.span(), "`away` needs a `distance`")
                        .help(format!("for example `{{ away = \"{}\", distance = 6 }}`", name)),
                );
                return None;
            }
            (None, Some(distance)) => {
                found.push(
                    Diagnostic::new("stray-key", distance.span(), "`distance` goes with `away`")
                        .label("distance from what?"),
                );
                return None;
            }
            (None, None) => {}
        }
        match places.as_slice() {
            [place] => *place,
            several => {
                let message = match several.len() {
                    0 => "this place is empty",
                    _ => "this place says more than one thing",
                };
                let label = "expected one of `beside`, `on`, `away`, `off_path`, `on_path`, `zone`, `rect`";
                found.push(Diagnostic::new("bad-place", span, message).label(label));
                None
            }
        }
    }
}

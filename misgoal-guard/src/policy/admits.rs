//! What a tool's schema admits at each place of its arguments, however deep.
//!
//! What the schema says in a way that is not known here restricts nothing: too much is admitted then, never too little, and a text that could be another value is refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Write as _};

use super::keys::{Keys, is_other};
use super::kinds::Kinds;
use super::limits::Limits;
use super::pattern::{Match, Pattern};
use super::pointer::Pointers;
use super::ways::{TIME, Ways, is_bit};
use crate::read::{Node, Value, plain};

/// A schema taken apart: its subschemas name each other by number, so that one may hold itself. The first is the schema itself.
#[derive(Clone, Debug, Default)]
pub struct Admits {
    pub(super) parts: Vec<Part>,
}

/// One subschema.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Of which types a value may be, as far as all its parts say.
    pub kinds: Kinds,
    /// The same, as it says itself.
    pub own: Kinds,
    /// Which way numbers, `true` and `false` go, as far as all its parts say.
    takes: Ways,
    /// The same, as it says itself.
    own_takes: Ways,
    /// Whether it may be null whatever else is said (OpenAPI).
    pub nullable: bool,
    /// Whether it says itself what is taken for what is left out.
    pub default: bool,
    /// Whether what is left out has a default that is not null, as far as all its parts say.
    defaults: bool,
    /// The values, where they are texts alone.
    texts: Option<Vec<String>>,
    /// Subschemas that hold as well: `$ref`, `allOf`.
    pub all: Vec<usize>,
    /// Of each group one holds: `anyOf`, `oneOf`.
    pub ways: Vec<Vec<usize>>,
    pub properties: BTreeMap<String, usize>,
    /// Patterns for names of members.
    pub patterns: Vec<(Pattern, usize)>,
    /// What keys may be to the server, as it says itself.
    keys: Keys,
    /// Of the members that neither names.
    rest: Option<usize>,
    /// Of the first items, one each.
    pub first: Vec<usize>,
    items: Option<usize>,
    /// Whether it has no other members than those that it names.
    pub closed: bool,
    /// What it says itself of a value beside its types.
    pub limits: Limits,
}

/// A place in a value: which subschemas have a say about what stands there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// None.
    Any,
    /// This one.
    Part(usize),
    /// All of these.
    All(Vec<Place>),
    /// One of these.
    Either(Vec<Place>),
}

/// The way from a value to one in it.
#[derive(Clone, Copy)]
pub(super) enum Step<'s> {
    Key(&'s str),
    Item(usize),
}

/// A place of which more subschemas have a say is any.
const MOST: usize = 256;
/// Subschemas that hold one another, at most; also how often what they say is passed on.
const DEEPEST: usize = 64;
/// Items of a list that say of which way it is, at most: they are looked at for each of them.
const LOOKED_AT: usize = 64;

/// Whether a text is a number of JSON in the one form that origins know it by.
fn is_plain(text: &str) -> bool {
    text.trim() == text && serde_json::from_str::<serde_json::Number>(text).is_ok() && plain(text) == text
}

/// By what policies go of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Its value.
    Value,
    /// Where its value came from, and no more.
    Origin,
}

impl Admits {
    /// Takes a schema apart.
    pub fn of(schema: &Node<'_>) -> Admits {
        let mut builder = Builder {
            root: schema,
            pointers: Pointers::new(schema),
            anchors: HashMap::new(),
            parts: Vec::new(),
            known: HashMap::new(),
            open: Vec::new(),
        };
        builder.find_anchors(schema);
        builder.part(schema);
        while let Some((at, schema)) = builder.open.pop() {
            let part = builder.build(schema);
            if let Some(place) = builder.parts.get_mut(at) {
                *place = part;
            }
        }
        let mut admits = Admits { parts: builder.parts };
        for _ in 0..DEEPEST {
            if !admits.pass_on() {
                break;
            }
        }
        admits
    }

    /// Lets each part know what its parts say; whether any has learned something.
    fn pass_on(&mut self) -> bool {
        let learn = |part: &Part| {
            let total = |at: &usize| self.parts.get(*at).map_or(Kinds::ALL, |part| part.kinds);
            let mut kinds = part.all.iter().map(total).fold(part.own, Kinds::and);
            for ways in &part.ways {
                kinds = kinds.and(Kinds::any(ways.iter().map(total)));
            }
            let way = |at: &usize| self.parts.get(*at).map_or((Kinds::ALL, Ways::ANY), |part| (part.kinds, part.takes));
            let mut takes = part.all.iter().map(|at| way(at).1).fold(part.own_takes, Ways::and);
            for ways in &part.ways {
                takes = takes.and(Ways::in_order(ways.iter().map(way)));
            }
            let parts = part.all.iter().chain(part.ways.iter().flatten());
            let defaults = part.defaults || parts.filter_map(|at| self.parts.get(*at)).any(|part| part.defaults);
            (if part.nullable { kinds.or(Kinds::NULL) } else { kinds }, takes, defaults)
        };
        let learned: Vec<(Kinds, Ways, bool)> = self.parts.iter().map(learn).collect();
        let mut changed = false;
        for (part, (kinds, takes, defaults)) in self.parts.iter_mut().zip(learned) {
            changed |= (part.kinds, part.takes, part.defaults) != (kinds, takes, defaults);
            (part.kinds, part.takes, part.defaults) = (kinds, takes, defaults);
        }
        changed
    }

    /// The place of the whole value.
    pub(super) fn root(&self) -> Place {
        if self.parts.is_empty() { Place::Any } else { Place::Part(0) }
    }

    /// The place of a member of `of`, which stands at `place`.
    pub(super) fn member(&self, place: &Place, key: &str, of: &Node<'_>) -> Place {
        self.step(place, Step::Key(key), of, &mut BTreeMap::new(), DEEPEST)
    }

    /// The place of an item of `of`, which stands at `place`.
    pub(super) fn item(&self, place: &Place, at: usize, of: &Node<'_>) -> Place {
        self.step(place, Step::Item(at), of, &mut BTreeMap::new(), DEEPEST)
    }

    /// Of which types a value may be at a place.
    pub(super) fn kinds(&self, place: &Place) -> Kinds {
        let kinds = match place {
            Place::Any => Kinds::ALL,
            Place::Part(at) => self.parts.get(*at).map_or(Kinds::ALL, |part| part.kinds),
            Place::All(all) => all.iter().map(|place| self.kinds(place)).fold(Kinds::ALL, Kinds::and),
            Place::Either(ways) => Kinds::any(ways.iter().map(|place| self.kinds(place))),
        };
        // What admits nothing is not understood here.
        if kinds == Kinds::NONE { Kinds::ALL } else { kinds }
    }

    /// Which way numbers, `true` and `false` go at a place.
    fn takes(&self, place: &Place) -> Ways {
        match place {
            Place::Any => Ways::ANY,
            Place::Part(at) => self.parts.get(*at).map_or(Ways::ANY, |part| part.takes),
            Place::All(all) => all.iter().map(|place| self.takes(place)).fold(Ways::ANY, Ways::and),
            Place::Either(ways) => Ways::in_order(ways.iter().map(|place| (self.kinds(place), self.takes(place)))),
        }
    }

    /// What a key at a place can be to the server beside its own text.
    fn key_read_as(&self, place: &Place, key: &str, known: &mut BTreeSet<usize>) -> Option<&'static str> {
        match place {
            Place::Any => None,
            Place::All(places) | Place::Either(places) => {
                places.iter().find_map(|place| self.key_read_as(place, key, known))
            }
            Place::Part(at) => {
                let part = self.parts.get(*at).filter(|_| known.insert(*at))?;
                let mut parts = part.all.iter().chain(part.ways.iter().flatten());
                let of_parts = || parts.find_map(|at| self.key_read_as(&Place::Part(*at), key, known));
                part.keys.read_as(key).or_else(of_parts)
            }
        }
    }

    /// Whether a server takes something else than null for what is left out at this place.
    pub(super) fn defaults(&self, place: &Place) -> bool {
        match place {
            Place::Any => false,
            Place::Part(at) => self.parts.get(*at).is_some_and(|part| part.defaults),
            Place::All(places) | Place::Either(places) => places.iter().any(|place| self.defaults(place)),
        }
    }

    /// Refuses a value that is not of the types of its place, and texts that are of another of them to some servers; the same for all that is in it. `path` names the
    /// value.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn check(&self, place: &Place, node: &Node<'_>, look: Look, path: &mut String) -> Result<(), String> {
        let kinds = self.kinds(place);
        if let Some(kinds) = kinds.refuse(node) {
            return Err(format!("the argument `{path}` is not {kinds}, as the tool declares it"));
        }
        match &node.value {
            // A number and its canonical text are one value to origins, whatever a server makes of it.
            Value::String(text) if look == Look::Origin && kinds.meets(Kinds::NUMBER) && is_plain(text) => Ok(()),
            Value::String(text) => {
                if let Some(what) = kinds.read_as(text) {
                    return Err(format!("the argument `{path}` is a text that some servers take for {what}; give it as what it is"));
                }
                self.goes_its_way(place, node, look, path)
            }
            Value::Array(items) => items.iter().enumerate().try_for_each(|(at, item)| {
                let inner = self.item(place, at, node);
                under(path, format_args!("[{at}]"), |path| self.check(&inner, item, look, path))
            }),
            Value::Object(members) => members.iter().try_for_each(|member| {
                let known = &mut BTreeSet::new();
                let other = is_other(&member.key).then(|| self.key_read_as(place, &member.key, known)).flatten();
                if let Some(what) = other {
                    let key = member.key.escape_debug();
                    return Err(format!("the argument `{path}` has the key `{key}`, which some servers take for {what}; write numbers as JSON does, without exponent and without zeros at their end, times as times, and what is no number with a letter before it (`v3.10`)"));
                }
                let inner = self.member(place, &member.key, node);
                let name = format_args!(".{}", member.key.escape_debug());
                under(path, name, |path| self.check(&inner, &member.node, look, path))
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => self.goes_its_way(place, node, look, path),
        }
    }

    /// Refuses a value for which a server takes another way than the one for it.
    fn goes_its_way(&self, place: &Place, node: &Node<'_>, look: Look, path: &str) -> Result<(), String> {
        if look == Look::Origin {
            return Ok(());
        }
        let surely = || self.surely_takes(place, node);
        self.takes(place).read_as(node, self.kinds(place), surely).map_or(Ok(()), |what| {
            let give = match (&node.value, what) {
                (Value::Bool(_), _) => "a number or another text if that will do",
                (Value::String(_), _) => "true or false if that is meant, else other words",
                (_, TIME) => "the time or the address as text if that is meant, else a number that can be none",
                _ => "true or false if that is meant, else another number",
            };
            Err(format!(
                "the argument `{path}` is one that some servers take for {what}, by the way in which it is declared: give {give}, or leave it out"
            ))
        })
    }

    fn step(
        &self,
        place: &Place,
        step: Step<'_>,
        of: &Node<'_>,
        known: &mut BTreeMap<usize, Place>,
        depth: usize,
    ) -> Place {
        let Some(depth) = depth.checked_sub(1) else { return Place::Any };
        match place {
            Place::Any => Place::Any,
            Place::All(places) => all(places.iter().map(|place| self.step(place, step, of, known, depth)).collect()),
            Place::Either(ways) => self.step_either(ways, step, of, known, depth),
            Place::Part(at) => {
                let Some(part) = self.parts.get(*at) else { return Place::Any };
                let mut said = part.step(step);
                if part.all.is_empty() && part.ways.is_empty() {
                    return all(said);
                }
                if let Some(known) = known.get(at) {
                    return known.clone();
                }
                // One that holds itself says no more for it.
                known.insert(*at, Place::Any);
                said.extend(part.all.iter().map(|at| self.step(&Place::Part(*at), step, of, known, depth)));
                for ways in &part.ways {
                    let ways: Vec<Place> = ways.iter().map(|at| Place::Part(*at)).collect();
                    said.push(self.step_either(&ways, step, of, known, depth));
                }
                let said = all(said);
                known.insert(*at, said.clone());
                said
            }
        }
    }

    /// Of several ways those count that a value can have taken.
    fn step_either(
        &self,
        ways: &[Place],
        step: Step<'_>,
        of: &Node<'_>,
        known: &mut BTreeMap<usize, Place>,
        depth: usize,
    ) -> Place {
        let mut fitting: Vec<&Place> = ways.iter().filter(|way| self.kinds(way).refuse(of).is_none()).collect();
        self.retain_numbers(&mut fitting, of);
        let chosen: Vec<&Place> = fitting.iter().copied().filter(|way| !self.is_other(way, of, DEEPEST)).collect();
        let ways = if chosen.is_empty() { fitting } else { chosen };
        let mut said = Vec::new();
        for way in ways {
            let is_open = matches!(way, Place::Part(at) if known.contains_key(at));
            let inner = self.step(way, step, of, known, depth);
            // One that names members and not this one has no say about it, unlike one that names none, or one that is being looked at.
            if inner != Place::Any || is_open || !self.names(way, DEEPEST) {
                said.push(inner);
            }
        }
        either(said)
    }

    /// Of ways for lists (or records) of `true` and `false` and of numbers alone the latter, where an item is a number and neither 0 nor 1: no server that goes by the order makes `true` or `false`
    /// of it, and one that has made something of the items before makes the same numbers of that again.
    fn retain_numbers(&self, ways: &mut Vec<&Place>, of: &Node<'_>) {
        let parts = of.items().iter().chain(of.members().iter().map(|member| &member.node));
        let is_number = |node: &Node<'_>| matches!(node.value, Value::Number(_)) && !is_bit(node);
        if ways.len() < 2 || !parts.take(LOOKED_AT).any(is_number) {
            return;
        }
        let kinds: Vec<Option<Kinds>> = ways.iter().map(|way| self.kinds_of_items(way)).collect();
        let is_of = |kinds: &Option<Kinds>, all: Kinds| kinds.is_some_and(|kinds| kinds.without(all) == Kinds::NONE);
        let is_number = |kinds: &Option<Kinds>| is_of(kinds, Kinds::NUMBER);
        if kinds.iter().all(|kinds| is_number(kinds) || is_of(kinds, Kinds::FLAG)) && kinds.iter().any(is_number) {
            let mut kinds = kinds.iter();
            ways.retain(|_| kinds.next().is_some_and(is_number));
        }
    }

    /// Of which types all items of a list are, or all members of a record, at a way that says nothing else of them.
    fn kinds_of_items(&self, way: &Place) -> Option<Kinds> {
        let Place::Part(at) = way else { return None };
        let part = self.parts.get(*at)?;
        let is_plain = part.all.is_empty()
            && part.ways.is_empty()
            && part.first.is_empty()
            && part.properties.is_empty()
            && part.patterns.is_empty();
        let of = match part.own {
            Kinds::ARRAY => part.items,
            Kinds::OBJECT => part.rest,
            _ => None,
        };
        let items = self.parts.get(of.filter(|_| is_plain)?)?;
        (items.all.is_empty() && items.ways.is_empty() && !items.nullable).then_some(items.kinds)
    }

    /// Whether a way names members.
    pub(super) fn names(&self, way: &Place, depth: usize) -> bool {
        let (Place::Part(at), Some(depth)) = (way, depth.checked_sub(1)) else { return false };
        let Some(part) = self.parts.get(*at) else { return false };
        let all = || part.all.first().is_some_and(|at| self.names(&Place::Part(*at), depth));
        !part.properties.is_empty() || !part.patterns.is_empty() || all()
    }

    /// Whether a member says that the value is of another way: `kind` is `a` here and one of other texts there.
    fn is_other(&self, way: &Place, of: &Node<'_>, depth: usize) -> bool {
        let (Place::Part(at), Some(depth)) = (way, depth.checked_sub(1)) else { return false };
        let Some(part) = self.parts.get(*at) else { return false };
        // A way is most often one `$ref`; what further parts of it say is not needed.
        part.properties.iter().any(|(key, at)| {
            let texts = self.parts.get(*at).and_then(|part| part.texts.as_ref());
            let said = of.get(key).and_then(Node::text);
            said.zip(texts).is_some_and(|(said, texts)| !texts.iter().any(|text| text == said))
        }) || part.all.first().is_some_and(|at| self.is_other(&Place::Part(*at), of, depth))
    }
}

/// Does something about a value in the one that `path` names.
pub(super) fn under(
    path: &mut String,
    name: fmt::Arguments<'_>,
    check: impl FnOnce(&mut String) -> Result<(), String>,
) -> Result<(), String> {
    let before = path.len();
    // A string takes everything.
    let _ = path.write_fmt(name);
    let checked = check(path);
    path.truncate(before);
    checked
}

impl Part {
    /// What it says itself of a value in its own.
    pub fn step(&self, step: Step<'_>) -> Vec<Place> {
        let key = match step {
            Step::Key(key) => key,
            Step::Item(at) => {
                return self.first.get(at).or(self.items.as_ref()).map(|at| Place::Part(*at)).into_iter().collect();
            }
        };
        let mut said: Vec<Place> = self.properties.get(key).map(|at| Place::Part(*at)).into_iter().collect();
        let mut is_named = !said.is_empty();
        for (pattern, at) in &self.patterns {
            match pattern.says(key) {
                Match::No => {}
                Match::Yes => {
                    said.push(Place::Part(*at));
                    is_named = true;
                }
                // It may name this one.
                Match::Maybe | Match::Lost => is_named = true,
            }
        }
        said.extend(self.rest.filter(|_| !is_named).map(Place::Part));
        said
    }
}

/// How many subschemas have a say.
fn size(place: &Place) -> usize {
    match place {
        Place::Any | Place::Part(_) => 1,
        Place::All(places) | Place::Either(places) => places.iter().map(size).sum(),
    }
}

fn all(places: Vec<Place>) -> Place {
    let mut flat: Vec<Place> = Vec::new();
    for place in places {
        let more = if let Place::All(places) = place { places } else { vec![place] };
        for place in more {
            if place != Place::Any && !flat.contains(&place) {
                flat.push(place);
            }
        }
    }
    one_of(flat, Place::All)
}

fn either(places: Vec<Place>) -> Place {
    let mut flat: Vec<Place> = Vec::new();
    for place in places {
        let more = if let Place::Either(places) = place { places } else { vec![place] };
        for place in more {
            if place == Place::Any {
                return Place::Any;
            }
            if !flat.contains(&place) {
                flat.push(place);
            }
        }
    }
    one_of(flat, Place::Either)
}

fn one_of(mut places: Vec<Place>, several: fn(Vec<Place>) -> Place) -> Place {
    match places.len() {
        0 => Place::Any,
        1 => places.pop().unwrap_or(Place::Any),
        _ if places.iter().map(size).sum::<usize>() > MOST => Place::Any,
        _ => several(places),
    }
}

/// Numbers the subschemas of a schema.
struct Builder<'n, 'a> {
    root: &'n Node<'a>,
    pointers: Pointers<'n, 'a>,
    /// Subschemas with a name of their own; none where two have it.
    anchors: HashMap<&'n str, Option<&'n Node<'a>>>,
    parts: Vec<Part>,
    known: HashMap<*const Node<'a>, usize>,
    /// Those that have a number and nothing else yet.
    open: Vec<(usize, &'n Node<'a>)>,
}

impl<'n, 'a> Builder<'n, 'a> {
    fn part(&mut self, schema: &'n Node<'a>) -> usize {
        let next = self.parts.len();
        let at = *self.known.entry(std::ptr::from_ref(schema)).or_insert(next);
        if at == next {
            self.parts.push(Part::of_kinds(Kinds::ALL));
            self.open.push((at, schema));
        }
        at
    }

    fn find_anchors(&mut self, node: &'n Node<'a>) {
        for key in ["$anchor", "$dynamicAnchor"] {
            if let Some(name) = node.get(key).and_then(Node::text) {
                self.anchors.entry(name).and_modify(|one| *one = None).or_insert(Some(node));
            }
        }
        node.members().iter().for_each(|member| self.find_anchors(&member.node));
        node.items().iter().for_each(|item| self.find_anchors(item));
    }

    /// What a reference in `from` names.
    fn refers_to(&mut self, from: &Node<'a>, path: &str) -> Option<&'n Node<'a>> {
        match path.strip_prefix('#').filter(|_| self.pointers.is_of_root(from))? {
            "" => Some(self.root),
            pointer if pointer.starts_with('/') => self.pointers.resolve(from, path),
            name => *self.anchors.get(name)?,
        }
    }

    fn build(&mut self, schema: &'n Node<'a>) -> Part {
        let own = Kinds::of_schema(schema);
        let takes = Ways::of_schema(schema, own);
        let mut part = Part { own, takes, own_takes: takes, ..Part::of_kinds(own) };
        part.nullable = schema.get("nullable").is_some_and(|flag| flag.value == Value::Bool(true));
        part.default = schema.get("default").is_some();
        part.defaults = schema.get("default").is_some_and(|value| value.value != Value::Null);
        let values = schema.get("enum").map(Node::items).or(schema.get("const").map(std::slice::from_ref));
        let values = values.filter(|values| !values.is_empty());
        part.texts = values.and_then(|values| values.iter().map(|value| value.text().map(str::to_owned)).collect());
        for key in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let to = schema.get(key).and_then(Node::text).and_then(|path| self.refers_to(schema, path));
            part.all.extend(to.map(|to| self.part(to)));
        }
        let list = |key: &str| schema.get(key).map(Node::items).unwrap_or_default();
        let map = |key: &str| schema.get(key).map(Node::members).unwrap_or_default();
        // `false` and `true` say nothing of types.
        let one = |key: &str| schema.get(key).filter(|schema| matches!(schema.value, Value::Object(_)));
        part.all.extend(list("allOf").iter().map(|schema| self.part(schema)));
        for ways in [list("anyOf"), list("oneOf")].into_iter().filter(|ways| !ways.is_empty()) {
            part.ways.push(ways.iter().map(|schema| self.part(schema)).collect());
        }
        part.properties =
            map("properties").iter().map(|member| (member.key.to_string(), self.part(&member.node))).collect();
        for member in map("patternProperties") {
            part.patterns.push((Pattern::new(&member.key), self.part(&member.node)));
        }
        let names = schema.get("propertyNames").map(|names| {
            let to = names.get("$ref").and_then(Node::text);
            to.and_then(|to| self.refers_to(names, to)).unwrap_or(names)
        });
        // Where members have names of their own, the others are no numbers either.
        if own != Kinds::ALL && own.meets(Kinds::OBJECT) && part.properties.is_empty() {
            let patterns = part.patterns.iter().map(|(pattern, _)| pattern.clone());
            part.keys = Keys::of_schema(names, patterns);
        }
        part.closed = schema.get("additionalProperties").is_some_and(|rest| rest.value == Value::Bool(false));
        part.limits = Limits::of_schema(schema, names);
        part.rest = one("additionalProperties").map(|schema| self.part(schema));
        // Before 2020 the first items stood in `items`, and the others in `additionalItems`.
        let (first, others) = match list("items") {
            [] => (list("prefixItems"), one("items")),
            first => (first, one("additionalItems")),
        };
        part.first = first.iter().map(|schema| self.part(schema)).collect();
        part.items = others.map(|schema| self.part(schema));
        part
    }
}

impl Part {
    fn of_kinds(kinds: Kinds) -> Part {
        Part {
            kinds,
            own: kinds,
            takes: Ways::ANY,
            own_takes: Ways::ANY,
            nullable: false,
            default: false,
            defaults: false,
            texts: None,
            all: Vec::new(),
            ways: Vec::new(),
            properties: BTreeMap::new(),
            keys: Keys::None,
            patterns: Vec::new(),
            rest: None,
            first: Vec::new(),
            items: None,
            closed: false,
            limits: Limits::default(),
        }
    }
}

//! Values of the file that are written in more than one way: a word or a small table, a number or a range.
//!
//! Each has its own visitor, because serde's `untagged` would lose the spans inside and the reason of a mismatch.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::span::At;

/// A place for a thing or the start.
#[derive(Clone, Debug)]
pub enum PlaceFile {
    /// `"anywhere"`, `"beside the start"` or a region by its words.
    Word(String),
    /// One of the tables.
    Table(Box<PlaceTable>),
}

/// A region: a zone, or a place that is one.
#[derive(Clone, Debug)]
pub enum RegionFile {
    /// A region by its words.
    Word(String),
    /// A rectangle.
    Table(RegionTable),
}

/// What the agent sees.
#[derive(Clone, Debug)]
pub enum ViewFile {
    /// The whole grid.
    Whole,
    /// A window: width and height.
    Window([i64; 2]),
}

/// How many things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountFile {
    /// At least so many.
    pub least: i64,
    /// At most so many.
    pub most: i64,
}

/// A place relative to something else: exactly one of `beside`, `on`, `away`, `off_path`, `on_path`, `zone`, `rect`.
#[derive(Clone, Debug, Default, serde::Deserialize, JsonSchema)]
pub struct PlaceTable {
    /// Next to a thing of this name that was placed before.
    pub beside: Option<At<String>>,
    /// On the same cell as a thing of this name that was placed before.
    pub on: Option<At<String>>,
    /// At least `distance` steps from every thing of this name that was placed before.
    pub away: Option<At<String>>,
    /// Least number of steps; goes with `away`.
    #[schemars(range(min = 1, max = 255))]
    pub distance: Option<At<u8>>,
    /// Not on a shortest path from the start to the things of this name, nor beside one.
    pub off_path: Option<At<String>>,
    /// On a shortest path from the start to a thing of this name, around everything placed before that ends an episode or is crossed at a price.
    pub on_path: Option<At<String>>,
    /// In the zone of this name.
    pub zone: Option<At<String>>,
    /// In columns `x0` to `x1` and rows `y0` to `y1` of the interior, `[x0, y0, x1, y1]`, counted from 1.
    #[schemars(inner(range(min = 1, max = 62)))]
    pub rect: Option<At<[u8; 4]>>,
}

/// A rectangle of the interior.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
pub struct RegionTable {
    /// Columns `x0` to `x1` and rows `y0` to `y1` of the interior, `[x0, y0, x1, y1]`, counted from 1.
    #[schemars(inner(range(min = 1, max = 62)))]
    pub rect: At<[u8; 4]>,
}

/// The words for regions.
pub const REGIONS: [&str; 6] =
    ["left column", "right column", "top-left corner", "top-right corner", "bottom-left corner", "bottom-right corner"];

/// The word for any reachable cell.
pub const ANYWHERE: &str = "anywhere";

/// The word for a cell next to the agent's.
pub const BESIDE_START: &str = "beside the start";

/// Reads a string or a table.
struct WordOr<T>(fn(String) -> T, std::marker::PhantomData<T>);

impl<'de, T: FromTable<'de>> Visitor<'de> for WordOr<T> {
    type Value = T;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string or a table")
    }
    fn visit_str<E: Error>(self, word: &str) -> Result<T, E> {
        Ok((self.0)(word.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::from_table(MapAccessDeserializer::new(map))
    }
}

trait FromTable<'de>: Sized {
    fn from_table<D: Deserializer<'de>>(table: D) -> Result<Self, D::Error>;
}

impl<'de> FromTable<'de> for PlaceFile {
    fn from_table<D: Deserializer<'de>>(table: D) -> Result<PlaceFile, D::Error> {
        PlaceTable::deserialize(table).map(|table| PlaceFile::Table(Box::new(table)))
    }
}

impl<'de> FromTable<'de> for RegionFile {
    fn from_table<D: Deserializer<'de>>(table: D) -> Result<RegionFile, D::Error> {
        RegionTable::deserialize(table).map(RegionFile::Table)
    }
}

impl<'de> Deserialize<'de> for PlaceFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PlaceFile, D::Error> {
        deserializer.deserialize_any(WordOr(PlaceFile::Word, std::marker::PhantomData))
    }
}

impl<'de> Deserialize<'de> for RegionFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RegionFile, D::Error> {
        deserializer.deserialize_any(WordOr(RegionFile::Word, std::marker::PhantomData))
    }
}

impl<'de> Deserialize<'de> for ViewFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ViewFile, D::Error> {
        struct View;
        impl<'de> Visitor<'de> for View {
            type Value = ViewFile;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"whole\" or [width, height]")
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<ViewFile, E> {
                if word == "whole" { Ok(ViewFile::Whole) } else { Err(E::custom("expected `whole`")) }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<ViewFile, A::Error> {
                <[i64; 2]>::deserialize(serde::de::value::SeqAccessDeserializer::new(seq)).map(ViewFile::Window)
            }
        }
        deserializer.deserialize_any(View)
    }
}

impl<'de> Deserialize<'de> for CountFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CountFile, D::Error> {
        struct Count;
        impl<'de> Visitor<'de> for Count {
            type Value = CountFile;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number or [least, most]")
            }
            fn visit_i64<E: Error>(self, count: i64) -> Result<CountFile, E> {
                Ok(CountFile { least: count, most: count })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<CountFile, A::Error> {
                let [least, most] = <[i64; 2]>::deserialize(serde::de::value::SeqAccessDeserializer::new(seq))?;
                Ok(CountFile { least, most })
            }
        }
        deserializer.deserialize_any(Count)
    }
}

impl JsonSchema for PlaceFile {
    fn schema_name() -> Cow<'static, str> {
        "Place".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = [ANYWHERE, BESIDE_START].into_iter().chain(REGIONS).collect();
        json_schema!({
            "description": "A place: any reachable cell, a region, or a place relative to something else.",
            "anyOf": [{ "type": "string", "enum": words }, generator.subschema_for::<PlaceTable>()],
        })
    }
}

impl JsonSchema for RegionFile {
    fn schema_name() -> Cow<'static, str> {
        "Region".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A region of the interior.",
            "anyOf": [{ "type": "string", "enum": REGIONS }, generator.subschema_for::<RegionTable>()],
        })
    }
}

impl JsonSchema for ViewFile {
    fn schema_name() -> Cow<'static, str> {
        "View".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What the agent sees.",
            "anyOf": [
                { "type": "string", "enum": ["whole"] },
                { "type": "array", "items": { "type": "integer", "minimum": 3, "maximum": 63 }, "minItems": 2, "maxItems": 2 },
            ],
        })
    }
}

impl JsonSchema for CountFile {
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let number = serde_json::json!({ "type": "integer", "minimum": 0, "maximum": misgoal_world::MAX_ITEMS });
        json_schema!({
            "description": "How many things.",
            "anyOf": [number, { "type": "array", "items": number, "minItems": 2, "maxItems": 2 }],
        })
    }
}

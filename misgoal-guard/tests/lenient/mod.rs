//! What the most lenient of readers takes a line for: the other side of "no reader takes it for a call that is not permitted". The fuzz target `guard` uses it too.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// JSON as the most lenient of readers sees it: all members, doubled ones too.
#[derive(Debug)]
enum Lenient {
    Text(String),
    Array(Vec<Lenient>),
    Object(Vec<(String, Lenient)>),
    Other,
}

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Lenient, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Lenient;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }
            fn visit_str<E>(self, text: &str) -> Result<Lenient, E> {
                Ok(Lenient::Text(text.to_owned()))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Lenient, E> {
                Ok(Lenient::Other)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Lenient, E> {
                Ok(Lenient::Other)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Lenient, E> {
                Ok(Lenient::Other)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Lenient, E> {
                Ok(Lenient::Other)
            }
            fn visit_unit<E>(self) -> Result<Lenient, E> {
                Ok(Lenient::Other)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Lenient, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element()? {
                    all.push(item);
                }
                Ok(Lenient::Array(all))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Lenient, A::Error> {
                let mut all = Vec::new();
                while let Some(member) = members.next_entry()? {
                    all.push(member);
                }
                Ok(Lenient::Object(all))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl Lenient {
    /// Every value that a reader without regard to case could take for this member.
    fn all(&self, key: &str) -> Vec<&Lenient> {
        match self {
            Lenient::Object(members) => {
                members.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value).collect()
            }
            _ => Vec::new(),
        }
    }

    fn is(&self, word: &str) -> bool {
        matches!(self, Lenient::Text(text) if text.eq_ignore_ascii_case(word))
    }
}

/// The tools that any reader could take a line to call; readers may split it at line ends, too.
pub fn calls(line: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(line);
    let mut called = Vec::new();
    for part in std::iter::once(text.as_ref()).chain(text.split(['\n', '\r'])) {
        let Ok(message) = serde_json::from_str::<Lenient>(part) else { continue };
        let messages = match &message {
            Lenient::Array(batch) => batch.iter().collect(),
            one => vec![one],
        };
        for message in messages {
            if message.all("method").iter().any(|method| method.is("tools/call")) {
                for params in message.all("params") {
                    called.extend(params.all("name").into_iter().map(|name| match name {
                        Lenient::Text(name) => name.clone(),
                        _ => "?".to_owned(),
                    }));
                }
            }
        }
    }
    called
}

//! What `#/a/b` names in a schema.

use std::collections::{HashMap, HashSet};

use crate::read::Node;

/// Objects with more members are looked at through an index: a definition may refer to as many parts as it has.
const LARGE: usize = 32;

/// The parts of one schema by their names.
pub(super) struct Pointers<'n, 'a> {
    root: &'n Node<'a>,
    /// Those with references, in parts with an address of their own: these name something else to readers that go by the address (ajv), and are not looked up.
    others: HashSet<*const Node<'a>>,
    large: HashMap<*const Node<'a>, HashMap<&'n str, &'n Node<'a>>>,
}

impl<'n, 'a> Pointers<'n, 'a> {
    /// Of the schema that references begin at.
    pub(super) fn new(root: &'n Node<'a>) -> Pointers<'n, 'a> {
        let mut pointers = Pointers { root, others: HashSet::new(), large: HashMap::new() };
        pointers.find_others(root, false);
        pointers
    }

    fn find_others(&mut self, node: &Node<'a>, is_other: bool) {
        // Before 2019 `#name` was a name and no address.
        let has_address = |id: &Node<'a>| id.text().is_some_and(|id| !id.starts_with('#'));
        let is_other = is_other || !std::ptr::eq(node, self.root) && node.get("$id").is_some_and(has_address);
        let refers = ["$ref", "$dynamicRef", "$recursiveRef"].iter().any(|key| node.get(key).is_some());
        if is_other && refers {
            self.others.insert(std::ptr::from_ref(node));
        }
        node.members().iter().for_each(|member| self.find_others(&member.node, is_other));
        node.items().iter().for_each(|item| self.find_others(item, is_other));
    }

    /// Whether references in this part begin at the root.
    pub(super) fn is_of_root(&self, from: &Node<'a>) -> bool {
        self.others.is_empty() || !self.others.contains(&std::ptr::from_ref(from))
    }

    /// The part that `#/a/b` names in this one.
    pub(super) fn resolve(&mut self, from: &Node<'a>, path: &str) -> Option<&'n Node<'a>> {
        if !self.is_of_root(from) {
            return None;
        }
        // Some decode the whole before they take it apart (RFC 6901), others part by part (ajv).
        let path = percent_decoded(path).filter(|decoded| decoded.matches('/').eq(path.matches('/')))?;
        let mut at = self.root;
        for part in path.strip_prefix("#/")?.split('/') {
            let item = || at.items().get(part.parse::<usize>().ok()?);
            at = self.member(at, &part.replace("~1", "/").replace("~0", "~")).or_else(item)?;
        }
        Some(at)
    }

    fn member(&mut self, of: &'n Node<'a>, key: &str) -> Option<&'n Node<'a>> {
        if of.members().len() <= LARGE {
            return of.get(key);
        }
        let index = || of.members().iter().map(|member| (member.key.as_ref(), &member.node)).collect();
        self.large.entry(std::ptr::from_ref(of)).or_insert_with(index).get(key).copied()
    }
}

/// What a fragment of an address says; none where it is no text.
fn percent_decoded(fragment: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), fragment.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        let code = more.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.filter(|digits| *first == b'%' && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = more.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

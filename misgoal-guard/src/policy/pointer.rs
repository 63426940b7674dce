//! What `#/a/b` names in a schema.

use std::collections::HashMap;

use crate::read::Node;

/// Objects with more members are looked at through an index: a definition may refer to as many parts as it has.
const LARGE: usize = 32;

/// The parts of one schema by their names.
pub(super) struct Pointers<'n, 'a> {
    root: &'n Node<'a>,
    large: HashMap<*const Node<'a>, HashMap<&'n str, &'n Node<'a>>>,
}

impl<'n, 'a> Pointers<'n, 'a> {
    /// Of the schema that references begin at.
    pub(super) fn new(root: &'n Node<'a>) -> Pointers<'n, 'a> {
        Pointers { root, large: HashMap::new() }
    }

    /// The part that `#/a/b` names.
    pub(super) fn resolve(&mut self, path: &str) -> Option<&'n Node<'a>> {
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

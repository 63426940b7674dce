//! Keys and words that stand for actions.

/// What the player wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To take this action.
    Act(u8),
    /// To stop playing.
    Quit,
}

/// The keys of an action beside its name: letters as in vi, and what an arrow or the space bar is called here.
const KEYS: &[(&str, &[&str])] = &[
    ("left", &["h", "a", "<left>"]),
    ("right", &["l", "d", "<right>"]),
    ("up", &["k", "w", "<up>"]),
    ("down", &["j", "s", "<down>"]),
    ("jump", &["k", "w", "<up>", "<space>"]),
    ("stay", &["j", "s", "<down>", "."]),
    ("jump-left", &["y"]),
    ("jump-right", &["u"]),
];

/// What a word or key means in a world with these actions; none where it means nothing.
pub fn wish(word: &str, actions: &[&str]) -> Option<Wish> {
    if ["q", "quit", "<escape>"].contains(&word) {
        return Some(Wish::Quit);
    }
    let means =
        |action: &&str| *action == word || KEYS.iter().any(|(name, keys)| name == action && keys.contains(&word));
    let action = actions.iter().position(means)?;
    u8::try_from(action).ok().map(Wish::Act)
}

/// The keys for a world's actions, for its legend: `← or h left, → or l right, ...`.
pub fn legend(actions: &[&str]) -> String {
    let key = |action: &&str| {
        let keys = KEYS.iter().find(|(name, _)| name == action)?.1;
        let named = keys.iter().rev().find_map(|key| match *key {
            "<left>" => Some("←"),
            "<right>" => Some("→"),
            "<up>" => Some("↑"),
            "<down>" => Some("↓"),
            "<space>" => Some("space"),
            _ => None,
        });
        let key = keys.first()?;
        Some(named.map_or_else(|| format!("{key} {action}"), |named| format!("{named} or {key} {action}")))
    };
    let keys: Vec<String> = actions.iter().filter_map(key).collect();
    format!("{}, q quit", keys.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALK: &[&str] = &["left", "right", "up", "down"];
    const PLATFORM: &[&str] = &["stay", "left", "right", "jump", "jump-left", "jump-right"];

    #[track_caller]
    fn check(word: &str, actions: &[&str], expected: Option<&str>) {
        let meant = wish(word, actions).map(|wish| match wish {
            Wish::Act(action) => actions[usize::from(action)],
            Wish::Quit => "quit",
        });
        assert_eq!(meant, expected, "{word}");
    }

    #[test]
    fn one_key_means_what_the_world_can_do() {
        check("k", WALK, Some("up"));
        check("k", PLATFORM, Some("jump"));
        check("<space>", WALK, None);
        check("<space>", PLATFORM, Some("jump"));
        check("jump-left", PLATFORM, Some("jump-left"));
        check("<down>", PLATFORM, Some("stay"));
        check("q", WALK, Some("quit"));
        check("fly", PLATFORM, None);
    }

    #[test]
    fn every_action_has_a_key_of_its_own() {
        for actions in [WALK, PLATFORM] {
            let legend = legend(actions);
            for action in actions {
                assert!(legend.contains(&format!(" {action}")), "{legend}");
            }
        }
        assert_eq!(legend(WALK), "← or h left, → or l right, ↑ or k up, ↓ or j down, q quit");
    }
}

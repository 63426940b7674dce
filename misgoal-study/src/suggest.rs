//! "Did you mean": the nearest of the names that would have been right.

/// The candidate that `name` is most likely a slip of, if any is near enough.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', ' '], "-");
    let wanted = plain(name);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&wanted, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| {
            *distance <= 1 + wanted.chars().count().max(candidate.chars().count()) / 4
                && *distance < wanted.chars().count()
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `did you mean X?` where a candidate is near, else what there is to choose from.
pub fn hint(name: &str, candidates: &[&str], kind: &str) -> String {
    match nearest(name, candidates.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None if candidates.is_empty() => format!("there is no {kind} to choose from"),
        None => format!("expected {}", list(candidates)),
    }
}

/// `` `a`, `b` or `c` ``.
pub fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, candidates: &[&'static str], expect: Option<&str>) {
        assert_eq!(nearest(name, candidates.iter().copied()), expect);
    }

    #[test]
    fn a_slip_finds_its_name() {
        check("goalz", &["goals", "case"], Some("goals"));
        check("hodlout_levels", &["levels", "holdout_levels"], Some("holdout_levels"));
        check("learning-rate", &["learning_rate"], Some("learning_rate"));
        check("Any where", &["anywhere"], Some("anywhere"));
    }

    #[test]
    fn a_stranger_finds_none() {
        check("banana", &["goals", "case"], None);
        check("x", &["y"], None);
        check("", &["y"], None);
    }
}

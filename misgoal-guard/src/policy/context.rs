//! Cedar's context of one request: of what there is, only what the policies look at.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{Context, RestrictedExpression as Expression};

use super::admits::{Admits, Look, Place, under};
use super::decimal::decimal;
use super::fits::Misfit;
use super::needs::Needs;
use super::shape::{Field, Shape};
use crate::read::{Node, Refusal, Value, WHOLE, fold, plain};
use crate::session::History;
use crate::tools::Tool;

type Pair = (String, Expression);

/// What every context may have: counts, the session, whether a person has approved.
pub(super) fn common(needs: &Needs, history: &History, now: u64, approved: bool) -> Vec<Pair> {
    let mut pairs = Vec::new();
    if needs.approved {
        pairs.push(("approved".to_owned(), Expression::new_bool(approved)));
    }
    if needs.counts.any() {
        let counts = history.counts(now, |name| needs.counts.has(name)).into_iter();
        let counts = counts.map(|(name, count)| (name, Expression::new_long(long(count))));
        pairs.extend(record("counts", counts.collect()));
    }
    if needs.session.any() {
        let mut session = Vec::new();
        let mut add = |name: &str, value: &dyn Fn() -> Expression| {
            if needs.session.has(name) {
                session.push((name.to_owned(), value()));
            }
        };
        add("called", &|| texts(&history.called));
        add("calls", &|| Expression::new_long(long(history.calls)));
        add("failed", &|| Expression::new_long(long(history.failed)));
        add("labels", &|| texts(&history.labels_at(now)));
        pairs.extend(record("session", session));
    }
    pairs
}

/// What a tool's context has beside.
///
/// # Errors
/// When an argument that a policy looks at is not of its declared type or is of another type to some servers, or when a key only looks like that of a declared argument.
pub(super) fn of_call(
    needs: &Needs,
    tool: &Tool,
    arguments: Option<&Node<'_>>,
    history: &History,
) -> Result<Vec<Pair>, Refusal> {
    let (fields, admits) = (tool.fields.as_slice(), &tool.admits);
    let members = arguments.map(Node::members).unwrap_or_default();
    let mut pairs = Vec::new();
    let declared = |key: &str| fields.binary_search_by(|field| field.name.as_str().cmp(key)).is_ok();
    let extra: Vec<&str> = members.iter().map(|member| member.key.as_ref()).filter(|key| !declared(key)).collect();
    if let Some((key, field)) = lookalike(fields, &extra) {
        let message = format!("the argument `{}` looks like `{field}` and is not it", key.escape_debug());
        return Err(Refusal::new("lookalike-key", message));
    }
    if let Some(arguments) = arguments {
        // What no policy goes by is the server's to refuse, in its own words.
        let seen = fields.iter().filter(|field| needs.input.has(&field.name) || needs.origin.has(&field.name));
        for (field, node) in seen.filter_map(|field| Some((field, arguments.get(&field.name)?))) {
            let place = admits.member(&admits.root(), &field.name, arguments);
            let mut path = field.name.escape_debug().to_string();
            let look = if needs.input.has(&field.name) { Look::Value } else { Look::Origin };
            part(admits, field, &place, node, look, &mut path).map_err(|what| Refusal::new("argument-type", what))?;
            if look == Look::Value
                && let Some(misfit) = admits.misfit(&place, node)
            {
                return Err(unfit(&format!("the argument `{path}` is"), misfit));
            }
        }
        if needs.input.any()
            && let Some(misfit) = admits.misfit_of_all(arguments)
        {
            return Err(unfit("the arguments together are", misfit));
        }
    }
    if needs.extra {
        let extra = extra.iter().map(|key| Expression::new_string((*key).to_owned()));
        pairs.push(("extra".to_owned(), Expression::new_set(extra)));
    }
    if needs.input.any() {
        pairs.extend(record("input", input(needs, fields, arguments)?));
    }
    if needs.origin.any() {
        let mut origins = Vec::new();
        for field in fields.iter().filter(|field| needs.origin.has(&field.name)) {
            let from = arguments.and_then(|arguments| arguments.get(&field.name));
            let from = from.map(|value| history.origins.of(value)).unwrap_or_default();
            origins.push((field.name.clone(), texts(&from)));
        }
        pairs.extend(record("origin", origins));
    }
    Ok(pairs)
}

fn unfit(what: &str, misfit: Misfit) -> Refusal {
    let why = match misfit {
        Misfit::Broken => {
            "not as the tool declares it (values, range, length, pattern, format, what it must have), and some servers take another value in its stead"
        }
        Misfit::NoWay => {
            "taken as declared by none of the ways that the tool's schema has, and some servers make another value of that"
        }
    };
    Refusal::new("argument-type", format!("{what} {why}"))
}

/// What the context of a resource has beside.
///
/// # Errors
/// When a policy looks at the scheme and there is none: readers of URLs complete such a name, and then it may have the scheme that a policy forbids.
pub(super) fn of_read(needs: &Needs, uri: &str) -> Result<Vec<Pair>, Refusal> {
    let pair = |name: &str, text: &str| (name.to_owned(), Expression::new_string(text.to_owned()));
    let mut pairs = Vec::new();
    if needs.scheme {
        let none = || Refusal::new("uri", "a policy looks at the scheme of the URI, which has none".to_owned());
        pairs.push(pair("scheme", uri.split_once(':').ok_or_else(none)?.0));
    }
    if needs.uri {
        pairs.push(pair("uri", uri));
    }
    Ok(pairs)
}

/// # Errors
/// When Cedar cannot hold the values.
pub(super) fn finish(pairs: Vec<Pair>) -> Result<Context, Refusal> {
    Context::from_pairs(pairs).map_err(|error| Refusal::new("context", error.to_string()))
}

fn long(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn texts(texts: &BTreeSet<String>) -> Expression {
    Expression::new_set(texts.iter().map(|text| Expression::new_string(text.clone())))
}

/// Names come from schemas, in which none occurs twice; a record that Cedar refuses all the same is left out, and what looks at it fails closed.
fn record(name: &str, pairs: Vec<Pair>) -> Option<Pair> {
    Expression::new_record(pairs).ok().map(|record| (name.to_owned(), record))
}

/// Refuses a value that is not of the types of its place, and a text that is of another of them to some servers. Null is the same as nothing only where the server is
/// known to take it so.
fn part(
    admits: &Admits,
    field: &Field,
    place: &Place,
    node: &Node<'_>,
    look: Look,
    path: &mut String,
) -> Result<(), String> {
    if node.value == Value::Null && admits.defaults(place) {
        return Err(format!("the argument `{path}` is null, and has a default where it is left out; leave it out"));
    }
    whole(admits, &field.shape, place, node, look, path)
}

/// The same for all that is in a value. What no policy can see, since it is neither declared nor shown, is the server's to refuse.
fn whole(
    admits: &Admits,
    shape: &Shape,
    place: &Place,
    node: &Node<'_>,
    look: Look,
    path: &mut String,
) -> Result<(), String> {
    match (shape, &node.value) {
        (Shape::Record(fields), Value::Object(members)) if admits.kinds(place).refuse(node).is_none() => {
            members.iter().try_for_each(|member| {
                let inner = admits.member(place, &member.key, node);
                under(path, format_args!(".{}", member.key.escape_debug()), |path| {
                    let declared = fields.binary_search_by(|field| field.name.as_str().cmp(&member.key));
                    match declared.ok().and_then(|at| fields.get(at)) {
                        Some(field) => part(admits, field, &inner, &member.node, look, path),
                        // By an alias it may be one of those that are declared, to the server.
                        None if inner == Place::Any && look == Look::Value && !fields.is_empty() => {
                            let key = member.key.escape_debug();
                            let what = "is not one that the tool declares, and a policy looks at what it stands in; leave it out";
                            Err(format!("the argument `{path}` {what} (`{key}`)"))
                        }
                        None if inner == Place::Any => Ok(()),
                        None => admits.check(&inner, &member.node, look, path),
                    }
                })
            })
        }
        (Shape::Set(shape), Value::Array(items)) if admits.kinds(place).refuse(node).is_none() => {
            items.iter().enumerate().try_for_each(|(at, item)| {
                let inner = admits.item(place, at, node);
                under(path, format_args!("[{at}]"), |path| whole(admits, shape, &inner, item, look, path))
            })
        }
        _ => admits.check(place, node, look, path),
    }
}

fn input(needs: &Needs, fields: &[Field], arguments: Option<&Node<'_>>) -> Result<Vec<Pair>, Refusal> {
    let mut pairs = Vec::new();
    for field in fields.iter().filter(|field| needs.input.has(&field.name)) {
        let Some(node) = arguments.and_then(|arguments| arguments.get(&field.name)) else { continue };
        if node.value == Value::Null && !field.required {
            continue;
        }
        let value = value(&field.shape, node, needs.compared.has(&field.name)).map_err(|what| {
            let name = field.name.escape_debug();
            Refusal::new(
                "argument-type",
                match what {
                    Wrong::Kind(what) => format!("the argument `{name}` is not {what}, as the tool declares it"),
                    Wrong::Decimal(text) => format!(
                        "a policy compares the number `{}` in the argument `{name}`, and holds numbers with at most four digits after their point, from \
                         -922337203685477.5807 to 922337203685477.5807: give one of these, rounded to four digits if the task allows it",
                        plain(&text)
                    ),
                },
            )
        })?;
        pairs.push((field.name.clone(), value));
    }
    Ok(pairs)
}

/// Why Cedar does not hold a value.
enum Wrong {
    /// It is not this.
    Kind(&'static str),
    /// It is a number that no decimal is.
    Decimal(String),
}

/// A value as Cedar holds it. Where no policy goes by it (`is_compared`), any decimal stands for a number that none is exactly.
fn value(shape: &Shape, node: &Node<'_>, is_compared: bool) -> Result<Expression, Wrong> {
    match (shape, &node.value) {
        (Shape::Text, Value::String(text)) => Ok(Expression::new_string(text.to_string())),
        (Shape::Flag, Value::Bool(flag)) => Ok(Expression::new_bool(*flag)),
        (Shape::Whole, Value::Number(text)) => {
            let whole = plain(text).parse::<i64>().ok().filter(|whole| whole.abs() <= WHOLE);
            whole.map(Expression::new_long).ok_or(Wrong::Kind("an integer of at most 2^53 - 1"))
        }
        (Shape::Number, Value::Number(text)) => match decimal(text) {
            Some(decimal) => Ok(decimal),
            None if !is_compared => Ok(Expression::new_decimal("0.0")),
            None => Err(Wrong::Decimal((*text).to_owned())),
        },
        (Shape::Set(item), Value::Array(items)) => {
            let items = items.iter().map(|node| value(item, node, is_compared));
            Ok(Expression::new_set(items.collect::<Result<Vec<_>, _>>()?))
        }
        (Shape::Record(fields), Value::Object(_)) => {
            let known = |key: &str| fields.binary_search_by(|field| field.name.as_str().cmp(key)).is_ok();
            let keys = node.members().iter().map(|member| member.key.as_ref());
            if lookalike(fields, &keys.filter(|key| !known(key)).collect::<Vec<_>>()).is_some() {
                return Err(Wrong::Kind(
                    "an object whose keys are all different from the declared ones or equal to them",
                ));
            }
            let mut pairs = Vec::new();
            for field in fields {
                match node.get(&field.name) {
                    None => {}
                    Some(part) if part.value == Value::Null && !field.required => {}
                    Some(part) => pairs.push((field.name.clone(), value(&field.shape, part, is_compared)?)),
                }
            }
            Expression::new_record(pairs).map_err(|_| Wrong::Kind("a record"))
        }
        (Shape::Json, _) => Ok(Expression::new_string(node.plain())),
        (Shape::Text, _) => Err(Wrong::Kind("text")),
        (Shape::Flag, _) => Err(Wrong::Kind("true or false")),
        (Shape::Whole, _) => Err(Wrong::Kind("an integer")),
        (Shape::Number, _) => Err(Wrong::Kind("a number")),
        (Shape::Set(_), _) => Err(Wrong::Kind("an array")),
        (Shape::Record(_), _) => Err(Wrong::Kind("an object")),
    }
}

/// The first of these keys that looks like a declared name and is none, with that name.
fn lookalike<'k, 'f>(fields: &'f [Field], keys: &[&'k str]) -> Option<(&'k str, &'f str)> {
    if keys.is_empty() {
        return None;
    }
    // `to_account` and `toAccount` are one name to servers that give each member an alias.
    let bare = |name: &str| fold(name).replace(['_', '-'], "");
    let folds: BTreeMap<_, _> = fields.iter().map(|field| (bare(&field.name), field.name.as_str())).collect();
    keys.iter().find_map(|key| Some((*key, *folds.get(&bare(key))?)))
}

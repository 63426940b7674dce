//! Predictions of an ONNX model instead of a column of them.
#![cfg_attr(feature = "onnx", expect(clippy::disallowed_methods, reason = "this crate owns files"))]

use misgoal_decision::Given;

use super::AuditRequest;
use crate::RunError;

/// A model and the columns that its inputs are filled from.
pub(super) struct Runner {
    #[cfg(feature = "onnx")]
    model: misgoal_onnx::Model,
    /// For each input, its columns.
    columns: Vec<Vec<usize>>,
}

impl Runner {
    /// The columns that are read.
    pub(super) fn used(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().flatten().copied()
    }
}

#[cfg(not(feature = "onnx"))]
impl Runner {
    /// Says that this build runs no models.
    pub(super) fn new(asked: &AuditRequest, model: &std::path::Path, _: &[String]) -> Result<Runner, RunError> {
        Err(RunError::Request(format!(
            "this build of misgoal runs no models, such as `{}`: build it with `--features onnx`, or put the predictions into a column of `{}`",
            model.display(),
            asked.table.display()
        )))
    }

    /// The label of a row.
    #[expect(clippy::unused_self, reason = "the same call as in a build that runs models")]
    pub(super) fn label(&self, _: &[Given]) -> Result<String, String> {
        Err("this build of misgoal runs no models".to_owned())
    }
}

#[cfg(feature = "onnx")]
impl Runner {
    /// Reads a model and finds its inputs among the columns.
    ///
    /// # Errors
    /// The file cannot be read, is no model that is run here, or its inputs are not found.
    pub(super) fn new(asked: &AuditRequest, path: &std::path::Path, columns: &[String]) -> Result<Runner, RunError> {
        let bytes = std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => RunError::Request(format!("there is no model `{}`", path.display())),
            _ => RunError::io("read", path)(error),
        })?;
        let model = misgoal_onnx::Model::read(&bytes)
            .map_err(|error| RunError::Request(format!("`{}` cannot be run: {error}", path.display())))?;
        let shown = |names: &mut dyn Iterator<Item = &str>| {
            names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        if let Some((name, _)) =
            asked.inputs.iter().find(|(name, _)| model.inputs().iter().all(|input| input.name != *name))
        {
            let has = shown(&mut model.inputs().iter().map(|input| input.name.as_str()));
            return Err(RunError::Request(format!("model `{}` has no input `{name}`: it has {has}", path.display())));
        }
        let mut found = Vec::new();
        for input in model.inputs() {
            let listed =
                asked.inputs.iter().find(|(name, _)| *name == input.name).map_or(input.name.as_str(), |(_, list)| list);
            let places = places(listed, columns).map_err(|missing| {
                let has = shown(&mut columns.iter().map(String::as_str));
                let (name, wanted) = (&input.name, input.width.map_or(String::new(), |width| format!(" ({width} values)")));
                RunError::Request(format!(
                    "`{}` has no column `{missing}` for the model's input `{name}`{wanted}: it has {has}; name columns in the model's order with \
                     `--input {name}=COLUMN,COLUMN` or `--input {name}=FIRST..LAST`",
                    asked.table.display()
                ))
            })?;
            if let Some(width) = input.width.filter(|width| *width != places.len()) {
                return Err(RunError::Request(format!(
                    "the model's input `{}` takes {width} values, and `{listed}` names {} columns",
                    input.name,
                    places.len()
                )));
            }
            found.push(places);
        }
        Ok(Runner { model, columns: found })
    }

    /// The label of a row.
    ///
    /// # Errors
    /// A value is not of its input's kind, or the model fails on it; in words.
    pub(super) fn label(&self, values: &[Given]) -> Result<String, String> {
        let of = |(places, input): (&Vec<usize>, &misgoal_onnx::Input)| -> Result<Vec<misgoal_onnx::Value>, String> {
            places.iter().filter_map(|at| values.get(*at)).map(|given| value(given, input)).collect()
        };
        let row: Vec<Vec<misgoal_onnx::Value>> =
            self.columns.iter().zip(self.model.inputs()).map(of).collect::<Result<_, _>>()?;
        self.model.label(&row).map_err(|error| format!("the model cannot be run on it: {error}"))
    }
}

/// Columns named by a list, `a,b,c`, in which `a..d` stands for all from the one to the other; the first name that is none.
#[cfg(feature = "onnx")]
fn places(list: &str, columns: &[String]) -> Result<Vec<usize>, String> {
    let at = |name: &str| columns.iter().position(|column| column == name.trim()).ok_or_else(|| name.trim().to_owned());
    if let Ok(one) = at(list) {
        return Ok(vec![one]);
    }
    let mut found = Vec::new();
    for part in list.split(',') {
        match (at(part), part.split_once("..")) {
            (Ok(one), _) => found.push(one),
            (Err(_), Some((first, last))) => found.extend(at(first)?..=at(last)?),
            (Err(name), None) => return Err(name),
        }
    }
    Ok(found)
}

#[cfg(feature = "onnx")]
fn value(given: &Given, input: &misgoal_onnx::Input) -> Result<misgoal_onnx::Value, String> {
    use misgoal_onnx::{InputKind, Value};
    let number = |x: f64| if input.kind == InputKind::Text { Value::Text(x.to_string()) } else { Value::Number(x) };
    match given {
        Given::Number(x) => Ok(number(*x)),
        Given::Truth(truth) => Ok(number(f64::from(u8::from(*truth)))),
        Given::Text(text) if input.kind == InputKind::Text => Ok(Value::Text(text.clone())),
        Given::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Ok(number(1.0)),
            "false" => Ok(number(0.0)),
            other => other
                .parse()
                .map(number)
                .map_err(|_| format!("`{text}` is no number, which the model's input `{}` takes", input.name)),
        },
    }
}

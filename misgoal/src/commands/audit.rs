//! `misgoal audit`: which goal somebody's own model pursues, from a table of cases with its predictions.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use misgoal_run::audit::{AuditRequest, audit as work};
use misgoal_study::AnyStudy;

use super::run::stop_on_interrupt;
use crate::exit::{Exit, Failure};
use crate::output::{Bar, Console, audit as output};
use crate::studies;

/// Arguments of `misgoal audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The study is one of decisions: its goals say what each of them would have chosen on a row, so the table needs a column for each feature that they
read, and one with the model's predictions. `misgoal new NAME --from fraud` makes a study to edit for your own columns.
Rows on which all goals would choose alike show whether the model is any good; rows on which they part show which goal it pursues. With
`--split COLUMN` the table says itself which rows are `training` (held out!) and which belong to a shift, or to a probe of capability.
With `--case COLUMN` each case is in the table with the proxy beside the intended goal and again with it against (the mark added or taken away): a model
that follows the proxy in part then shows, and one that guesses is not mistaken for it.
Exit code 1: the model pursues a wrong goal. 3: the table cannot be read, or rows are malformed.

hint: `misgoal audit cases.csv STUDY --prediction predicted --label yes=1 --label no=0`")]
pub struct Args {
    /// A CSV file: a line of column names, then a line a case; or a Parquet file, in a build with `--features parquet`
    table: PathBuf,
    /// A built-in study's name or the path of a study file, of decisions
    study: String,
    /// The column of the model's predictions
    #[arg(long, value_name = "COLUMN", default_value = "prediction", conflicts_with = "model")]
    prediction: String,
    /// Run this ONNX model on the rows instead of reading predictions, in a build with `--features onnx`
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// The columns that fill an input of the model, where not the one of the same name: `X=a,b,c` or `X=first..last`
    #[arg(long = "input", value_name = "INPUT=COLUMNS", value_parser = input, requires = "model")]
    inputs: Vec<(String, String)>,
    /// The column that says where a row belongs: `training`, or the name of a shift or a probe
    #[arg(long, value_name = "COLUMN")]
    split: Option<String>,
    /// The column that names a row's case: the rows of a case are compared, which tells a proxy that is followed in part from chance
    #[arg(long, value_name = "COLUMN")]
    case: Option<String>,
    /// What an option is called among the predictions; may be given more than once
    #[arg(long = "label", value_name = "OPTION=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,
    /// Leave malformed rows out and count them, instead of stopping
    #[arg(long)]
    skip_malformed: bool,
    /// Rows of each part that are judged at most (with `--case`: cases), of every kind as many as is its share; counts are over all rows
    #[arg(long, value_name = "N", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(50..=20_000))]
    sample: u32,
    /// Seed of the sample of cases, of a table with more than 100,000 of them; no verdict on another table depends on it
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print the findings as one JSON object (`misgoal schema audit` describes it)
    #[arg(long)]
    json: bool,
}

/// Audits.
///
/// # Errors
/// When the study is not there, is wrong or is none of decisions, or the table cannot be read or does not fit.
pub fn audit(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let AnyStudy::Decision(study) = studies::load(&args.study)? else {
        return Err(Failure::usage(format!(
            "study `{}` is of levels to walk through: a table needs a study of decisions",
            args.study
        ))
        .hint("`misgoal new NAME --from fraud` makes one to edit"));
    };
    let stop = stop_on_interrupt(console)?;
    let bar = Bar::new(console);
    let asked = AuditRequest {
        table: args.table.clone(),
        prediction: args.prediction.clone(),
        model: args.model.clone(),
        inputs: args.inputs.clone(),
        split: args.split.clone(),
        case: args.case.clone(),
        labels: args.labels.clone(),
        sample: args.sample as usize,
        skip_malformed: args.skip_malformed,
        seed: args.seed,
        command: command(args),
    };
    let record = work(&study, &asked, &mut |rows| {
        bar.say(|| format!("{rows} rows read"));
        !stop.load(Ordering::Relaxed)
    })?;
    bar.clear();
    let Some(record) = record else { return Ok(Exit::Interrupted) };
    if args.json {
        let text = serde_json::to_string_pretty(&record).map_err(|error| Failure::bug(error.to_string()))?;
        console.line(text)?;
    } else {
        console.data(output::render(&record, console.width()))?;
        console.hint(format_args!("what the goals are: `misgoal show {}`", args.study));
    }
    Ok(if record.finding { Exit::Finding } else { Exit::Fine })
}

fn input(text: &str) -> Result<(String, String), String> {
    let (input, columns) =
        text.split_once('=').ok_or("expected INPUT=COLUMNS, such as `X=radius,texture` or `X=radius..mark`")?;
    Ok((input.trim().to_owned(), columns.trim().to_owned()))
}

fn label(text: &str) -> Result<(String, String), String> {
    let (option, value) = text.split_once('=').ok_or("expected OPTION=VALUE, such as `yes=1`")?;
    Ok((option.trim().to_owned(), value.trim().to_owned()))
}

/// The command that repeats it.
fn command(args: &Args) -> String {
    let mut words = vec![format!("misgoal audit {} {}", args.table.display(), args.study)];
    words.push(match &args.model {
        Some(model) => format!("--model {}", model.display()),
        None => format!("--prediction {}", args.prediction),
    });
    words.extend(args.inputs.iter().map(|(input, columns)| format!("--input {input}={columns}")));
    words.extend(args.split.iter().map(|column| format!("--split {column}")));
    words.extend(args.case.iter().map(|column| format!("--case {column}")));
    words.extend(args.labels.iter().map(|(option, value)| format!("--label {option}={value}")));
    words.extend(args.skip_malformed.then(|| "--skip-malformed".to_owned()));
    words.push(format!("--sample {} --seed {}", args.sample, args.seed));
    words.join(" ")
}

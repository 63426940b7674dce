//! The judge's version.

/// The version of the judge: two judgements of one version, of the same agent on the same levels, are the same to the last digit.
///
/// Every verdict that is stored carries it. Raise it with any change of what is found or said - a threshold, an estimator, a row of the decision
/// table, the words of a verdict - and say here what changed.
///
/// - 0 is not a version: it stands for verdicts that were written before they carried one.
/// - 1: the judge as it was when verdicts began to carry a version.
/// - 2: probabilities that do not depend on draws, and *on the boundary*; single choices judged by the share of the cases in which a proxy is followed, with
///   *does not depend*; capability failure and stereotypes need evidence of their own; a wrong goal that is pursued in training is named; how many more levels
///   is a prediction.
/// - 3: the excess regret is over what the ceiling loses, where there is one and it loses more than the agent does on held-out levels.
/// - 4: *aligned* also by what is lost to wrong goals; one option whatever is shown needs the probe's rows too; intervals of shares reach 0 and 1 more readily.
/// - 5: single choices: rows that are harder are no proxy's, and slips are compared class by class; of comparisons guesses are no moves where a third option shows it; all
///   rows of a table are judged, declared probes too; predictions of more levels begin from what the posterior says.
/// - 6: who takes something else where a proxy wants what the intended goal does does not follow that proxy, but may get away from the goal; predictions for comparisons
///   go by their table's limits; levels, cases and rows are called what they are.
/// - 7: single choices: errors of rows that bear a mark are no mark's whatever the mark's goal wants without one, and neither are errors that go to the class which a mark
///   names; capability failure only where proxies have less than a tenth of all cases; of comparisons a proxy that moves answers goes before *undertrained*.
pub const VERSION: u32 = 7;

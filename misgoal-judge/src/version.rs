//! The judge's version.

/// The version of the judge: two judgements of one version, of the same agent on the same levels, are the same to the last digit.
///
/// Every verdict that is stored carries it. Raise it with any change of what is found or said - a threshold, an estimator, a row of the decision
/// table, the words of a verdict - and say here what changed.
///
/// - 0 is not a version: it stands for verdicts that were written before they carried one.
/// - 1: the judge as it was when verdicts began to carry a version.
pub const VERSION: u32 = 1;

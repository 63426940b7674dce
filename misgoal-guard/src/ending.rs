//! What has become of a call, as the log says it.

/// The `outcome` of a call's record. A call may have several: what it has become first, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Done, and its result is shown.
    Good,
    /// The server says that it has failed.
    Failed,
    /// It has become a task, which is not done yet.
    Working,
    /// The server asks for something before it does it: the call is made again with what it wants.
    Asks,
    /// The result of a task that is known already has been fetched once more.
    Again,
    /// What the server answered is not shown.
    Refused,
    /// There is no answer: the server or the agent has gone, or asking for the result of its task has ended in an error.
    Lost,
    /// The agent has cancelled it, or its task says that it was cancelled; the server may have done it all the same.
    Cancelled,
    /// The answer to a call that was cancelled; it is not shown.
    Late,
}

impl Ending {
    const ALL: [Ending; 9] = [
        Ending::Good,
        Ending::Failed,
        Ending::Working,
        Ending::Asks,
        Ending::Again,
        Ending::Refused,
        Ending::Lost,
        Ending::Cancelled,
        Ending::Late,
    ];

    /// Its name in the log.
    pub fn word(self) -> &'static str {
        match self {
            Ending::Good => "good",
            Ending::Failed => "failed",
            Ending::Working => "working",
            Ending::Asks => "asks",
            Ending::Again => "again",
            Ending::Refused => "refused",
            Ending::Lost => "lost",
            Ending::Cancelled => "cancelled",
            Ending::Late => "late",
        }
    }

    /// The one of this name.
    pub fn of(word: &str) -> Option<Ending> {
        Ending::ALL.into_iter().find(|one| one.word() == word)
    }

    /// Whether nothing was done, for all that is known, so that the call counts no longer where good ones are counted. What was lost or cancelled may have been
    /// done, and so may what was answered in a way that is not shown: an agent can bring that about by what it has echoed.
    pub fn gives_back(self) -> bool {
        matches!(self, Ending::Failed | Ending::Asks)
    }

    /// Whether the call counts where failed ones are counted.
    pub fn counts_as_failed(self) -> bool {
        matches!(self, Ending::Failed | Ending::Refused)
    }

    /// Whether a call that ended so counts in another way than one that is made.
    pub fn counts_otherwise(self) -> bool {
        self.gives_back() || self.counts_as_failed()
    }

    /// Whether the agent has not had what it called for.
    pub fn is_failure(self) -> bool {
        matches!(self, Ending::Failed | Ending::Refused | Ending::Lost | Ending::Cancelled | Ending::Late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own() {
        for one in Ending::ALL {
            assert_eq!(Ending::of(one.word()), Some(one));
        }
        assert_eq!(Ending::of("other"), None);
    }
}

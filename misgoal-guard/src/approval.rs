//! Approvals: a person's word on exactly one call, under one version of the policies, for a while, once.

use crate::read::{Node, write_string};

/// What names a call: equal for calls of the same tool with equal arguments, and for no others.
pub fn digest(tool: &str, arguments: Option<&Node<'_>>) -> String {
    let mut text = String::new();
    write_string(&mut text, tool);
    text.push(' ');
    text.push_str(&arguments.map_or_else(|| "{}".to_owned(), Node::canonical));
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// A person's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Of which call.
    pub digest: String,
    /// Under which policies.
    pub version: String,
    /// Until when, in milliseconds.
    pub expires: u64,
    /// Whether it has been used.
    pub used: bool,
}

/// Why an approval does not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is about another call.
    OtherCall,
    /// The policies, the configuration or the tools have changed since.
    OtherPolicy,
    /// Its time is over.
    Expired,
    /// It has been used.
    Used,
}

impl Approval {
    /// Uses it up, if it is good for this call now.
    ///
    /// # Errors
    /// Says why it is not; it is then as it was.
    pub fn redeem(&mut self, digest: &str, version: &str, now: u64) -> Result<(), Unfit> {
        if self.digest != digest {
            return Err(Unfit::OtherCall);
        }
        if self.version != version {
            return Err(Unfit::OtherPolicy);
        }
        if now >= self.expires {
            return Err(Unfit::Expired);
        }
        if std::mem::replace(&mut self.used, true) {
            return Err(Unfit::Used);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_is_for_one_call_one_policy_one_time() {
        let fresh = || Approval { digest: "d".into(), version: "v".into(), expires: 100, used: false };
        assert_eq!(fresh().redeem("other", "v", 1), Err(Unfit::OtherCall));
        assert_eq!(fresh().redeem("d", "newer", 1), Err(Unfit::OtherPolicy));
        assert_eq!(fresh().redeem("d", "v", 100), Err(Unfit::Expired));
        let mut approval = fresh();
        assert_eq!(approval.redeem("d", "v", 99), Ok(()));
        assert_eq!(approval.redeem("d", "v", 99), Err(Unfit::Used));
    }
}

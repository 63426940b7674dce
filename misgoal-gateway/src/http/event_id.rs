//! Ids of events, with which an agent takes a stream up again.
//!
//! A server chooses them, and says itself whose stream it takes up: who goes by its word can be shown the answer to one request as that to another. So the agent is
//! given ids that say which request of which session the stream answers, as the guard knows it, and the server's own behind it; what the agent sends back is
//! taken apart again. The server's own is sealed: text of the server that no policy has seen does not reach the agent in it. Nothing is to be remembered for each event, and a server that gives one id on two streams does not mix them up. A mark under a key that
//! nobody else has says that the guard has put these together: a server that keeps the events of all its sessions in one place would give an agent what was said
//! to another.

use std::sync::LazyLock;

use crate::random;

/// The stream on which a server speaks unasked, and others that answer no request.
pub(super) const NO_REQUEST: u64 = 0;

/// The key of the marks, as long as the guard runs. Where the operating system gives no random bytes there are no marks, and no event is known.
static KEY: LazyLock<Option<[u8; 32]>> = LazyLock::new(|| random::bytes().ok());

fn mark(session: &str, number: u64, id: &str) -> Option<String> {
    let whole = blake3::keyed_hash(KEY.as_ref()?, format!("{session}.{number}.{id}").as_bytes());
    Some(whole.to_hex().as_str().chars().take(32).collect())
}

/// The server's own id, or what it was sealed as, under this mark (a stream cipher whose nonce is the mark, as in Rogaway and Shrimpton 2006).
fn seal(mark: &str, id: &[u8]) -> Option<Vec<u8>> {
    let key = blake3::derive_key("misgoal 2026 ids of events", KEY.as_ref()?);
    let mut stream = vec![0; id.len()];
    blake3::Hasher::new_keyed(&key).update(mark.as_bytes()).finalize_xof().fill(&mut stream);
    Some(stream.iter().zip(id).map(|(key, byte)| key ^ byte).collect())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    let is_even = pairs.remainder().is_empty();
    is_even.then(|| {
        pairs.filter_map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte << 4 | digit)).ok()).collect()
    })
}

/// The id for the agent. An empty one says that there is none.
pub(super) fn for_agent(session: &str, number: u64, id: &str) -> String {
    let sealed = || {
        let mark = mark(session, number, id).filter(|_| !id.is_empty())?;
        let sealed: String = seal(&mark, id.as_bytes())?.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(format!("{session}.{number}.{mark}.{sealed}"))
    };
    sealed().unwrap_or_default()
}

/// Which request's stream the agent takes up, and from which event on, as the server calls that.
pub(super) fn for_server(session: &str, id: &str) -> Option<(u64, String)> {
    let (number, rest) = id.strip_prefix(session)?.strip_prefix('.')?.split_once('.')?;
    let (given, sealed) = rest.split_once('.')?;
    let id = String::from_utf8(seal(given, &unhex(sealed)?)?).ok()?;
    let is_plain = number == "0" || (!number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit()));
    let number = number.parse().ok().filter(|_| is_plain && !id.is_empty())?;
    (mark(session, number, &id)?.as_str() == given).then_some((number, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_whose_stream_it_is() {
        for (number, id) in
            [(0, "7"), (1, "7"), (u64::MAX, "a.b.c"), (3, " x "), (4, ".0.1"), (5, "0065545169.4.x"), (6, "pay DE89")]
        {
            let given = for_agent("0065545169", number, id);
            assert_eq!(for_server("0065545169", &given), Some((number, id.to_owned())), "{given}");
            assert_eq!(for_agent("0065545169", number, id), given);
            assert!(!given.contains(id) || id.len() == 1, "{given}");
            assert_eq!(for_server("other", &given), None, "{given}");
        }
        assert_eq!(for_agent("s", 1, ""), "");
        // Of what the guard has given nothing can be changed.
        let given = for_agent("s", 1, "7");
        for forged in [
            given.replacen(".1.", ".2.", 1),
            format!("{given}0"),
            format!("{given}00"),
            format!("{given}é"),
            given.replacen("s.", "t.", 1),
        ] {
            assert_eq!(for_server("s", &forged).or(for_server("t", &forged)), None, "{forged}");
        }
        for id in [
            "",
            "7",
            "s",
            "s.",
            "s.1",
            "s.1.",
            "s.+1.x",
            "s.01.x",
            "s.-1.x",
            "s..x",
            "s.99999999999999999999.x",
            "S.1.x",
        ] {
            assert_eq!(for_server("s", id), None, "{id}");
        }
    }
}

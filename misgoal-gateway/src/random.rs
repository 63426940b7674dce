//! Randomness of the operating system: for keys, and for names that nobody can foresee.

use ring::rand::{SecureRandom as _, SystemRandom};

use crate::GatewayError;

/// Letters that are read aloud without doubt.
const LETTERS: &[u8; 23] = b"abcdefghjkmnpqrstuvwxyz";

/// So many random bytes.
///
/// # Errors
/// When the operating system gives none.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], GatewayError> {
    let mut bytes = [0; N];
    let none = |_| GatewayError::Data("the operating system gives no random bytes".to_owned());
    SystemRandom::new().fill(&mut bytes).map_err(none)?;
    Ok(bytes)
}

/// So many random bytes, written in hexadecimal.
///
/// # Errors
/// As [`bytes`].
pub(crate) fn hex<const N: usize>() -> Result<String, GatewayError> {
    Ok(bytes::<N>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// So many random letters, each of 4.5 bits.
///
/// # Errors
/// As [`bytes`].
pub(crate) fn letters(count: usize) -> Result<String, GatewayError> {
    let mut text = String::with_capacity(count);
    while text.len() < count {
        // Ten times the letters: what is above would make the first ones likelier.
        let fair = bytes::<32>()?.into_iter().filter(|byte| usize::from(*byte) < 10 * LETTERS.len());
        let letters = fair.filter_map(|byte| LETTERS.get(usize::from(byte) % LETTERS.len()));
        text.extend(letters.take(count - text.len()).map(|letter| char::from(*letter)));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_of_the_alphabet_and_not_foreseen() {
        let all: std::collections::BTreeSet<String> = (0..1000).map(|_| letters(16).unwrap()).collect();
        assert_eq!(all.len(), 1000);
        assert!(all.iter().all(|text| text.len() == 16 && text.bytes().all(|letter| LETTERS.contains(&letter))));
    }
}

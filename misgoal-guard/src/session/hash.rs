//! Hashes of texts: what is remembered of results.

/// FNV-1a with a final mix: collisions only make a value look seen that was not, and 64 bits make that rare.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hash(u64);

impl Hash {
    /// Of nothing yet.
    const NEW: Hash = Hash(0xcbf2_9ce4_8422_2325);
    /// The same for what was put together of several words, which is told from what stood there.
    pub(super) const JOINED: Hash = Hash(0x6a09_e667_f3bc_c908);

    /// The hash of a text in one case.
    pub(super) fn of(text: &str) -> u64 {
        let mut hash = Hash::NEW;
        match text.is_ascii() {
            true => hash.push(text.as_bytes()),
            false => hash.push(text.to_lowercase().as_bytes()),
        }
        hash.done()
    }

    /// Letters of ASCII in one case: a value that is written in capitals is the same to many a server.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub(super) fn done(self) -> u64 {
        let at = self.0 ^ self.0 >> 33;
        let at = at.wrapping_mul(0xff51_afd7_ed55_8ccd);
        at ^ at >> 33
    }
}

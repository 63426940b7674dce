//! Secrets that are told by what they look like: tokens of providers by the letters that these put before them, and keys in PEM.
//!
//! The prefixes are those of the rules that scanners of repositories keep (gitleaks, 2026), with those of newer providers; how long the rest must be is less than
//! what a provider issues, since what is cut off is a secret too.

use std::ops::Range;

use regex::Regex;

/// Patterns of tokens, in whose first group stands what follows the prefix: words with dashes between them are a name and no token.
const TOKENS: &[&str] = &[
    // GitHub, GitLab.
    r"gh[pousr]_([A-Za-z0-9]{20,})|github_pat_([A-Za-z0-9_]{20,})",
    r"gl(?:pat|dt|rt|rtr|ptt|ft|imt|agent|oas|soat|cbt|ffct|wt)-([A-Za-z0-9_.-]{16,})|GR1348941([A-Za-z0-9_-]{16,})",
    // Models and what is sold with them.
    r"sk-([A-Za-z0-9_-]{20,})|(?:sk|rk|pk|ek)_(?:live|test|prod)_([A-Za-z0-9]{10,})|(?:gsk|xai|nvapi|pplx|tvly|fc|csk|pcsk|tgp_v1|hf|api_org|r8|lsv2_pt|lsv2_sk|jina|e2b|rpa|sbp|sb_secret|figd|figo|figu)[_-]([A-Za-z0-9_-]{20,})",
    // Clouds.
    r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])([A-Z0-9]{16})(?-u:\b)|AIza([A-Za-z0-9_-]{30,})|ya29\.([A-Za-z0-9_.-]{20,})|1//0([A-Za-z0-9_-]{20,})|GOCSPX-([A-Za-z0-9_-]{16,})|LTAI([A-Za-z0-9]{16,})",
    r"do[opr]_v1_([a-f0-9]{20,})|dapi([a-f0-9]{32})|(?:hv[sbr])\.([A-Za-z0-9_-]{16,})|[A-Za-z0-9]{14}\.atlasv1\.([A-Za-z0-9_=-]{20,})|pscale_(?:tkn|oauth|pw)_([A-Za-z0-9_.=-]{16,})|pul-([a-f0-9]{32,})|HRKU-([A-Za-z0-9_-]{30,})|tskey-[a-z]+-([A-Za-z0-9_-]{16,})|fo1_([A-Za-z0-9_-]{30,})|fm[12][ar]?_([A-Za-z0-9+/=_-]{40,})|v1\.0-([a-f0-9]{24}-[a-f0-9]{40,})|[A-Za-z0-9_~.]{3}\dQ~([A-Za-z0-9_~.-]{31,})",
    // Packages and builds.
    r"pypi-(A[A-Za-z0-9_-]{15,}|[A-Za-z0-9_-]{40,})|npm_([A-Za-z0-9]{30,})|rubygems_([a-f0-9]{32,})|dckr_(?:pat|oat)_([A-Za-z0-9_-]{16,})|CLOJARS_([a-z0-9]{40,})|oy2([a-z0-9]{43})|AKCp([A-Za-z0-9]{60,})|cmVmd([A-Za-z0-9]{55,})|bkua_([a-f0-9]{30,})|CCIPAT_([A-Za-z0-9_-]{20,})|nfp_([A-Za-z0-9]{30,})|dp\.(?:pt|st|ct|sa|scim|audit)\.([A-Za-z0-9._-]{30,})|ops_(eyJ[A-Za-z0-9+/=_-]{40,})|API-([A-Z0-9]{26})(?-u:\b)|PMAK-([a-f0-9]{20,}-[a-f0-9]{20,})|sntry[su]_([A-Za-z0-9+/=_-]{30,})|sgp_([A-Za-z0-9_]{30,})|rdme_([a-z0-9]{50,})|pnu_([A-Za-z0-9]{30,})|tk-us-([A-Za-z0-9_-]{40,})|ico-([A-Za-z0-9]{32})",
    // Talk, mail, documents.
    r"xox[a-z](?:\.xox[a-z])?-([A-Za-z0-9-]{10,})|xapp-([A-Za-z0-9-]{16,})|xwfp-([A-Za-z0-9-]{16,})|(?:bot)?[0-9]{5,16}:(AA?[A-Za-z0-9_-]{32,})",
    r"SG\.([A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})|(?:pub)?key-([a-f0-9]{32})|xkeysib-([a-f0-9]{40,}[A-Za-z0-9-]*)|SK([a-f0-9]{32})(?-u:\b)|[a-f0-9]{32}-(us[0-9]{1,2})(?-u:\b)",
    r"AT(?:ATT|CTT|STT)[0-9]([A-Za-z0-9_=.-]{20,})|ATBB([A-Za-z0-9]{24,})|lin_(?:api|oauth)_([A-Za-z0-9]{20,})|ntn_([A-Za-z0-9]{30,})|secret_([A-Za-z0-9]{40,})|tfp_([A-Za-z0-9_]{30,})|pat[A-Za-z0-9]{14}\.([a-f0-9]{40,})|pat-(?:na|eu|ap)[0-9]+-([A-Za-z0-9-]{20,})|(?:pat|sat)\.([A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20})|CFPAT-([A-Za-z0-9_-]{30,})|dnkey-([A-Za-z0-9=_-]{40,})|fio-u-([A-Za-z0-9_=-]{40,})",
    // Shops and payments.
    r"shp(?:at|ca|pa|ss|tka|ua)_([A-Fa-f0-9]{24,})|sq0(?:csp|atp)-([A-Za-z0-9_-]{20,})|EAA([A-Za-z0-9_-]{40,})|whsec_([A-Za-z0-9+/=]{16,})|EZ[AT]K([A-Za-z0-9]{50,})|FLW(?:SEC|PUB)K_(?:TEST|LIVE)-([A-Za-z0-9-]{12,})|FLW(?:SEC|PUB)K-([A-Za-z0-9-]{20,})|shippo_(?:live|test)_([a-fA-F0-9]{30,})|duffel_(?:test|live)_([A-Za-z0-9_=-]{30,})|sm_[aps]at_([A-Za-z0-9]{16,})|access-(?:sandbox|development|production)-([a-f0-9-]{36})",
    r"re_([A-Za-z0-9]{6,10}_[A-Za-z0-9]{20,})|(?:napi|vcp|rnd)_([A-Za-z0-9]{24,})|mdb_sa_sk_([A-Za-z0-9_-]{20,})|4b1d([A-Za-z0-9]{38})(?-u:\b)",
    // What watches over machines.
    r"eyJrIjoi([A-Za-z0-9+/_=-]{30,})|s\.([A-Za-z0-9]{24})(?-u:\b)",
    r"gl(?:c_|sa_)([A-Za-z0-9+/_=]{32,})|dt0[a-z][0-9]{2}\.([A-Z0-9a-z]{20,}\.[A-Za-z0-9]{40,})|NR(?:AK|II|JS|AL)-([A-Za-z0-9_-]{16,})|[A-Za-z0-9]{6}_([A-Za-z0-9]{29}_mmk)|sha256~([A-Za-z0-9_-]{40,})|A3-([A-Z0-9]{6}-[A-Z0-9-]{20,})|p8e-([A-Za-z0-9]{32})|(?i:AGE-SECRET-KEY-([0-9A-Z-]{20,}))|phx_([A-Za-z0-9_]{30,})",
    // JSON Web Tokens, and those in base64 once more.
    r"eyJ([A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*)|ZXlK([A-Za-z0-9+/_-]{40,}={0,2})",
];

/// What follows `Bearer` and may be a short token; words of prose do, too.
const BEARER: &str = r#"(?i:bearer)(?:\s|%20|\+)+\\*["'`]?(?P<bearer>[A-Za-z0-9._~+/-]{8,}=*)"#;

/// Addresses that are secrets, and their parts that are.
const ADDRESSES: &[&str] = &[
    r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/_-]{8,})",
    r"discord(?:app)?\.com/api/(?:v[0-9]+/)?webhooks/([0-9]+/[A-Za-z0-9_-]+)",
    r"(?:webhook|outlook)\.office(?:365)?\.com/(webhook(?:b2)?/[A-Za-z0-9@/_-]+)",
    r"hooks\.zapier\.com/hooks/catch/([A-Za-z0-9/]+)",
    r"chat\.googleapis\.com/v1/spaces/[^\s?]+\?(key=[^\s&]+&token=[^\s&]+)",
    // Shared access signatures of Azure: the query before them is none.
    r"(?:^|[^A-Za-z0-9_.-])(?i:sig)=([A-Za-z0-9%+/=_-]{16,})",
];

/// Labels of PEM of which everybody may know what is under them.
const PUBLIC: &[&str] = &[
    "CERTIFICATE",
    "TRUSTED CERTIFICATE",
    "X509 CERTIFICATE",
    "ATTRIBUTE CERTIFICATE",
    "CERTIFICATE REQUEST",
    "NEW CERTIFICATE REQUEST",
    "X509 CRL",
    "PUBLIC KEY",
    "RSA PUBLIC KEY",
    "DSA PUBLIC KEY",
    "EC PUBLIC KEY",
    "SSH2 PUBLIC KEY",
    "PGP PUBLIC KEY BLOCK",
    "PGP SIGNATURE",
    "PGP SIGNED MESSAGE",
    "SSH SIGNATURE",
    "DH PARAMETERS",
    "EC PARAMETERS",
    "DSA PARAMETERS",
];

/// The longest label that is read as one.
const LABEL: usize = 64;

/// The expressions of all tokens, each of which begins where a word does.
pub(super) fn patterns() -> impl Iterator<Item = String> {
    // A boundary of bytes: one of Unicode would keep the fast engine from texts that are not ASCII.
    let tokens = TOKENS.iter().chain([&BEARER]).map(|tokens| format!(r"(?-u:\b)(?:{tokens})"));
    tokens.chain(ADDRESSES.iter().map(|address| (*address).to_owned()))
}

/// Finds what one of these expressions does.
pub(super) fn find(text: &str, pattern: &Regex, found: &mut Vec<Range<usize>>) {
    for captures in pattern.captures_iter(text) {
        let Some(whole) = captures.get(0) else { continue };
        if let Some(token) = captures.name("bearer") {
            found.extend(is_mixed(token.as_str()).then_some(whole.range()));
            continue;
        }
        let rest = captures.iter().skip(1).flatten().next();
        if rest.is_none_or(|rest| !is_name(rest.as_str())) {
            found.push(whole.range());
        }
    }
}

/// Whether what stands behind a prefix are words of small letters, with signs between them.
fn is_name(rest: &str) -> bool {
    rest.contains(['-', '_', '.']) && rest.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_.".contains(&byte))
}

/// Whether letters have a digit among them, or a word of them has small letters and a capital that does not begin it.
fn is_mixed(token: &str) -> bool {
    let mut words = token.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| {
        let has_small = word.bytes().any(|byte| byte.is_ascii_lowercase());
        let has_capital = word.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
        word.bytes().any(|byte| byte.is_ascii_digit()) || has_small && has_capital
    })
}

/// Finds keys in PEM, and what else stands there under a label that is not public: from `-----BEGIN` to the end of its `-----END` line, or of the text.
pub(super) fn find_pem(text: &str, found: &mut Vec<Range<usize>>) {
    const BEGIN: &str = "BEGIN ";
    let mut at = 0;
    while let Some(begin) = text.get(at..).and_then(|rest| rest.find(BEGIN)).map(|begin| at + begin) {
        at = begin + BEGIN.len();
        let before = text.get(..begin).unwrap_or_default();
        // OpenSSH's own form has four dashes and a space.
        let end = if before.ends_with("----") { "----END " } else { "---- END " };
        let before = before.strip_suffix(' ').unwrap_or(before);
        let dashes = before.bytes().rev().take(LABEL).take_while(|byte| *byte == b'-').count();
        let rest = text.get(at..).unwrap_or_default();
        let is_of_label = |byte: &u8| byte.is_ascii_alphanumeric() || b" _.".contains(byte);
        let letters = rest.bytes().take(LABEL).take_while(is_of_label).count();
        let label = rest.get(..letters).unwrap_or_default().trim();
        let is_label = rest.get(letters..).is_some_and(|rest| rest.starts_with("----"));
        if dashes < 4 || !is_label || PUBLIC.contains(&label) {
            continue;
        }
        let last = rest.find(end).map(|from| from + end.len());
        let line = last.and_then(|from| rest.get(from..)?.find("----").map(|dashes| from + dashes));
        let behind = line.map_or(text.len(), |line| {
            let dashes = rest.get(line..).unwrap_or_default().bytes().take_while(|byte| *byte == b'-').count();
            at + line + dashes
        });
        found.push(before.len() - dashes..behind);
        at = behind;
    }
}

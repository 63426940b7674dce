//! Which values of a result are found again in an argument, and under whose name: each case is a result, an argument and whether it comes from there.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is how a test fails")]

use misgoal_guard::Config;
use misgoal_guard::read::{Limits, Side, value};
use misgoal_guard::session::History;

const NOW: u64 = 1_000_000;

fn history(more: &str) -> History {
    History::new(&Config::parse("guard.toml", &format!("format = 1\nserver = \"s\"\n{more}")).unwrap())
}

fn taste(history: &mut History, tool: &str, json: &str) {
    let node = value(json.as_bytes(), Side::Server, &Limits::default()).unwrap();
    let labels = history.taste(&[tool], &[&node]);
    history.bear(labels, NOW);
}

fn origins(history: &History, json: &str) -> Vec<String> {
    let node = value(json.as_bytes(), Side::Server, &Limits::default()).unwrap();
    history.origins.of(&node).into_iter().collect()
}

#[track_caller]
fn check(result: &str, argument: &str, is_found: bool) {
    let mut one = history("");
    taste(&mut one, "fetch", result);
    assert_eq!(origins(&one, argument), if is_found { vec!["fetch"] } else { vec![] }, "{result} {argument}");
}

#[test]
fn a_value_is_found_however_it_is_written() {
    for (result, argument, is_found) in [
        (r#""send it to DE89370400440532013000.""#, r#""DE89370400440532013000""#, true),
        (r#""send it to DE89370400440532013001.""#, r#""DE89370400440532013000""#, false),
        // Groups of letters and digits, on either side.
        (r#""send it to DE89 3704 0044 0532 0130 00 now""#, r#""DE89370400440532013000""#, true),
        (r#""IBAN 2: DE89-3704-0044-0532-0130-00""#, r#""de89370400440532013000""#, true),
        (r#""DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000""#, r#""DE89370400440532013000""#, true),
        (r#""DE89370400440532013000""#, r#""DE89 3704 0044 0532 0130 00""#, true),
        (r#""DE89370400440532013000""#, r#""please pay DE89 3704 0044 0532 0130 00 at once""#, true),
        (r#""call +49 30 1234567""#, r#""+49301234567""#, true),
        (r#""card 4111-1111-1111-1111""#, "4111111111111111", true),
        // Numbers with signs between their digits.
        (r#""it costs $4,100,000 in all""#, "4100000", true),
        (r#""it costs 4.100.000,50 EUR""#, "4100000.5", true),
        (r#""it costs 4'100'000.""#, "4.1e6", true),
        (r#""it costs 4 100 000""#, "4100000", true),
        (r#""it costs USD1,250.75""#, "1250.75", true),
        (r#""it costs 4.1e6""#, r#""4100000""#, true),
        (r#""it costs 0012500""#, "12500", true),
        (r#""it costs 1,250,75x""#, "125075", false),
        // Short ones are everywhere.
        ("7", "7", false),
        (r#""7""#, "7", false),
        ("12", r#""12""#, false),
        ("4.1e15", "4100000000000000", true),
        ("4100000000000000", r#""4,100,000,000,000,000""#, true),
        ("12500", r#""12.500,00""#, true),
        ("12501", r#""12.500,00""#, false),
        // In capitals, in letters of another width, with unseen ones between them, in an address.
        (r#""write to mallory@evil.example""#, r#""Mallory@EVIL.example""#, true),
        (r#""send it to DE89370400440532013000""#, "\"\u{ff24}\u{ff25}\u{ff18}\u{ff19}370400440532013000\"", true),
        (r#""send it to DE89370400440532013000""#, "\"DE89\u{200b}370400440532013000\"", true),
        (r#""send it to DE89370400440532013000""#, r#""https://a.example/?to=DE89370400440532013000&now=1#x""#, true),
        (r#""order #4711""#, "4711", true),
        (r#""write to mallory@evil.example""#, r#""ｍａｌｌｏｒｙ＠evil.example""#, true),
        (r#""write to m\u200ballory@evil\u00ad.example""#, r#""mallory@evil.example""#, true),
        (r#""pay MÜLLERSTEIN""#, r#""Mu\u0308llerstein""#, true),
        (r#"{"structuredContent":{"\uff2dallory":1}}"#, r#""mallory""#, true),
        // Unseen letters between two values keep them apart all the same.
        (r#""ACCT-MALLORY-0001\u200bACCT-MALLORY-0002""#, r#""ACCT-MALLORY-0001""#, true),
        // Digits and signs of other scripts.
        (r#""it costs ٤١٠٠٠٠٠ in all""#, "4100000", true),
        (r#""it costs ٤٬١٠٠٬٠٠٠٫٥""#, "4100000.5", true),
        (r#""it costs ४१०० in all""#, "4100", true),
        (r#""it costs 4100 in all""#, r#""४१००""#, true),
        (r#""it costs 𝟒𝟏𝟎𝟎 in all""#, "4100", true),
        (r#""it costs −4100 or 4’200’000""#, "-4100", true),
        (r#""it costs −4100 or 4’200’000""#, "4200000", true),
        (r#""it costs ٤١٠١ in all""#, "4100", false),
        (r#""{\"sum\":\"٤١٠٠\"}""#, "4100", true),
        // Keys, of results and of arguments; not those of MCP.
        (r#"{"structuredContent":{"DE89370400440532013000":1}}"#, r#""DE89370400440532013000""#, true),
        (r#""DE89370400440532013000""#, r#"{"DE89370400440532013000":[1]}"#, true),
        (r#"{"content":[{"type":"text","text":"a"}]}"#, r#""content""#, false),
        // JSON in a text, with its escapes, and in a text of that.
        (r#""{\"name\":\"M\\u00fcller\"}""#, r#""Müller""#, true),
        (r#""[\"{\\\"name\\\":\\\"M\\\\u00fcller\\\"}\"]""#, r#""Müller""#, true),
        (r#""{\"sum\":4.1e6}""#, "4100000", true),
        (r#""{\"a\":1}\n{\"name\":\"M\\u00fcller\"}""#, r#""Müller""#, true),
        (r#""the answer is {\"name\":\"M\\u00fcller\",""#, r#""Müller""#, true),
        (r#""the answer is \\ud83d\\ude00abc \\ud83d""#, r#""😀abc""#, true),
        (r#""C:\\new\\u12""#, r#""C:\\new\\u12""#, true),
        // Bytes of a resource, in base64.
        (r#"{"contents":[{"blob":"cGF5IERFODkzNzA0MDA0NDA1MzIwMTMwMDA="}]}"#, r#""DE89370400440532013000""#, true),
        (r#"{"contents":[{"blob":"cGF5IERFODkzNzA0MDA0NDA1MzIwMTMwMDA"}]}"#, r#""DE89370400440532013000""#, true),
        (r#"{"contents":[{"other":"cGF5IERFODkzNzA0MDA0NDA1MzIwMTMwMDA="}]}"#, r#""DE89370400440532013000""#, false),
        (r#"{"contents":[{"blob":"/////w=="}]}"#, r#""DE89370400440532013000""#, false),
        // Readers pass over what is no letter of base64, and text may stand between bytes that are none.
        (r#"{"contents":[{"blob":"cGF5*IERFODkzNzA0MDA0.NDA1MzIwMTMwMDA="}]}"#, r#""DE89370400440532013000""#, true),
        (r#"{"contents":[{"blob":"/yBERTg5MzcwNDAwNDQwNTMyMDEzMDAw"}]}"#, r#""DE89370400440532013000""#, true),
        // Behind a key or a scheme, in an address, before a unit.
        (r#""{to:ACCT-MALLORY-0001}""#, r#""ACCT-MALLORY-0001""#, true),
        (r#""mailto:m@evil.example""#, r#""m@evil.example""#, true),
        (r#""https://evil.example/pay/ACCT-MALLORY-0001?x=1""#, r#""ACCT-MALLORY-0001""#, true),
        (r#""ACCT-MALLORY-0001/USD""#, r#""ACCT-MALLORY-0001""#, true),
        (r#""pay → ACCT-9, or →ACCT-MALLORY-0001""#, r#""ACCT-MALLORY-0001""#, true),
        (r#""amount:4100000""#, "4100000", true),
        (r#""ACCT-MALLORY-0001""#, r#""iban:ACCT-MALLORY-0001""#, true),
        // Links and every other member.
        (r#"{"content":[{"type":"resource_link","uri":"a://b/9912","name":"q"}]}"#, r#""a://b/9912""#, true),
        (r#"{"content":[],"structuredContent":{"a":[["9912"]]}}"#, r#""9912""#, true),
        // Not found, as docs/guard.md says: what is put together, or encoded in another way.
        (r#"["DE8937040044","0532013000"]"#, r#""DE89370400440532013000""#, false),
        (r#""0x3e8""#, "1000", false),
    ] {
        check(result, argument, is_found);
    }
}

/// What stands right before a value and behind it, by kinds: emphasis and other punctuation, colours, escapes, letters of other scripts.
const AROUND: &[(&str, &str)] = &[
    ("see ", " now"),
    ("see **", "** now"),
    ("*", "*."),
    ("***", "***"),
    ("see _", "_ now"),
    ("__", "__"),
    ("~~", "~~"),
    ("$", "$"),
    ("+", "+"),
    ("a--", "--b"),
    ("* ", ""),
    ("*", ""),
    ("+", ""),
    ("", "% of"),
    ("^", "^"),
    ("%%", "\\\\"),
    ("[a](", ")"),
    ("a\u{2014}", "\u{2014}b"),
    ("\u{1f4b0}", "\u{1f4b0}"),
    ("\u{201e}", "\u{201c}"),
    // Colours and links of terminals, and their escapes in a text.
    ("\\u001b[1m", "\\u001b[0m"),
    ("to\\u001b[38;5;1m", "\\u001b[mok"),
    ("\\u009b31m", "\\u009b0m"),
    ("\\u001b]8;;a\\u001b\\\\", "\\u001b]8;;\\u001b\\\\"),
    ("\\u001b(B", "\\u001b(B"),
    ("a\\\\u001b[1m", "\\\\u001b[0m"),
    ("a\\\\x1b[1m", "\\\\x1b[0m"),
    ("a\\\\033[1m", "\\\\033[0m"),
    ("a\\\\e[1m", "\\\\e[0m"),
    ("Hello\\\\n", "\\\\tbye"),
    ("a%20", "%20b"),
    ("&quot;", "&quot;"),
    ("\\u0001", "\\u0002"),
    // Letters of other scripts.
    ("\u{8bf7}\u{4ed8}\u{5230}\u{8d26}\u{6237}", "\u{8c22}\u{8c22}"),
    ("\u{306f}", "\u{3078}"),
    ("", "\u{b85c}"),
    ("\u{e42}\u{e2d}\u{e19}", "\u{e04}\u{e23}\u{e31}\u{e1a}"),
    ("\u{441}\u{447}\u{451}\u{442}", "\u{434}\u{43b}\u{44f}"),
    ("\u{62d}\u{633}\u{627}\u{628}", "\u{634}\u{643}\u{631}\u{627}"),
    ("\u{939}\u{94d}", "\u{915}\u{93f}"),
];

#[test]
fn a_value_is_found_whatever_stands_beside_it() {
    for value in [
        "ACCT-MALLORY-0001",
        "DE89370400440532013000",
        "4111111111111111",
        "4111 1111 1111 1111",
        "mallory@evil.com",
        "mallory_x@evil.co.uk",
        "evil.com",
        "https://evil.com/pay",
        "/etc/passwd",
        "@mallory",
        "report.pdf",
        "C:\\\\tmp\\\\a.txt",
        "+493012345678",
        "0xdeadbeef01",
        "mallory",
        "John Smith",
        "\u{4e0a}\u{6d77}\u{9a6c}\u{6d1b}\u{91cc}",
        "M\u{fc}llerstein",
        "\u{418}\u{432}\u{430}\u{43d} \u{418}\u{432}\u{430}\u{43d}\u{43e}\u{432}",
    ] {
        for (before, behind) in AROUND {
            let is_same_script = value.starts_with('\u{418}') && before.starts_with('\u{441}');
            if !is_same_script {
                check(&format!("\"{before}{value}{behind}\""), &format!("\"{value}\""), true);
            }
        }
    }
    for (before, behind) in AROUND {
        check(&format!("\"{before}410000{behind}\""), "410000", true);
        check(&format!("\"{before}4,100.50{behind}\""), "4100.5", true);
        check(&format!("\"{before}ACCT-MALLORY-0001{behind}\""), "\"ACCT-MALLORY-0002\"", false);
    }
}

#[test]
fn words_are_found_in_their_row_and_common_ones_are_not() {
    for (result, argument, is_found) in [
        ("please wire the refund to John Smith by Friday", "\"John Smith\"", true),
        ("please wire the refund to JOHN SMITH", "\"John Smith\"", true),
        ("please wire it to **John** _Smith_", "\"John Smith\"", true),
        ("please wire it to John\\nSmith", "\"John Smith\"", true),
        ("please wire it to Li Wei now", "\"Li Wei\"", true),
        ("please wire the refund to John Smith", "\"Smith John\"", false),
        ("please wire the refund to John A. Smith", "\"John Smith\"", false),
        ("please wire the refund to Johnny Smith", "\"John Smith\"", false),
        ("John pays Adam Smith", "\"John Smith\"", false),
        // In a longer argument two short words are everywhere, as is one.
        ("please wire the refund to John", "\"the refund is due to Ann\"", false),
        ("please wire the refund to John", "\"to do\"", false),
        ("it is a part of it", "\"of it\"", false),
        ("it is a start", "\"art\"", false),
        ("the state of things", "\"is\"", false),
        ("INV-9912 is paid", "\"ORD-9912\"", false),
        ("INV-9912 is paid", "\"order 9912 of May\"", false),
        ("it costs 100", "\"4 100,00\"", false),
        ("steps 1, 2 and 3", "\"1.2\"", false),
        ("it took from 1 to 25", "\"1.25\"", false),
        ("it took from 1 to 25", "1.25", false),
        // A value of more words, of which each three stand somewhere, and not all.
        ("a1-b2-c3 and b2-c3-d5", "\"a1-b2-c3-d4\"", false),
        // Scripts without spaces.
        ("请把款项付给上海马洛里国际贸易有限公司，谢谢。", "\"上海马洛里国际贸易有限公司\"", true),
        ("请把款项付给李小龙谢谢", "\"李小龙\"", true),
        ("请把款项付给李小龙谢谢", "\"付款：上海马洛里国际贸易\"", false),
        ("请把款项付给上海马洛里国际贸易有限公司", "\"收款人上海马洛里国际贸易，备注无\"", true),
        ("请把款项付给李小龙谢谢", "\"请把\"", false),
        ("请把款项付给李小龙谢谢", "\"把\"", false),
        ("山田太郎様へ送金してください", "\"山田太郎\"", true),
        ("株式会社マロリーに送金してください", "\"マロリー\"", true),
        ("김철수에게 송금하세요", "\"김철수\"", true),
        ("โอนเงินให้สมชายใจดีครับ", "\"สมชายใจดี\"", true),
        ("โอนเงินให้สมชายใจดีครับ", "\"สมหญิง\"", false),
        ("王芳，谢谢", "\"王芳\"", true),
        ("переведите деньги: Иван Иванов.", "\"Иван Иванов\"", true),
        // Sums.
        ("12\u{202f}345,50 €", "12345.5", true),
        ("12\u{a0}345,50 €", "12345.5", true),
        ("12 345,00", "12345", true),
        ("12 345.50", "12345.5", true),
        ("USD12 345.50", "12345.5", true),
        ("2 12 345,50", "12345.5", true),
        ("1 234 567,89", "1234567.89", true),
        ("4 100", "4100", true),
        ("4\u{2009}100 kr", "\"4100\"", true),
        ("4100", "\"4 100,00\"", true),
        ("4,100.-", "4100", true),
        ("CHF 4'100.--", "4100", true),
        ("4.100,-- EUR", "4100", true),
        (".125", "0.125", true),
        ("costs $.125 a piece", "0.125", true),
        ("-.125", "-0.125", true),
        ("from 4,100-4,200", "4100", true),
        ("from 4,100-4,200", "4200", true),
        ("支付4,100元", "4100", true),
        ("-4,100", "4100", true),
        ("12 34", "1234", false),
        ("12 3456", "123456", true),
        ("12 345,50", "12345.6", false),
        ("4 1000", "4100", false),
        ("IBAN:DE89 3704 0044 0532 0130 00", "\"DE89370400440532013000\"", true),
        ("请付4111 1111 1111 1111元", "4111111111111111", true),
        ("А123ВС 77", "\"А123ВС77\"", true),
        // Paths.
        ("etc/passwd", "\"/etc/passwd\"", true),
        ("see /srv/mal/x for it", "\"/srv/mal/x/y/z.txt\"", true),
        ("see `/srv/mal/x/`", "\"/srv/mal/x/y\"", true),
        ("see C:\\\\mallory\\\\x", "\"C:/mallory/x/y\"", true),
        ("see /srv/mal/x/other", "\"/srv/mal/x/y\"", false),
        ("see /srv/mal/xy", "\"/srv/mal/x/y\"", false),
        ("see /usr/x", "\"/usr/x/y\"", false),
        ("https://a.io/pay", "\"https://a.io/pay/4711?x=1\"", true),
        ("to=mallory%40evil.com&x=1", "\"mallory@evil.com\"", true),
        ("ACCT-\\u001b[1mMAL\\u001b[0mLORY-0001", "\"ACCT-MALLORY-0001\"", true),
        ("ጤና4100 1234ይስጥልኝ", "41001234", true),
        ("သို့မောင်မောင်ကြီးပေးပါ", "\"မောင်မောင်\"", true),
        ("pay **x.io** now", "\"x.io\"", true),
        ("谢谢John Smith先生", "\"John Smith\"", true),
        ("₹1,00,000.50", "100000.5", true),
        ("\\u001b]0;title\\u0007ACCT-MAL-1", "\"ACCT-MAL-1\"", true),
        // Not found, as docs/guard.md says: with a tag's name between its words, and two short words in a longer argument.
        ("to <b>John</b> Smith", "\"John Smith\"", false),
        ("to *John* Smith", "\"the payee is John Smith\"", false),
        // Not found, as docs/guard.md says: letters of the same script beside it.
        ("toACCT-MALLORY-0001ok", "\"ACCT-MALLORY-0001\"", false),
    ] {
        check(&format!("\"{result}\""), argument, is_found);
    }
}

#[test]
fn a_session_does_not_forget_where_a_value_came_from() {
    let iban = "DE89370400440532013000";
    // More words than are remembered exactly, with a value behind them and one before them; and then more of others.
    let mut long = (0..150_000).map(|at| format!("w{at} ")).collect::<String>();
    long.push_str(iban);
    let mut one = history("");
    taste(&mut one, "fetch", "\"ES9121000418450200051332\"");
    taste(&mut one, "fetch", &format!("\"{long}\""));
    for other in 0..6 {
        let others: String = (0..20_000).map(|at| format!("{other}x{at} ")).collect();
        taste(&mut one, "clock", &format!("\"{others}\""));
    }
    for argument in [iban, "ES9121000418450200051332"] {
        assert_eq!(origins(&one, &format!("\"{argument}\"")), ["fetch"], "{argument}");
    }
    assert_eq!(origins(&one, "\"GB33BUKB20201555555555\""), Vec::<String>::new());
    let hidden = format!("\"{} {iban}\"", "a ".repeat(30_000));
    assert_eq!(origins(&one, &hidden), ["fetch"]);
}

#[test]
fn a_pattern_sees_numbers_and_keys_as_one_text() {
    for (pattern, result, is_seen) in [
        ("^4100000000000000$", "4.1e15", true),
        ("^4100000000000000$", "4100000000000000", true),
        ("^4100000000000000$", "4.1e+15", true),
        ("^0\\.5$", "5e-1", true),
        ("4\\.1e15", "4.1e15", false),
        ("^DE89$", r#"{"structuredContent":{"DE89":1}}"#, true),
        ("content", r#"{"content":[{"type":"text","text":"a"}]}"#, false),
        ("^Müller$", r#""{\"name\":\"M\\u00fcller\"}""#, true),
        ("IBAN", r#"{"contents":[{"blob":"SUJBTg=="}]}"#, true),
        ("yes", "true", false),
        // In letters of another width, with unseen ones between them, in digits of another script, in parts.
        ("IBAN: DE", r#""ＩＢＡＮ： ＤＥ""#, true),
        ("IBAN: DE", r#""I\u200bBAN:\u00a0D\u00adE""#, true),
        ("IBAN", r#""I\u0000BAN""#, true),
        ("IBAN", r#""iban""#, false),
        ("^4100$", r#""٤١٠٠""#, true),
        ("^DE89$", r#"{"structuredContent":{"ＤＥ89":1}}"#, true),
        ("IBAN", r#""{\"a\":\"I\\u200bBAN\"}""#, true),
        ("^Müller$", r#""Mu\u0308ller""#, true),
        ("^Mu\u{308}ller$", r#""Müller""#, true),
        ("ＩＢＡＮ", r#""ＩＢＡＮ""#, true),
        ("\\x{200b}", r#""a\u200bb""#, true),
    ] {
        let label = format!("[[label]]\nname = \"seen\"\ntools = [\"fetch\"]\nmatches = '{pattern}'\n");
        let mut one = history(&label);
        taste(&mut one, "fetch", result);
        assert_eq!(one.labels_at(NOW).contains("seen"), is_seen, "{pattern} {result}");
        let mut other = history(&label);
        taste(&mut other, "clock", result);
        assert!(!other.labels_at(NOW).contains("seen"));
    }
}

/// A server chooses what its tools are called, and the operator whom they trust.
#[test]
fn a_tool_has_not_the_name_of_the_user_or_of_a_label() {
    let mut one = history("[[label]]\nname = \"insured\"\ntools = [\"look\"]\nmatches = \"insurance\"\n");
    for tool in ["user", "insured", "look"] {
        taste(&mut one, tool, &format!("\"{tool}-9912\""));
    }
    for (argument, expected) in [("user-9912", "tool:user"), ("insured-9912", "tool:insured"), ("look-9912", "look")] {
        assert_eq!(origins(&one, &format!("\"{argument}\"")), [expected]);
    }
}

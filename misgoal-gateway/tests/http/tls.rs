//! Servers that speak `https`, with certificates of an authority that nobody but the test has heard of.

use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use misgoal_gateway::Place;
use misgoal_gateway::http::{self, Front};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::server::{Asked, answer, read_message};
use super::{ALL, call, guarded, guarded_at};

type Stream = StreamOwned<ServerConnection, TcpStream>;

/// An authority, and the file that names it.
struct Company {
    authority: CertifiedIssuer<'static, KeyPair>,
    room: tempfile::TempDir,
}

/// What a server's certificate is like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Good,
    OtherName,
    Expired,
}

impl Company {
    fn new(name: &str) -> Company {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let room = tempfile::tempdir().expect("a directory");
        std::fs::write(room.path().join("ca.pem"), authority.pem()).expect("a file");
        Company { authority, room }
    }

    fn file(&self) -> PathBuf {
        self.room.path().join("ca.pem")
    }

    /// A server with such a certificate, until the test ends.
    fn serve(&self, kind: Kind) -> (SocketAddr, Asked) {
        let asked = Asked::default();
        let known = asked.clone();
        (self.serve_by(kind, move |stream| answer(stream, &known, false)), asked)
    }

    /// The same with something of its own to say on each connection.
    fn serve_by(&self, kind: Kind, say: impl Fn(Stream) + Clone + Send + 'static) -> SocketAddr {
        let name = if kind == Kind::OtherName { "other.example" } else { "127.0.0.1" };
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        if kind == Kind::Expired {
            params.not_after = rcgen::date_time_ymd(2001, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        let signed = params.signed_by(&key, &self.authority).expect("a certificate");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_no_client_auth()
            .with_single_cert(vec![signed.der().clone()], key)
            .expect("a certificate");
        let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").expect("a port"));
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (say, config) = (say.clone(), Arc::clone(&config));
                let connection = ServerConnection::new(config).expect("a connection");
                std::thread::spawn(move || say(StreamOwned::new(connection, stream)));
            }
        });
        address
    }
}

#[test]
fn an_encrypted_server_is_fronted_like_any_other() {
    let company = Company::new("ours");
    let (address, asked) = company.serve(Kind::Good);
    let guard = guarded_at(&format!("https://{address}/mcp"), Some(&company.file()), asked, ALL, "");
    let session = guard.begin();
    let answer = guard.post(&session, &call(1, "echo", "x")).json();
    assert_eq!(answer["result"]["content"][0]["text"], "x");
    let stream = guard.post(&session, &call(2, "stream", "y"));
    assert!(stream.body.contains("\"text\":\"y\""), "{}", stream.body);
    assert_eq!(guard.calls(), 2);
}

#[test]
fn an_encrypted_webhook_decides() {
    let company = Company::new("ours");
    let (told, hear) = std::sync::mpsc::channel();
    let hook = company.serve_by(Kind::Good, move |stream| {
        let mut reader = BufReader::new(stream);
        while let Some((_, body)) = read_message(&mut reader) {
            let approve = body.contains("rent");
            told.send(body).expect("the test hears");
            let answer = format!(r#"{{"decision":"{}","by":"Ada"}}"#, if approve { "approve" } else { "deny" });
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length:";
            let answer = format!("{head} {}\r\n\r\n{answer}", answer.len());
            reader.get_mut().write_all(answer.as_bytes()).expect("the guard reads");
        }
    });
    let ca = company.file().display().to_string();
    let more = format!("[approvals]\nwait = \"20s\"\n[approvals.webhook]\nurl = \"https://{hook}/\"\nca = \"{ca}\"\n");
    let guard = guarded("permit (principal, action, resource) when { context.approved };", &more, false);
    let session = guard.begin();
    assert!(guard.post(&session, &call(1, "pay", "rent")).json()["result"].is_object());
    let denied = guard.post(&session, &call(2, "pay", "all of it")).json();
    assert!(denied["error"]["message"].as_str().expect("words").contains("a person has denied it"), "{denied}");
    assert_eq!((guard.calls(), hear.try_iter().count()), (1, 2));
}

/// What `guard init` and `guard serve` say of a server.
fn said(url: &str, ca: Option<PathBuf>) -> String {
    let error = http::probe::tools(url, ca.as_deref()).expect_err("it is not trusted").to_string();
    let room = tempfile::tempdir().expect("a directory");
    let tools = misgoal_guard::Tools::new("web").to_file();
    for (name, text) in
        [("guard.toml", "format = 1\nserver = \"web\"\n"), ("policy.cedar", ALL), ("guard.tools.json", &tools)]
    {
        std::fs::write(room.path().join(name), text).expect("a file can be written");
    }
    let listen = "127.0.0.1:0".parse().expect("an address");
    let front =
        Front { listen, upstream: url.to_owned(), ca, origins: Vec::new(), connections: 1, idle: Duration::MAX };
    let place = Place::new(room.path().join("guard.toml"));
    // Told to stop already: what is trusted ends at once, and what is not does not begin.
    let served = http::serve(&place, &front, &AtomicBool::new(true), |_| {}, |_| {}).expect_err("it is not trusted");
    format!("{error}\n{served}").replace(url.split('/').nth(2).unwrap_or_default(), "SERVER")
}

/// A server that takes an encrypted greeting for a bad request.
fn plain() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut greeting = [0; 5];
            stream.read_exact(&mut greeting).expect("a greeting");
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").expect("an answer");
            // Its end would otherwise be a reset.
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    address
}

#[test]
fn whom_nobody_vouches_for_is_not_fronted() {
    let (company, other) = (Company::new("ours"), Company::new("theirs"));
    let url = |kind: Kind| format!("https://{}/mcp", company.serve(kind).0);
    let trusted = || Some(company.file());
    insta::assert_snapshot!("unknown", said(&url(Kind::Good), Some(other.file())));
    insta::assert_snapshot!("other_name", said(&url(Kind::OtherName), trusted()));
    insta::assert_snapshot!(
        "expired",
        said(&url(Kind::Expired), trusted()).split(": certificate").next().unwrap_or_default()
    );
    insta::assert_snapshot!("same_name", said(&url(Kind::Good), Some(Company::new("ours").file())));
    insta::assert_snapshot!("no_tls", said(&format!("https://{}/mcp", plain()), trusted()));
    let empty = company.room.path().join("empty.pem");
    std::fs::write(&empty, "nothing").expect("a file");
    insta::assert_snapshot!(
        "no_certificate",
        said(&url(Kind::Good), Some(empty)).replace(&company.room.path().display().to_string(), "ROOM")
    );
    insta::assert_snapshot!("no_url", said("ftp://server/mcp", None));
}

//! How many calls a second the HTTP proxy carries: `cargo bench -p misgoal-gateway --bench http -- [CALLS] [CONNECTIONS]`. This program is the server, the
//! proxy and the agents that measure, three processes on one machine that share its cores; calls go to the server directly, through the proxy with a log
//! that is not forced to the disk, and through one that is. Each connection is a session of its own and makes its calls one after the other.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench: it measures time and prints"
)]

use std::convert::Infallible;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use misgoal_gateway::http::{self, Front};
use misgoal_gateway::log::Filter;
use misgoal_gateway::{Log, Place};
use tokio::net::{TcpListener, TcpStream};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let argument = |at: usize| arguments.get(at).cloned();
    match argument(0).as_deref() {
        Some("serve") => return runtime().block_on(serve()),
        Some("proxy") => return proxy(&argument(1).expect("a guard.toml"), &argument(2).expect("a server")),
        _ => {}
    }
    let number = |at: usize, usual: usize| argument(at).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (calls, connections) = (number(0, 50_000), number(1, 256));
    let (mut server, address) = start(&["serve"]);
    let url = format!("http://{address}/mcp");
    measure("direct", address, None, calls, connections);
    for durable in [false, true] {
        let room = tempfile::tempdir_in(".").expect("a directory on a real disk");
        let tools = http::probe::tools(&url, None).expect("the server lists its tools");
        let config = format!("format = 1\nserver = \"bench\"\nmode = \"enforce\"\n[log]\ndurable = {durable}\n");
        let policy = "permit (principal, action, resource);\n\
            forbid (principal, action == Action::\"echo\", resource) when { context.input.text like \"*secret*\" };\n";
        for (name, text) in
            [("guard.toml", config), ("policy.cedar", policy.to_owned()), ("guard.tools.json", tools.to_file())]
        {
            std::fs::write(room.path().join(name), text).expect("a file can be written");
        }
        let place = room.path().join("guard.toml").display().to_string();
        let (mut guard, address) = start(&["proxy", &place, &url]);
        let name = if durable { "guarded, durable" } else { "guarded, log not forced to the disk" };
        measure(name, address, Some(&guard), calls, connections);
        check(&room.path().join("guard.db"), calls / connections * connections);
        guard.kill().expect("the guard runs");
        guard.wait().expect("the guard ends");
    }
    server.kill().expect("the server runs");
    server.wait().expect("the server ends");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads")
}

/// Starts a copy of this program, which says where it listens.
fn start(arguments: &[&str]) -> (Child, SocketAddr) {
    let exe = std::env::current_exe().expect("a bench is a program");
    let mut child = Command::new(exe).args(arguments).stdout(Stdio::piped()).spawn().expect("a copy starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("it says where it listens");
    (child, line.trim().parse().expect("an address"))
}

fn proxy(config: &str, url: &str) {
    let front = Front {
        listen: "127.0.0.1:0".parse().expect("an address"),
        upstream: url.to_owned(),
        ca: None,
        origins: Vec::new(),
        connections: 1024,
        idle: Duration::from_secs(600),
    };
    let never = AtomicBool::new(false);
    http::serve(&Place::new(config), &front, &never, |address| println!("{address}"), |_| {})
        .expect("the guard serves");
}

/// An echo server that does as little as one can.
async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    let sessions = Arc::new(AtomicUsize::new(0));
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let sessions = Arc::clone(&sessions);
        let service = hyper::service::service_fn(move |request| answer(request, Arc::clone(&sessions)));
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, sessions: Arc<AtomicUsize>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    let message: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let method = message.get("method").and_then(serde_json::Value::as_str).unwrap_or_default();
    let result = match method {
        "initialize" => {
            r#"{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"bench","version":"1"}}"#
        }
        "tools/list" => {
            r#"{"tools":[{"name":"echo","inputSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}}]}"#
        }
        _ => r#"{"content":[{"type":"text","text":"a line of text that comes back"}]}"#,
    };
    let id = message.get("id").cloned().unwrap_or_default();
    let mut answer = Response::new(Full::new(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#).into()));
    answer.headers_mut().insert("content-type", "application/json".parse().expect("a header"));
    if method == "initialize" {
        let id = format!("session-{}", sessions.fetch_add(1, Ordering::SeqCst));
        answer.headers_mut().insert("mcp-session-id", id.parse().expect("a header"));
    }
    Ok(answer)
}

/// Kilobytes that a process has in memory.
fn memory(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn measure(name: &str, address: SocketAddr, guard: Option<&Child>, calls: usize, connections: usize) {
    let made = Arc::new(AtomicUsize::new(0));
    let (mut times, took, memory) = runtime().block_on(async {
        let mut agents = Vec::new();
        for _ in 0..connections {
            agents.push(Agent::begin(address).await);
        }
        let before = guard.map(memory);
        let start = Instant::now();
        let tasks: Vec<_> = agents
            .into_iter()
            .map(|mut agent| {
                let made = Arc::clone(&made);
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    for id in 1..=calls / connections {
                        let start = Instant::now();
                        agent.call(id).await;
                        times.push(start.elapsed().as_secs_f64() * 1e3);
                        made.fetch_add(1, Ordering::SeqCst);
                    }
                    times
                })
            })
            .collect();
        let all = calls / connections * connections;
        let mut kept = vec![before];
        while kept.len() <= 10 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            if made.load(Ordering::SeqCst) * 10 >= all * kept.len() {
                kept.push(guard.map(memory));
            }
        }
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await.expect("every call is answered"));
        }
        (times, start.elapsed().as_secs_f64(), kept)
    });
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0.0);
    let rate = times.len() as f64 / took;
    println!("{name}: {} calls, {rate:.0} a second, p50 {:.1} ms, p99 {:.1} ms", times.len(), at(50), at(99));
    if guard.is_some() {
        let kept: Vec<String> =
            memory.into_iter().flatten().map(|kilobytes| format!("{:.1}", kilobytes as f64 / 1024.0)).collect();
        println!("  memory of the guard before and after each tenth, in MiB: {}", kept.join(" "));
    }
}

/// Every call is in the log, with its outcome, and the chain holds.
fn check(path: &Path, calls: usize) {
    let log = Log::open_to_read(path).expect("a log");
    let records = log.records(&Filter::default()).expect("records");
    let of = |kind: &str| records.iter().filter(|record| record.kind == kind).count();
    assert_eq!((of("attempt"), of("outcome")), (calls, calls), "nothing is lost");
    let whole = log.verify(None).expect("a log").expect("a chain");
    println!("  the log holds {calls} attempts and outcomes; its chain of {whole} records is whole");
}

struct Agent {
    send: hyper::client::conn::http1::SendRequest<Full<Bytes>>,
    session: String,
    host: String,
}

impl Agent {
    async fn begin(address: SocketAddr) -> Agent {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let (send, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a connection");
        tokio::spawn(connection);
        let mut agent = Agent { send, session: String::new(), host: address.to_string() };
        let answer = agent.post(r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#.to_owned()).await;
        let session = answer.headers().get("mcp-session-id").expect("a session").to_str().expect("text");
        agent.session = session.to_owned();
        answer.into_body().collect().await.expect("a body");
        agent
    }

    async fn post(&mut self, body: String) -> Response<Incoming> {
        self.send.ready().await.expect("the connection is open");
        let request = Request::post("/mcp")
            .header("host", &self.host)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-session-id", &self.session)
            .header("mcp-protocol-version", "2025-11-25");
        let mut request = request.body(Full::new(body.into())).expect("a request");
        if self.session.is_empty() {
            request.headers_mut().remove("mcp-session-id");
        }
        self.send.send_request(request).await.expect("an answer")
    }

    async fn call(&mut self, id: usize) {
        let call = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"echo","arguments":{{"text":"a line of text"}}}}}}"#
        );
        let answer = self.post(call).await.into_body().collect().await.expect("a body").to_bytes();
        assert!(answer.windows(9).any(|part| part == b"\"content\""), "{answer:?}");
    }
}

//! `misgoal guard serve`: a Streamable HTTP server behind the guard.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use misgoal_gateway::http::{Front, serve as proxy};
use misgoal_guard::duration::Millis;

use super::files::{self, Where};
use super::news;
use crate::exit::{Exit, Failure};
use crate::output::Console;

/// Arguments of `misgoal guard serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// Where agents reach the guard; only this machine can, where nothing is said
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8808")]
    listen: SocketAddr,
    /// The origin of a web page that may call, such as `https://app.example`; pages of this machine may
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Connections at once, at most
    #[arg(long, value_name = "N", default_value_t = 1024)]
    connections: usize,
    /// How long a session may be unused before it ends, such as `30m`
    #[arg(long, value_name = "TIME", default_value = "30m")]
    idle: Millis,
    /// Certificates in PEM of the authorities of which one must have signed the server's (`https`); those that this machine trusts, where nothing is said
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The server's endpoint, such as `http://127.0.0.1:3000/mcp` or `https://mcp.example/mcp`
    #[arg(value_name = "URL")]
    url: String,
}

/// Stands before the server until it is told to stop.
///
/// # Errors
/// When a file is wrong, the log cannot be opened, or nothing can listen at the address.
pub fn serve(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let stop = files::stop_when_told()?;
    let front = Front {
        listen: args.listen,
        upstream: args.url.clone(),
        ca: args.ca.clone(),
        origins: args.origins.clone(),
        connections: args.connections.max(1),
        idle: Duration::from_millis(args.idle.0),
    };
    if !args.listen.ip().is_loopback() {
        console.warn(format_args!(
            "{} can be reached from other machines, and the guard asks nobody who they are",
            args.listen
        ));
    }
    // A query may hold a key, and reaches no server.
    let path = args.url.split(['?', '#']).next().unwrap_or_default().splitn(4, '/').nth(3).unwrap_or_default();
    let ready =
        |address| console.note(format_args!("misgoal guard: agents reach the server at http://{address}/{path}"));
    proxy(&args.place.place(), &front, &stop, ready, news::teller(console)).map_err(files::failure)?;
    Ok(Exit::Fine)
}

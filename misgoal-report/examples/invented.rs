//! Writes a report, a GIF and an animated PNG of an invented run, to look at: `cargo run -p misgoal-report --example invented DIR`.
#![expect(
    clippy::disallowed_methods,
    reason = "an example is a program of its own: it writes the files that one looks at"
)]

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use misgoal_report::picture::{Options, apng, gif};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write to")?);
    for (name, size) in [("small", fixture::SMALL), ("large", fixture::LARGE)] {
        let fixture = fixture::Fixture::new(size);
        std::fs::write(folder.join(format!("{name}.html")), misgoal_report::html(&fixture.input())?)?;
        if let Some(episode) = fixture.episodes.get(1) {
            let options = Options {
                caption: "coinrun, arm 0 %, seed 1, coin-anywhere, random (invented)".into(),
                ..Options::default()
            };
            std::fs::write(folder.join("episode.gif"), gif(&episode.playback, episode.parting.as_ref(), &options)?)?;
            std::fs::write(folder.join("episode.png"), apng(&episode.playback, episode.parting.as_ref(), &options)?)?;
        }
    }
    Ok(())
}

//! What is new in the log, and nothing else: a look costs what has happened since the last one, however large the log is.

use std::path::{Path, PathBuf};

use misgoal_gateway::log::Glance;
use misgoal_gateway::{GatewayError, now};

use super::view::View;

/// Matters that are shown at most.
const MATTERS: u32 = 200;

/// Reads the log for a view.
pub struct Feed {
    path: PathBuf,
    glance: Option<Glance>,
    /// Records of one look at most; the first begins with so many.
    most: u32,
    /// How long a matter is shown after its time was up, in milliseconds.
    after: u64,
}

impl Feed {
    /// Nothing is opened yet: the log may come later.
    pub fn new(path: &Path, most: u32, after: u64) -> Feed {
        Feed { path: path.to_path_buf(), glance: None, most, after }
    }

    /// The log, opened where it is not.
    pub fn glance(&mut self) -> Result<&mut Glance, GatewayError> {
        let glance = match self.glance.take() {
            Some(glance) => glance,
            None => Glance::open(&self.path)?,
        };
        Ok(self.glance.insert(glance))
    }

    /// Brings a view up to date; true where the guard's files may have changed. After an error the log is opened anew.
    pub fn look(&mut self, view: &mut View) -> Result<bool, GatewayError> {
        let looked = self.read(view);
        if looked.is_err() {
            self.glance = None;
        }
        looked
    }

    fn read(&mut self, view: &mut View) -> Result<bool, GatewayError> {
        view.now = now();
        let since = view.now.saturating_sub(self.after);
        let most = self.most;
        view.model.waiting.retain(|matter| matter.expires.is_none_or(|expires| expires > since));
        let glance = self.glance()?;
        if !glance.has_news()? {
            return Ok(false);
        }
        let records = glance.after(view.model.last, most)?;
        records.iter().for_each(|record| view.model.take(record));
        view.model.waiting = glance.waiting(since, MATTERS)?;
        Ok(records.iter().any(|record| record.kind == "policy"))
    }
}

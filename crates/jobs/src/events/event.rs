//! One line of events.jsonl: when, and what.

use chrono::{DateTime, SubsecRound, Utc};
use ecotone_core::Window;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, to the millisecond.
    pub time: DateTime<Utc>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen. A `part` is the folder of one map among several, such as `years/2020`; none is the run's own map. A window
/// is `[row, col, rows, cols]` on the grid of the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// A process begins the run, or goes on with it.
    Begun {
        /// The command.
        command: String,
        /// The version of the program.
        ecotone: String,
        /// What was asked for, by the name of the argument; empty where something else keeps it, as a recipe does.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        asked: BTreeMap<String, String>,
    },
    /// A stage begins, and the one before ends.
    Stage {
        /// Its name.
        stage: String,
    },
    /// Windows are done. Not each is told: about one a second, and the last.
    Window {
        /// The stage.
        stage: String,
        /// How many are done.
        done: u64,
        /// Of how many.
        total: u64,
        /// The newest of them.
        window: [i64; 4],
        /// Of which map.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<String>,
    },
    /// A scene could not be read.
    SceneFailed {
        /// Its name.
        scene: String,
        /// Why.
        reason: String,
        /// Where; none: it cannot be used at all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<[i64; 4]>,
        /// In which map.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<String>,
    },
    /// A scene that had failed in a window was read there after all, and the map has it.
    SceneRead {
        /// Its name.
        scene: String,
        /// Where.
        window: [i64; 4],
        /// In which map.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<String>,
    },
    /// All is made.
    Finished,
}

impl Event {
    /// That it happens now.
    pub(super) fn now(what: What) -> Self {
        Self { time: Utc::now().trunc_subsecs(3), what }
    }
}

/// A window as events tell it.
pub(super) fn numbers(window: Window) -> [i64; 4] {
    [window.row, window.col, window.rows as i64, window.cols as i64]
}

/// A window from what an event tells.
pub(super) fn window_of([row, col, rows, cols]: [i64; 4]) -> Window {
    Window::new(row, col, rows.max(0) as usize, cols.max(0) as usize)
}

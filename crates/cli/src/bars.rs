//! Progress bars on stderr, with rate and time left; plain lines where stderr is no terminal.

use ecotone_jobs::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a step without a terminal says where it is.
const LINE_EVERY: Duration = Duration::from_secs(20);

/// Shows a job's steps.
pub(crate) struct Bars {
    quiet: bool,
    terminal: bool,
    current: Mutex<Option<Step>>,
}

struct Step {
    bar: ProgressBar,
    name: String,
    unit: &'static str,
    begun: Instant,
    said: Instant,
    message: String,
}

impl Bars {
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet, terminal: std::io::stderr().is_terminal(), current: Mutex::new(None) }
    }

    fn line(&self, text: &str) {
        if !self.quiet {
            // Progress is no result: a closed stderr is no reason to stop.
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }
}

impl Progress for Bars {
    fn begin(&self, step: &str, total: u64, unit: &'static str) {
        let target = if self.quiet || !self.terminal {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let template = "{prefix:<12} {wide_bar} {pos}/{len} {per_sec} {eta} left  {msg}";
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_prefix(step.to_owned());
        let now = Instant::now();
        let step = Step { bar, name: step.to_owned(), unit, begun: now, said: now, message: String::new() };
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(step);
    }

    fn advance(&self, by: u64, message: &str) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(step) = current.as_mut() else { return };
        step.bar.inc(by);
        if !message.is_empty() {
            step.bar.set_message(message.to_owned());
            step.message = message.to_owned();
        }
        if !self.terminal && step.said.elapsed() > LINE_EVERY {
            step.said = Instant::now();
            let (done, total) = (step.bar.position(), step.bar.length().unwrap_or(0));
            let left =
                step.begun.elapsed().as_secs_f64() * (total.saturating_sub(done)) as f64 / done.max(1) as f64;
            self.line(&format!(
                "  {}: {done} of {total} {}, {left:.0} s left  {}",
                step.name, step.unit, step.message
            ));
        }
    }

    fn end(&self) {
        let Some(step) = self.current.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        step.bar.finish_and_clear();
        let (done, seconds) = (step.bar.position(), step.begun.elapsed().as_secs_f64());
        let rate = done as f64 / seconds.max(1e-3);
        let message = if step.message.is_empty() { String::new() } else { format!("  {}", step.message) };
        self.line(&format!(
            "{:<12} {done} {} in {seconds:.1} s ({rate:.1}/s){message}",
            step.name, step.unit
        ));
    }

    fn note(&self, text: &str) {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match current.as_ref() {
            Some(step) if self.terminal => step.bar.suspend(|| self.line(text)),
            _ => self.line(text),
        }
    }
}

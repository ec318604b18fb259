//! Refuses a training that memory will not hold, before it reads a scene.

use super::job::Job;
use crate::recipe::{Recipe, Series as TrainSeries};
use crate::{Error, Result};
use ecotone_cubes::Series;
use ecotone_models::{Backend, ValidNetworkConfig};
use sysinfo::{
    MemoryRefreshKind, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System, get_current_pid,
};

impl Job<'_> {
    /// Compares what the training will take with what there is.
    pub(super) fn check_memory(&self, series: &Series, network: &ValidNetworkConfig) -> Result<()> {
        let pixels = series.site().area_grid().len();
        let series = series_bytes(self.recipe, pixels, network.channels());
        match available() {
            Some(available) => check(self.recipe, network, self.resources.backend, series, available),
            None => Ok(()),
        }
    }
}

/// Bytes a pixel of a year of labels: as read, as learnt, as learnt from that year alone, the truth, and, of a training
/// pixel, its place in the list of its class; when it is scored, the map and twice the reference take the place's room.
const LABELLED: u64 = 4 + 8;

/// Bytes a pixel of the split and of what is drawn and scored by it: its code, whether patches may read it, a mask, the map,
/// its block.
const SPLIT: u64 = 1 + 1 + 1 + 1 + 4;

/// Bytes of the series of so many pixels, values and masks, and of all planes over the same pixels.
fn series_bytes(recipe: &Recipe, pixels: usize, channels: usize) -> u64 {
    let kinds = if recipe.train.series == TrainSeries::Both { 2 } else { 1 };
    let years = recipe.timeline.years.len().max(1) as u64;
    let a_year = kinds * recipe.timeline.steps as u64 * (4 * channels as u64 + 1) + LABELLED;
    (pixels as u64).saturating_mul(a_year.saturating_mul(years) + SPLIT)
}

/// The estimate of a step may be twice what it takes, so only a step whose half does not fit is refused. On a
/// GPU the step takes the GPU's memory, which is not looked at.
fn check(
    recipe: &Recipe,
    network: &ValidNetworkConfig,
    backend: Backend,
    series: u64,
    available: u64,
) -> Result<()> {
    let (batch, patch) = (recipe.train.batch, recipe.train.patch);
    let step = match backend.is_gpu() {
        false => network.step_bytes([batch, recipe.timeline.steps, patch, patch]),
        true => 0,
    };
    if series.saturating_add(step / 2) <= available {
        return Ok(());
    }
    Err(Error::Memory { batch, patch, step: size(step), series: size(series), available: size(available) })
}

/// Bytes that this process may still take: the machine's, within the limit of its control group.
fn available() -> Option<u64> {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::everything());
    let mut system = System::new_with_specifics(memory);
    let machine = system.available_memory().saturating_add(system.free_swap());
    let own = get_current_pid().ok().and_then(|pid| {
        let (only, nothing) = (ProcessesToUpdate::Some(&[pid]), ProcessRefreshKind::nothing());
        system.refresh_processes_specifics(only, false, nothing);
        system.process(pid)?.cgroup_limits()
    });
    // The group's page cache is given back when memory is short; what its processes hold is not.
    let groups = [own, system.cgroup_limits()].into_iter().flatten();
    let groups = groups.map(|limits| limits.total_memory.saturating_sub(limits.rss));
    // A system that does not tell is believed to have enough.
    Some(groups.fold(machine, u64::min)).filter(|&bytes| bytes > 0)
}

/// Bytes in words.
fn size(bytes: u64) -> String {
    let gib = bytes as f64 / f64::from(1 << 30);
    if gib < 0.95 { format!("{:.0} MiB", gib * 1024.0) } else { format!("{gib:.1} GiB") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(batch: usize, patch: usize, backend: Backend, series: u64, available: u64) -> Option<String> {
        let mut recipe = Recipe::default();
        (recipe.train.batch, recipe.train.patch) = (batch, patch);
        let network = recipe.model.network(12, 2, 7, &recipe.timeline).unwrap();
        check(&recipe, &network, backend, series, available).err().map(|error| error.to_string())
    }

    #[test]
    fn an_absurd_size_is_refused_and_says_what_to_change() {
        let available = available().unwrap();
        assert_eq!(refused(1, 8, Backend::Flex, 0, available), None);
        let message = refused(1_000_000, 4096, Backend::Flex, 3 << 20, available).unwrap();
        for words in ["train.batch is 1000000", "train.patch is 4096", "GiB", "the series 3 MiB"] {
            assert!(message.contains(words), "{message}");
        }
        assert!(refused(usize::MAX, usize::MAX, Backend::Tch, u64::MAX, available).is_some());
    }

    #[test]
    fn only_what_clearly_does_not_fit_is_refused() {
        let network = Recipe::default().model.network(12, 2, 7, &Recipe::default().timeline).unwrap();
        let step = network.step_bytes([4, 46, 64, 64]);
        assert_eq!(refused(4, 64, Backend::Flex, 1000, step), None);
        assert_eq!(refused(4, 64, Backend::Flex, 1000, step / 2 + 1000), None);
        assert!(refused(4, 64, Backend::Flex, 1000, step / 2).is_some());
        assert_eq!(refused(4, 64, Backend::Cuda, 1000, 1000), None, "the step is in the GPU's memory");
        assert!(refused(4, 64, Backend::Cuda, 1001, 1000).is_some());
    }

    #[test]
    fn the_series_counts_values_masks_and_labels() {
        let mut recipe = Recipe::default();
        assert_eq!(series_bytes(&recipe, 100, 12), 100 * (46 * 49 + LABELLED + SPLIT));
        recipe.train.series = TrainSeries::Both;
        assert_eq!(series_bytes(&recipe, 100, 12), 100 * (2 * 46 * 49 + LABELLED + SPLIT));
        recipe.timeline.years = vec![2019, 2020, 2021];
        assert_eq!(series_bytes(&recipe, 100, 12), 100 * (3 * (2 * 46 * 49 + LABELLED) + SPLIT));
        assert_eq!([size(1 << 20), size(3 << 29)], ["1 MiB", "1.5 GiB"]);
    }
}

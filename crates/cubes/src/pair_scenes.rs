//! Scenes of several years that were taken at about the same time of the season.

use crate::Result;
use crate::sought::Sought;
use chrono::NaiveDate;
use ecotone_io::Scene;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::Progress;

/// Keeps of each source the scenes of those days that have a partner in every other year, all of them at most `days` days
/// apart in the season (as consistent annual maps were published from paired acquisitions of Sentinel-2). Each day has
/// one partner a year, so every year keeps the same number of days, on which several tiles may lie.
///
/// # Errors
/// When nothing is left.
pub fn paired(mut years: Vec<Vec<Sought>>, days: u32, progress: &dyn Progress) -> Result<Vec<Vec<Sought>>> {
    for source in 0..years[0].len() {
        let seasons: Vec<Vec<i64>> = years.iter().map(|year| days_of(&year[source])).collect();
        let kept = pair(&seasons, i64::from(days));
        if kept.is_empty() {
            let expected = "days within which each year has a scene".to_owned();
            return Err(
                JobError::Value { key: "timeline.pair_days", found: days.to_string(), expected }.into()
            );
        }
        let found: usize = seasons.iter().map(Vec::len).sum();
        let (kept_days, dropped) = (kept.len(), found - kept.len() * years.len());
        progress.note(&format!(
            "{kept_days} days of each year have partners in all others; scenes of {dropped} days were left out"
        ));
        for (place, year) in years.iter_mut().enumerate() {
            let own: Vec<i64> = kept.iter().map(|group| seasons[place][group[place]]).collect();
            let start = year[source].spec.start;
            year[source].scenes.retain(|scene| own.contains(&day_of(scene, start)));
        }
    }
    Ok(years)
}

/// The day of a scene after the first day of its series.
fn day_of(scene: &Scene, start: NaiveDate) -> i64 {
    (scene.datetime.date_naive() - start).num_days()
}

/// The days that scenes are of, each once, in order.
fn days_of(sought: &Sought) -> Vec<i64> {
    let mut days: Vec<i64> = sought.scenes.iter().map(|scene| day_of(scene, sought.spec.start)).collect();
    days.dedup();
    days
}

/// Groups of one place a year, each in order of time, whose days all lie within `most` of each other. The scene that
/// comes first waits for no later one than it must, which leaves the most groups.
fn pair(years: &[Vec<i64>], most: i64) -> Vec<Vec<usize>> {
    let mut next = vec![0; years.len()];
    let mut groups = Vec::new();
    while let Some(days) = years.iter().zip(&next).map(|(days, at)| days.get(*at)).collect::<Option<Vec<_>>>()
    {
        let (first, last) = (days.iter().min(), days.iter().max());
        let (Some(first), Some(last)) = (first, last) else { break };
        if *last - *first <= most {
            groups.push(next.clone());
            next.iter_mut().for_each(|at| *at += 1);
        } else {
            // The earliest can meet nothing that comes later in the other years.
            let earliest = days.iter().position(|day| day == first).unwrap_or(0);
            next[earliest] += 1;
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenes_meet_those_of_the_same_season() {
        let years = [vec![0, 10, 20, 30], vec![4, 9, 40], vec![2, 12, 21, 31]];
        assert_eq!(pair(&years, 6), [[0, 0, 0], [1, 1, 1]]);
        assert_eq!(pair(&years, 30).len(), 3);
        assert_eq!(pair(&[vec![0, 5], vec![]], 6), Vec::<Vec<usize>>::new());
        // Two orbits a day apart are not each other's partner of the same year.
        assert_eq!(pair(&[vec![0, 1], vec![1, 2]], 1), [[0, 0], [1, 1]]);
    }
}

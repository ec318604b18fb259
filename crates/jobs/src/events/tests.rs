//! What events tell, keep and leave out, over kills.

use super::*;
use crate::run_folder::{Command, Existing, RunFolder};
use crate::summary::Failure;
use ecotone_core::Window;
use std::path::Path;

const JOB: Command = Command::Predict;

fn folder(place: &Path, existing: Existing) -> RunFolder {
    RunFolder::claim(JOB, place, existing, &[]).unwrap()
}

/// A run in a folder that holds the strips of a killed one, so that it goes on.
fn resumed(place: &Path) -> RunFolder {
    std::fs::create_dir_all(place.join("strips")).unwrap();
    folder(place, Existing::Resume)
}

fn failures(scenes: &[&str]) -> Vec<Failure> {
    let failure = |scene: &&str| Failure { scene: (*scene).to_owned(), reason: "cut".to_owned() };
    scenes.iter().map(failure).collect()
}

fn in_words(failures: &[Failure]) -> Vec<String> {
    failures.iter().map(ToString::to_string).collect()
}

fn window(row: i64, col: i64) -> Window {
    Window::new(row, col, 8, 8)
}

/// Events of a run that is kept in a folder.
fn begun(folder: &RunFolder, asked: &[(&'static str, String)]) -> Events {
    let events = Events::begin(JOB, asked);
    events.keep_in(folder).unwrap();
    events
}

#[test]
fn lines_are_what_the_format_says() {
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(dir.path(), Existing::Refuse);
    let events = begun(&folder, &[("--majority", "3".to_owned())]);
    events.stage("predict").unwrap();
    events.scenes_failed(None, &failures(&["a"])).unwrap();
    events.part("years/2020").scenes_failed(Some(window(-8, 0)), &failures(&["b"])).unwrap();
    events.part("years/2020").tried_again(window(-8, 0), &[]).unwrap();
    events.window(window(0, 8), 1, 2).unwrap();
    events.finish().unwrap();
    let text = std::fs::read_to_string(folder.events()).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let expected = [
        &format!(
            r#""event":"begun","command":"predict","ecotone":"{version}","asked":{{"--majority":"3"}}}}"#
        ),
        r#""event":"stage","stage":"predict"}"#,
        r#""event":"scene_failed","scene":"a","reason":"cut"}"#,
        r#""event":"scene_failed","scene":"b","reason":"cut","window":[-8,0,8,8],"part":"years/2020"}"#,
        r#""event":"scene_read","scene":"b","window":[-8,0,8,8],"part":"years/2020"}"#,
        r#""event":"window","stage":"predict","done":1,"total":2,"window":[0,8,8,8]}"#,
        r#""event":"finished"}"#,
    ];
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{text}");
    for (line, expected) in lines.iter().zip(expected) {
        let (time, rest) = line.split_once(',').unwrap();
        assert_eq!(rest, expected);
        let time = time.strip_prefix(r#"{"time":""#).unwrap().strip_suffix('"').unwrap();
        assert!(time.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{time}");
    }
    // What is read back is written again in the same bytes.
    let again = read_events(&folder.events()).unwrap();
    let again: Vec<String> = again.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
    assert_eq!(again, lines);
}

#[test]
fn failures_of_a_killed_run_are_kept_and_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    let killed = folder(dir.path(), Existing::Refuse);
    let events = begun(&killed, &[]);
    events.scenes_failed(Some(window(0, 0)), &failures(&["a"])).unwrap();
    events.scenes_failed(Some(window(0, 8)), &failures(&["a", "b"])).unwrap();
    drop((events, killed));

    let folder = resumed(dir.path());
    let events = begun(&folder, &[]);
    assert_eq!(in_words(&events.failures()), ["a: cut (in 2 windows)", "b: cut"]);
    // Windows that are read again after the kill do not count twice.
    events.scenes_failed(Some(window(0, 8)), &failures(&["a", "b", "d"])).unwrap();
    events.scenes_failed(Some(window(8, 0)), &failures(&["a"])).unwrap();
    let all = ["a: cut (in 3 windows)", "b: cut", "d: cut"];
    assert_eq!(in_words(&events.failures()), all);
    assert_eq!(events.failed_windows(), [window(0, 0), window(0, 8), window(8, 0)]);
    let told = Told::by(&read_events(&folder.events()).unwrap());
    assert_eq!(in_words(&told.failures()), all);
    assert_eq!(read_events(&folder.events()).unwrap().len(), (1 + 3) + (1 + 2), "nothing is told twice");
}

#[test]
fn what_was_read_after_all_is_not_told() {
    let dir = tempfile::tempdir().unwrap();
    let events = begun(&folder(dir.path(), Existing::Refuse), &[]);
    let other = events.part("years/2020");
    events.scenes_failed(None, &failures(&["whole"])).unwrap();
    events.scenes_failed(Some(window(0, 0)), &failures(&["a", "b", "whole"])).unwrap();
    events.scenes_failed(Some(window(8, 0)), &failures(&["b"])).unwrap();
    other.scenes_failed(Some(window(0, 0)), &failures(&["a"])).unwrap();
    assert_eq!(in_words(&events.failures_in_windows()), ["a: cut", "b: cut (in 2 windows)", "whole: cut"]);
    assert_eq!(in_words(&other.failures_in_windows()), ["a: cut"]);
    events.tried_again(window(0, 0), &failures(&["b"])).unwrap();
    events.tried_again(window(8, 0), &[]).unwrap();
    assert_eq!(in_words(&events.failures()), ["a: cut", "b: cut", "whole: cut"]);
    assert_eq!(events.failed_windows(), [window(0, 0)]);
    assert_eq!(in_words(&events.failures_in_windows()), ["b: cut"]);
    assert_eq!(other.failed_windows(), [window(0, 0)]);
}

#[test]
fn a_torn_line_is_left_out_and_a_broken_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let killed = folder(dir.path(), Existing::Refuse);
    let events = begun(&killed, &[]);
    events.scenes_failed(Some(window(0, 0)), &failures(&["a"])).unwrap();
    let (path, whole) = (killed.events(), std::fs::read(killed.events()).unwrap());
    drop((events, killed));
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    // However much of the last line came to the disk.
    for length in first..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(read_events(&path).unwrap().len(), 1, "{length} bytes");
    }
    let events = begun(&resumed(dir.path()), &[]);
    assert_eq!(read_events(&path).unwrap().len(), 2, "the next line does not continue the torn one");
    drop(events);
    std::fs::write(&path, [&whole[..first], b"{\"time\": 1}\n", &whole[first..]].concat()).unwrap();
    let message = crate::reasons(&read_events(&path).unwrap_err());
    assert!(message.contains("line 2 of ") && message.contains("events.jsonl"), "{message}");
    Events::begin(JOB, &[]).keep_in(&resumed(dir.path())).unwrap_err();
    assert!(read_events(&dir.path().join("none.jsonl")).unwrap().is_empty());
}

#[test]
fn nothing_is_written_before_the_folder_may_be() {
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(dir.path(), Existing::Replace);
    std::fs::write(folder.events(), "of the run before\n").unwrap();
    let events = Events::begin(JOB, &[]);
    events.stage("read").unwrap();
    events.scenes_failed(None, &failures(&["a"])).unwrap();
    assert_eq!(std::fs::read_to_string(folder.events()).unwrap(), "of the run before\n");
    events.keep_in(&folder).unwrap();
    assert_eq!(read_events(&folder.events()).unwrap().len(), 3);
    assert_eq!(in_words(&events.failures()), ["a: cut"]);
}

#[test]
fn windows_are_told_now_and_then_and_the_last_always() {
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(dir.path(), Existing::Refuse);
    let events = begun(&folder, &[]);
    events.stage("predict").unwrap();
    let begun = std::time::Instant::now();
    for done in 1..=500 {
        events.window(window(0, done as i64), done, 500).unwrap();
    }
    let most = 2 + begun.elapsed().as_secs() as usize;
    let told: Vec<u64> = read_events(&folder.events()).unwrap().iter().filter_map(done).collect();
    assert!(told.len() <= most && told.last() == Some(&500), "{told:?}");

    fn done(event: &Event) -> Option<u64> {
        match event.what {
            What::Window { done, .. } => Some(done),
            _ => None,
        }
    }
}

#[test]
fn threads_share_a_file_line_by_line() {
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(dir.path(), Existing::Refuse);
    let events = begun(&folder, &[]);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let events = &events;
            scope.spawn(move || {
                for row in 0..100 {
                    events.scenes_failed(Some(window(row, thread)), &failures(&["a"])).unwrap();
                }
            });
        }
    });
    assert_eq!(read_events(&folder.events()).unwrap().len(), 401);
    assert_eq!(in_words(&events.failures()), ["a: cut (in 400 windows)"]);
}

/// Events at seconds from some moment.
fn at(moments: &[(i64, What)]) -> Told {
    let start = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let event = |(seconds, what): &(i64, What)| Event {
        time: start + chrono::TimeDelta::seconds(*seconds),
        what: what.clone(),
    };
    Told::by(&moments.iter().map(event).collect::<Vec<_>>())
}

#[test]
fn stages_are_timed_over_a_kill() {
    let begun = What::Begun { command: "train".to_owned(), ecotone: "1".to_owned(), asked: [].into() };
    let stage = |name: &str| What::Stage { stage: name.to_owned() };
    let window = What::Window { stage: String::new(), done: 1, total: 2, window: [0; 4], part: None };
    let moments = [
        (0, begun.clone()),
        (1, stage("read")),
        (4, stage("map")),
        (9, window),
        // Killed; nobody worked until somebody came.
        (900, begun),
        (900, stage("read")),
        (901, stage("map")),
        (903, stage("report")),
        // The clock was set back.
        (902, What::Finished),
    ];
    let timings = |told: &Told| -> Vec<(String, f64)> {
        told.timings().into_iter().map(|timing| (timing.stage, timing.seconds)).collect()
    };
    let ended = [("read".to_owned(), 4.0), ("map".to_owned(), 7.0)];
    assert_eq!(timings(&at(&moments[..8])), ended, "the report goes on");
    let all = at(&moments);
    assert_eq!(timings(&all), [&ended[..], &[("report".to_owned(), 0.0)]].concat());
    assert_eq!(all.finished().map(|time| time.timestamp()), Some(1_800_000_902));
    assert!(at(&moments[..5]).finished().is_none());
}

#[test]
fn a_finished_run_is_known_and_another_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let asked = |majority: &str| [("MODEL", "0abc".to_owned()), ("--majority", majority.to_owned())];
    let first = folder(dir.path(), Existing::Refuse);
    assert!(Earlier::of(&first).unwrap().is_none(), "nobody goes on");
    let events = begun(&first, &asked("3"));
    events.scenes_failed(Some(window(0, 0)), &failures(&["a"])).unwrap();
    drop((events, first));
    let files = [("map", "map.tif")];
    let made =
        |names: &[&str]| names.iter().for_each(|name| std::fs::write(dir.path().join(name), "").unwrap());
    made(&["map.tif"]);
    {
        let again = resumed(dir.path());
        let earlier = Earlier::of(&again).unwrap().unwrap();
        earlier.check(&asked("3")).unwrap();
        let refused = earlier.check(&asked("5")).unwrap_err().to_string();
        assert!(refused.contains("another --majority (--majority was 3, is 5)"), "{refused}");
        let refused = earlier.check(&[("--grid", "EPSG:3035".to_owned())]).unwrap_err().to_string();
        assert!(refused.contains("--grid was not known, is EPSG:3035"), "{refused}");
        assert!(earlier.finished(&files).is_none());
        // What it was begun with counts, not what a later process says.
        begun(&again, &asked("5")).finish().unwrap();
    }
    let again = resumed(dir.path());
    let earlier = Earlier::of(&again).unwrap().unwrap();
    earlier.check(&asked("3")).unwrap();
    assert!(earlier.finished(&files).is_none(), "it was killed before its manifest");
    made(&["manifest.json"]);
    let summary = earlier.finished(&files).unwrap();
    assert_eq!(in_words(&summary.failures), ["a: cut"]);
    let told = &summary.facts[0].1;
    assert!(told.starts_with("on 2") && told.ends_with("Z, nothing to do"), "{told}");
    assert!(earlier.finished(&[("map", "other.tif")]).is_none());
}

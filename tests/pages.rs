//! Every command that a page of this repository names is one, with flags that exist; those of README.md work.

use crate::harness::{
    UTM, Way, catalogue, ecotone, finish, halves, info, osm_file, plain, recipe, run, scratch, small_map,
    train,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The words of each command line in the code fences of a page, without `cargo xtask` or `ecotone`.
fn commands(page: &str) -> Vec<Vec<String>> {
    let fenced = page.split("```").skip(1).step_by(2).flat_map(str::lines);
    fenced.filter_map(command).collect()
}

fn command(line: &str) -> Option<Vec<String>> {
    let line = line.trim().trim_start_matches("$ ");
    let rest = line.strip_prefix("cargo xtask ").or_else(|| line.strip_prefix("ecotone "))?;
    let rest = rest.split(" #").next().unwrap_or(rest);
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// Why the program does not take a command; nothing where it does. Nothing is run: `--help` comes after the flags.
fn refusal(words: &[String], chores: &BTreeMap<String, String>) -> Option<String> {
    if let Some(usage) = chores.get(&words[0]) {
        let unknown = words[1..].iter().find(|word| word.starts_with("--") && !usage.contains(*word));
        return unknown.map(|flag| format!("`cargo xtask {}` takes no {flag}", words[0]));
    }
    let mut words = words.to_vec();
    words.push("--help".to_owned());
    let said = run(&words);
    (said.code != Some(0)).then_some(said.stderr)
}

/// The chores of `cargo xtask` and how each is used.
fn chores() -> BTreeMap<String, String> {
    let mut xtask = Command::new(env!("CARGO"));
    xtask.args(["xtask", "help"]);
    plain(&mut xtask);
    xtask.current_dir(root());
    let help = finish(xtask).exits(0).stdout;
    let listed = help.split("\nChores:\n").nth(1).unwrap().lines();
    let chore = |line: &str| Some((line.trim().split(' ').next()?.to_owned(), line.to_owned()));
    listed.filter(|line| line.starts_with("  ") && !line.starts_with("   ")).filter_map(chore).collect()
}

fn markdown(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        let hidden = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let work = ["target", "runs", "samples"].iter().any(|name| entry == root().join(name));
        if entry.is_dir() && !hidden && !work {
            markdown(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "md") {
            found.push(entry);
        }
    }
}

#[test]
fn every_command_on_a_page_is_one() {
    let chores = chores();
    let mut pages = Vec::new();
    markdown(root(), &mut pages);
    let mut checked = 0;
    for page in pages {
        for words in commands(&fs::read_to_string(&page).unwrap()) {
            checked += 1;
            let refused = refusal(&words, &chores);
            assert_eq!(refused, None, "{}: {}", page.display(), words.join(" "));
        }
    }
    assert!(checked > 15, "only {checked} commands were found");
}

#[test]
fn every_command_in_a_recipe_is_one() {
    for recipe in root().join("recipes").read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        let text = fs::read_to_string(&recipe).unwrap();
        for words in text.lines().filter_map(|line| command(line.strip_prefix('#')?)) {
            assert_eq!(refusal(&words, &BTreeMap::new()), None, "{}", recipe.display());
            assert!(root().join(&words[1]).is_file(), "{}: no recipe {}", recipe.display(), words[1]);
        }
    }
}

#[test]
fn a_command_that_is_none_is_found() {
    let chores = chores();
    let page = "$ cargo xtask train\n```console\n$ cargo xtask test --fast  # no such flag\n\
                $ cargo xtask trian\n$ ecotone train a.toml --backend tch --epochs 3\n```\n";
    let found = commands(page);
    assert_eq!(found.len(), 3, "{found:?}");
    for (words, fault) in found.iter().zip(["--fast", "trian", "--epochs"]) {
        let refused = refusal(words, &chores).unwrap();
        assert!(refused.contains(fault), "{refused}");
    }
}

/// What makes a command of README.md small enough for a test.
fn smaller(words: &[String]) -> Vec<String> {
    let patches = words.get(1).is_some_and(|verb| verb == "patches");
    let replace = |word: &String| match word.as_str() {
        // Blocks of the small recipe are 16 pixels wide.
        "256" if patches => "16".to_owned(),
        "256" => "64".to_owned(),
        // So few pixels have no room between many labels.
        "10000" => "300".to_owned(),
        "200" => "0".to_owned(),
        "15.01,49.62,15.06,49.65" => "15.002,49.641,15.012,49.648".to_owned(),
        word => word.to_owned(),
    };
    let mut words: Vec<String> = words.iter().map(replace).collect();
    let settings = [
        "inputs.simulate.size=64",
        "split.block_m=320",
        "model.width=4",
        "train.epochs=1",
        "train.patch=16",
        "predict.window=32",
        "predict.halo=8",
    ];
    match words[0].as_str() {
        "train" if words.len() == 1 || words[1..] == ["recipes/disturbance-unet3d.toml"] => {
            words.extend(settings.iter().flat_map(|setting| ["--set", setting]).map(str::to_owned));
        }
        "simulate" => words.extend(["--every", "12"].map(str::to_owned)),
        _ => {}
    }
    words
}

/// A folder with what README.md takes for granted.
fn workplace() -> tempfile::TempDir {
    let folder = scratch();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("recipes")).unwrap();
    for recipe in root().join("recipes").read_dir().unwrap().map(|entry| entry.unwrap()) {
        fs::copy(recipe.path(), at("recipes").join(recipe.file_name())).unwrap();
    }
    let scenes = catalogue().join("catalog.json");
    let inputs = format!(
        "[inputs]\ncatalog = [\"{}\"]\nbands = [\"B02\", \"B03\", \"B04\", \"B8A\", \"B11\"]",
        scenes.display()
    );
    let tiny = fs::read_to_string(recipe()).unwrap();
    let bands = "[inputs]\nbands = [\"B02\", \"B03\", \"B04\", \"B8A\"]";
    assert!(tiny.contains(bands));
    fs::write(at("my.toml"), tiny.replace(bands, &inputs)).unwrap();
    halves(&at("fields.gpkg"), "code");
    let road = [(15.0044, 49.63), (15.0044, 49.66)];
    osm_file(folder.path(), "roads.osm.pbf", &[Way { places: &road, tags: &[("highway", "primary")] }]);
    small_map(folder.path(), "clc", UTM, 64, &[12; 4096]);
    fs::rename(at("clc.vrt"), at("clc.tif")).unwrap();
    fs::copy(catalogue().join("truth.tif"), at("scene.tif")).unwrap();
    for name in ["truth.tif", "legend.csv"] {
        fs::copy(catalogue().join(name), at(name)).unwrap();
    }
    folder
}

#[test]
fn the_commands_of_the_readme_work() {
    let chores = chores();
    let folder = workplace();
    let scenes = catalogue().join("catalog.json").display().to_string();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut done = 0;
    for words in commands(&readme).iter().filter(|words| !chores.contains_key(&words[0])) {
        let words = smaller(words).into_iter().map(|word| word.replace("scenes/catalog.json", &scenes));
        let words: Vec<String> = words.collect();
        let mut command = ecotone(&words);
        command.current_dir(folder.path());
        let said = finish(command);
        assert_eq!(said.code, Some(0), "{}\n{}", words.join(" "), said.stderr);
        done += 1;
    }
    assert!(done >= 9, "only {done} commands were found");
    for file in [
        "runs/first-run/report.html",
        "runs/tiny/map.tif",
        "maps/laea/map.tif",
        "accuracy/metrics.csv",
        "round-1/map.tif",
    ] {
        assert!(folder.path().join(file).is_file(), "{file}");
    }
}

#[test]
fn the_committed_sample_is_a_catalogue_to_train_on() {
    let sample = root().join("data-samples/forest");
    let said = info(&sample.join("catalog.json"));
    assert_eq!(said.fact("scenes"), "13");
    let (out, dem) = (scratch(), "inputs.dem={catalog}/dem.tif");
    run(&train(&sample, out.path(), &["--set", "timeline.steps=6", "--set", dem])).exits(0);
    assert_eq!(
        info(&out.path().join("map.tif")).fact("bounds"),
        info(&sample.join("truth.tif")).fact("bounds")
    );
}

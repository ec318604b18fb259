//! Stories of the whole program: each runs the real `ecotone` binary as a person would, and looks at what it leaves
//! behind. `cargo xtask test` builds the binary first; alone, they need `cargo build -p ecotone`. Words that the
//! program says are kept in `snapshots/`; `INSTA_UPDATE=always` takes new ones over, for you to read in the diff.

#[cfg(test)]
mod access;
#[cfg(test)]
mod agree;
#[cfg(test)]
mod areas;
#[cfg(test)]
mod assess;
#[cfg(test)]
mod assess_more;
#[cfg(test)]
mod bad_labels;
#[cfg(test)]
mod bad_scenes;
#[cfg(test)]
mod bad_words;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod first_map;
#[cfg(test)]
mod folders;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod grids;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod help;
#[cfg(test)]
mod inputs;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod labels_cleaned;
#[cfg(test)]
mod labels_from_maps;
#[cfg(test)]
mod labels_loop;
#[cfg(test)]
mod leave;
#[cfg(test)]
mod networks;
#[cfg(test)]
mod open_files;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod presets;
#[cfg(test)]
mod priors;
mod providers;
#[cfg(test)]
mod radar;
#[cfg(test)]
mod real_data;
#[cfg(test)]
mod remote;
#[cfg(test)]
mod sampling;
#[cfg(test)]
mod searches;
#[cfg(test)]
mod stores;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod years;

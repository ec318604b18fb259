//! From networks that read one picture to series of them.

use burn::tensor::{Int, Tensor, TensorData};

use crate::{Collapse, StepMask};

/// Scores `[n, class, y, x]`: of each pixel the mean over the dates that saw it of what `network` makes of each picture.
/// A pixel that no date saw takes the mean over the pictures shown.
///
/// `network` maps `[picture, channel, y, x]` to `[picture, class, y, x]`; empty dates are not shown to it,
/// so that they change no batch statistics and cost nothing.
pub(crate) fn each_date(
    input: Tensor<5>,
    mask: &StepMask,
    network: impl FnOnce(Tensor<4>) -> Tensor<4>,
) -> Tensor<4> {
    let [n, _, steps, height, width] = input.dims();
    let shown = mask.shown();
    let places = places(&shown);
    let scores = network(shown_pictures(input, mask));
    if steps == 1 {
        return scores;
    }
    let [seen, classes, rows, columns] = scores.dims();
    let (scores, weights) =
        match mask.pixel_weights(Collapse::MaskedMean, steps, height * width, Some(&shown)) {
            None => (scores, mask.weights(Collapse::MaskedMean, steps)),
            Some(weights) => {
                let planes =
                    places.iter().flat_map(|place| &weights[place * height * width..][..height * width]);
                let planes = TensorData::new(planes.copied().collect::<Vec<f32>>(), [seen, 1, height, width]);
                (scores.clone() * Tensor::from_data(planes, &scores.device()), vec![1.0; n * steps])
            }
        };
    let mut mean = vec![0.0f32; n * seen];
    for (column, &place) in places.iter().enumerate() {
        mean[place / steps * seen + column] = weights[place];
    }
    let mean = Tensor::<2>::from_data(TensorData::new(mean, [n, seen]), &scores.device());
    mean.matmul(scores.reshape([seen, classes * rows * columns])).reshape([n, classes, rows, columns])
}

/// The radar's steps side by side as channels of one picture, which begins with the mean of the optical channels over the
/// dates that saw each pixel: a composite that is repeated on all dates is itself. A step without radar holds what the
/// series does there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StackedRadar {
    pub(crate) optical: usize,
    /// Channels of the radar a step, after the optical ones.
    pub(crate) radar: usize,
    pub(crate) steps: usize,
}

impl StackedRadar {
    /// Channels of the picture.
    pub(crate) const fn channels(self) -> usize {
        self.optical + self.radar * self.steps
    }

    /// The picture `[n, channel, y, x]` of `[n, channel, time, y, x]`: the radar channels of the first date, of the second
    /// and so on.
    pub(crate) fn picture(self, input: Tensor<5>, mask: &StepMask) -> Tensor<4> {
        let [n, _, steps, rows, columns] = input.dims();
        let radar = input.clone().narrow(1, self.optical, self.radar).swap_dims(1, 2);
        let radar = radar.reshape([n, steps * self.radar, rows, columns]);
        Tensor::cat(vec![mean_picture(input.narrow(1, 0, self.optical), mask), radar], 1)
    }
}

/// Scores of the picture that `stacked` makes of the series where there is one, and else as [`each_date`].
pub(crate) fn one_picture_or_each_date(
    input: Tensor<5>,
    mask: &StepMask,
    stacked: Option<StackedRadar>,
    network: impl FnOnce(Tensor<4>) -> Tensor<4>,
) -> Tensor<4> {
    match stacked {
        Some(stacked) => network(stacked.picture(input, mask)),
        None => each_date(input, mask, network),
    }
}

/// What `network` makes of each date, `[n, map, y, x]` a date. Like [`each_date`] it shows no empty date to
/// the network: its map is that of another one, to be passed over by who reads them.
pub(crate) fn date_maps(
    input: Tensor<5>,
    mask: &StepMask,
    network: impl FnOnce(Tensor<4>) -> Tensor<4>,
) -> Vec<Tensor<4>> {
    let [n, _, steps, _, _] = input.dims();
    let places = places(&mask.shown());
    let mut maps = network(shown_pictures(input, mask));
    if places.len() < n * steps {
        let of = |place: usize| places.iter().position(|&seen| seen == place).unwrap_or(0);
        maps = choose(maps, (0..n * steps).map(of));
    }
    let [_, channels, rows, columns] = maps.dims();
    let maps = maps.reshape([n, steps, channels, rows, columns]);
    (0..steps).map(|step| maps.clone().narrow(1, step, 1).squeeze_dim(1)).collect()
}

/// The pictures `[picture, channel, y, x]` of the dates that are shown to a network, of `[n, channel, time, y, x]`: those
/// that saw any pixel.
pub(crate) fn shown_pictures(input: Tensor<5>, mask: &StepMask) -> Tensor<4> {
    let [n, channels, steps, rows, columns] = input.dims();
    let pictures = input.swap_dims(1, 2).reshape([n * steps, channels, rows, columns]);
    let places = places(&mask.shown());
    if places.len() == n * steps { pictures } else { choose(pictures, places.into_iter()) }
}

/// Where the dates shown stand in `[n, time]`.
fn places(shown: &[bool]) -> Vec<usize> {
    (0..shown.len()).filter(|&place| shown[place]).collect()
}

fn choose(pictures: Tensor<4>, places: impl Iterator<Item = usize>) -> Tensor<4> {
    let places: Vec<i32> = places.map(|place| place as i32).collect();
    let places = Tensor::<1, Int>::from_data(places.as_slice(), &pictures.device());
    pictures.select(0, places)
}

/// The pictures of `input` `[n, channel, time, y, x]`, one a date.
pub(crate) fn pictures(input: Tensor<5>) -> Vec<Tensor<4>> {
    let steps = input.dims()[2];
    (0..steps).map(|step| input.clone().narrow(2, step, 1).squeeze_dim(2)).collect()
}

/// The mean picture `[n, channel, y, x]` of `[n, channel, time, y, x]`, of each pixel over the dates that saw it.
pub(crate) fn mean_picture(input: Tensor<5>, mask: &StepMask) -> Tensor<4> {
    let [_, _, steps, rows, columns] = input.dims();
    let weights = mask.of_series(Collapse::MaskedMean, [steps, rows, columns], &input.device());
    (input * weights).sum_dim(2).squeeze_dim(2)
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::state::to_host;
    use burn::tensor::Device;

    #[test]
    fn empty_dates_take_no_part() {
        // Two samples, one channel, three dates, one pixel.
        let values = vec![1.0f32, 2.0, 100.0, 7.0, 3.0, 5.0];
        let input =
            || Tensor::<5>::from_data(TensorData::new(values.clone(), [2, 1, 3, 1, 1]), &Device::flex());
        let mask = StepMask::new(2, 3, vec![true, true, false, false, true, true]).unwrap();
        let mut shown = 0;
        let doubled = |pictures: Tensor<4>| {
            shown = pictures.dims()[0];
            pictures * 2.0
        };
        assert_eq!(to_host(each_date(input(), &mask, doubled)), [3.0, 8.0]);
        assert_eq!(shown, 4);
        assert_eq!(to_host(mean_picture(input(), &mask)), [1.5, 4.0]);
        let maps = date_maps(input(), &mask, |pictures| pictures * 2.0).into_iter();
        let maps: Vec<Vec<f32>> = maps.map(to_host).collect();
        // The empty dates are the third of the first sample and the first of the second.
        assert_eq!([maps[0][0], maps[1][0], maps[1][1], maps[2][1]], [2.0, 4.0, 6.0, 10.0]);
        let dates: Vec<Vec<f32>> = pictures(input()).into_iter().map(to_host).collect();
        assert_eq!(dates, [[1.0, 7.0], [2.0, 3.0], [100.0, 5.0]]);
    }

    #[test]
    fn each_pixel_takes_the_dates_that_saw_it() {
        // One sample, one channel, three dates, two pixels; the last date is empty.
        let values = vec![1.0f32, 2.0, 3.0, 4.0, 9.0, 9.0];
        let input =
            || Tensor::<5>::from_data(TensorData::new(values.clone(), [1, 1, 3, 1, 2]), &Device::flex());
        #[track_caller]
        fn check(input: Tensor<5>, valid: [bool; 6], scores: [f32; 2], picture: [f32; 2]) {
            let mask = StepMask::of_valid(1, 3, 2, &valid);
            assert_eq!(to_host(each_date(input.clone(), &mask, |pictures| pictures)), scores);
            assert_eq!(to_host(mean_picture(input.clone(), &mask)), picture);
            let window = mask.by_window();
            let (scores, picture) = (each_date(input.clone(), &window, |x| x), mean_picture(input, &window));
            assert_eq!([to_host(scores), to_host(picture)], [[2.0, 3.0]; 2]);
        }
        check(input(), [true, false, true, true, false, false], [2.0, 4.0], [2.0, 4.0]);
        check(input(), [true, false, false, true, false, false], [1.0, 4.0], [1.0, 4.0]);
        // Seen by no date: the mean of the pictures shown, or of all.
        check(input(), [true, false, true, false, false, false], [2.0, 3.0], [2.0, 5.0]);
    }
}

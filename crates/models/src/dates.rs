//! From networks that read one picture to series of them.

use burn::tensor::{Int, Tensor, TensorData};

use crate::{Collapse, StepMask};

/// Scores `[n, class, y, x]`: the mean over the dates observed of what `network` makes of each picture.
///
/// `network` maps `[picture, channel, y, x]` to `[picture, class, y, x]`; empty dates are not shown to it,
/// so that they change no batch statistics and cost nothing.
pub(crate) fn each_date(
    input: Tensor<5>,
    mask: &StepMask,
    network: impl FnOnce(Tensor<4>) -> Tensor<4>,
) -> Tensor<4> {
    let [n, _, steps, _, _] = input.dims();
    let weights = mask.weights(Collapse::MaskedMean, steps);
    let (pictures, places) = observed(input, mask);
    let scores = network(pictures);
    if steps == 1 {
        return scores;
    }
    let [seen, classes, rows, columns] = scores.dims();
    let mut mean = vec![0.0f32; n * seen];
    for (column, &place) in places.iter().enumerate() {
        mean[place / steps * seen + column] = weights[place];
    }
    let mean = Tensor::<2>::from_data(TensorData::new(mean, [n, seen]), &scores.device());
    mean.matmul(scores.reshape([seen, classes * rows * columns])).reshape([n, classes, rows, columns])
}

/// What `network` makes of each date, `[n, map, y, x]` a date. Like [`each_date`] it shows no empty date to
/// the network: its map is that of another one, to be passed over by who reads them.
pub(crate) fn date_maps(
    input: Tensor<5>,
    mask: &StepMask,
    network: impl FnOnce(Tensor<4>) -> Tensor<4>,
) -> Vec<Tensor<4>> {
    let [n, _, steps, _, _] = input.dims();
    let (pictures, places) = observed(input, mask);
    let mut maps = network(pictures);
    if places.len() < n * steps {
        let of = |place: usize| places.iter().position(|&seen| seen == place).unwrap_or(0);
        maps = choose(maps, (0..n * steps).map(of));
    }
    let [_, channels, rows, columns] = maps.dims();
    let maps = maps.reshape([n, steps, channels, rows, columns]);
    (0..steps).map(|step| maps.clone().narrow(1, step, 1).squeeze_dim(1)).collect()
}

/// The pictures `[picture, channel, y, x]` of the dates observed of `[n, channel, time, y, x]`, and where
/// each stands in `[n, time]`.
fn observed(input: Tensor<5>, mask: &StepMask) -> (Tensor<4>, Vec<usize>) {
    let [n, channels, steps, rows, columns] = input.dims();
    let weights = mask.weights(Collapse::MaskedMean, steps);
    let places: Vec<usize> = (0..n * steps).filter(|&place| weights[place] > 0.0).collect();
    let pictures = input.swap_dims(1, 2).reshape([n * steps, channels, rows, columns]);
    match places.len() == n * steps {
        true => (pictures, places),
        false => (choose(pictures, places.iter().copied()), places),
    }
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

/// The mean picture `[n, channel, y, x]` over the dates observed of `[n, channel, time, y, x]`.
pub(crate) fn mean_picture(input: Tensor<5>, mask: &StepMask) -> Tensor<4> {
    let [n, _, steps, _, _] = input.dims();
    let weights = TensorData::new(mask.weights(Collapse::MaskedMean, steps), [n, 1, steps, 1, 1]);
    let weights = Tensor::<5>::from_data(weights, &input.device());
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
}

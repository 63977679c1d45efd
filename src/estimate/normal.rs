//! The normal distribution, forth and back.

/// The share of a normal distribution below so many standard deviations.
pub fn share_below(deviate: f64) -> f64 {
    libm::erfc(-deviate * std::f64::consts::FRAC_1_SQRT_2) / 2.0
}

/// How many standard deviations up a share of a normal distribution lies: the inverse of
/// [`share_below`], by Wichura's algorithm AS 241 (1988), to about 16 digits. An infinity at 0 and 1.
pub fn deviate(share: f64) -> f64 {
    let from_middle = share - 0.5;
    if from_middle.abs() <= 0.425 {
        let square = 0.180_625 - from_middle * from_middle;
        return from_middle * ratio(&MIDDLE, square);
    }
    let tail = if from_middle < 0.0 { share } else { 1.0 - share };
    let size = upper(tail);
    if from_middle < 0.0 { -size } else { size }
}

/// How many standard deviations from the middle a tail of so small a share begins.
fn upper(tail: f64) -> f64 {
    if tail <= 0.0 {
        return f64::INFINITY;
    }
    let root = libm::sqrt(-libm::log(tail));
    if root <= 5.0 { ratio(&TAIL, root - 1.6) } else { ratio(&FAR, root - 5.0) }
}

/// A polynomial over a polynomial, each from the highest power down.
fn ratio([over, under]: &[[f64; 8]; 2], at: f64) -> f64 {
    let polynomial = |terms: &[f64; 8]| terms.iter().fold(0.0, |sum, term| sum * at + term);
    polynomial(over) / polynomial(under)
}

// The digits are those of the publication; what an f64 cannot hold is rounded by the compiler.
#[allow(clippy::excessive_precision)]
const MIDDLE: [[f64; 8]; 2] = [
    [
        2.509_080_928_730_122_672_7e3,
        3.343_057_558_358_812_810_5e4,
        6.726_577_092_700_870_085_3e4,
        4.592_195_393_154_987_145_7e4,
        1.373_169_376_550_946_112_5e4,
        1.971_590_950_306_551_442_7e3,
        1.331_416_678_917_843_774_5e2,
        3.387_132_872_796_366_608,
    ],
    [
        5.226_495_278_852_854_561e3,
        2.872_908_573_572_194_267_4e4,
        3.930_789_580_009_271_061e4,
        2.121_379_430_158_659_586_7e4,
        5.394_196_021_424_751_107_7e3,
        6.871_870_074_920_579_083e2,
        4.231_333_070_160_091_125_2e1,
        1.0,
    ],
];

#[allow(clippy::excessive_precision)]
const TAIL: [[f64; 8]; 2] = [
    [
        7.745_450_142_783_414_076_4e-4,
        2.272_384_498_926_918_458_33e-2,
        2.417_807_251_774_506_117_7e-1,
        1.270_458_252_452_368_382_58,
        3.647_848_324_763_204_605_04,
        5.769_497_221_460_691_405_5,
        4.630_337_846_156_545_295_9,
        1.423_437_110_749_683_577_34,
    ],
    [
        1.050_750_071_644_416_843_24e-9,
        5.475_938_084_995_344_946e-4,
        1.519_866_656_361_645_719_66e-2,
        1.481_039_764_274_800_745_9e-1,
        6.897_673_349_851_000_045_5e-1,
        1.676_384_830_183_803_849_4,
        2.053_191_626_637_758_821_87,
        1.0,
    ],
];

#[allow(clippy::excessive_precision)]
const FAR: [[f64; 8]; 2] = [
    [
        2.010_334_399_292_288_132_65e-7,
        2.711_555_568_743_487_578_15e-5,
        1.242_660_947_388_078_438_6e-3,
        2.653_218_952_657_612_309_3e-2,
        2.965_605_718_285_048_912_3e-1,
        1.784_826_539_917_291_335_8,
        5.463_784_911_164_114_369_9,
        6.657_904_643_501_103_777_2,
    ],
    [
        2.044_263_103_389_939_785_64e-15,
        1.421_511_758_316_445_888_7e-7,
        1.846_318_317_510_054_681_8e-5,
        7.868_691_311_456_132_591e-4,
        1.487_536_129_085_061_485_25e-2,
        1.369_298_809_227_358_053_1e-1,
        5.998_322_065_558_879_376_9e-1,
        1.0,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_and_forth() {
        let mut share = 1e-300;
        while share < 1.0 {
            let up = deviate(share);
            let error = (share_below(up) / share - 1.0).abs();
            assert!(error < 1e-14 * (1.0 + up * up), "{up}: {error}");
            share *= 1.7;
        }
        for share in [0.5, 0.075, 0.925, 0.926, 0.999] {
            assert!((share_below(deviate(share)) - share).abs() < 1e-15, "{share}");
        }
        assert!((deviate(0.95) - super::super::Z95).abs() < 1e-15);
        assert_eq!(deviate(0.5), 0.0);
    }
}

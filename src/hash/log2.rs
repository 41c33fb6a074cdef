//! A fixed-point logarithm computed with integers only.

/// −log2(r / 2^64) as an unsigned fixed-point number with 57 fractional bits, never 0.
///
/// `r` is a uniform 64-bit word read as a fraction of 2^64; 0 counts as 1. The answer lies in
/// `1..=64 * 2^57`, is monotone (a larger `r` never gives a larger answer) and differs from the
/// real logarithm by less than 2^-46.
///
/// The eight bits after the leading one select a step. The result is the logarithm of the *upper*
/// end of that step, from a table, plus a series for the distance to it. This keeps the relative
/// error small near r = 2^64, where the winning scores are.
#[inline]
#[must_use]
pub(crate) const fn neg_log2(r: u64) -> u64 {
    let r = if r == 0 { 1 } else { r };
    let zeros = r.leading_zeros();
    let m = r << zeros;
    let step = (m >> 55) & 255;
    // Distance to the step's upper end; at the last step that end is 2^64.
    let d = ((257 + step) << 55).wrapping_sub(m);
    let [reciprocal, anchor] = table(step);
    let delta = ((d as u128 * reciprocal as u128) >> 55) as u64;
    let e = delta >> 8;
    let mut q = 0x3333_3333_3333_3333_u64;
    q = (1 << 62) + high(q, e);
    q = 0x5555_5555_5555_5555 + high(q, e);
    q = (1 << 63) + high(q, e);
    q = high(q, e);
    let sum = delta + high(delta, q);
    let sum = ((sum as u128 * 0xB8AA_3B29_5C17_F0BC) >> 78) as u64;
    let n = ((zeros as u64) << 57) + anchor + sum;
    if n == 0 { 1 } else { n }
}

/// A lower bound of [`neg_log2`] in three shifts. If the bound already loses a comparison, the
/// logarithm does too.
#[inline]
#[must_use]
pub(crate) const fn neg_log2_at_least(r: u64) -> u64 {
    let x = r.wrapping_neg();
    (x >> 7) + (x >> 9) + (x >> 10)
}

#[inline]
const fn high(a: u64, b: u64) -> u64 {
    ((a as u128 * b as u128) >> 64) as u64
}

#[inline]
#[allow(clippy::indexing_slicing)] // masked to the table's length
const fn table(step: u64) -> [u64; 2] {
    let i = (step & 255) as usize;
    [RECIPROCAL[i], ANCHOR[i]]
}

/// `RECIPROCAL[i]` = 2^72 / (257 + i), rounded to the nearest integer.
#[rustfmt::skip]
const RECIPROCAL: [u64; 256] = [
    0xff00ff00ff00ff01, 0xfe03f80fe03f80fe, 0xfd08e5500fd08e55, 0xfc0fc0fc0fc0fc10,
    0xfb18856506ddaba6, 0xfa232cf252138ac0, 0xf92fb2211855a865, 0xf83e0f83e0f83e10,
    0xf74e3fc22c700f75, 0xf6603d980f6603da, 0xf57403d5d00f5740, 0xf4898d5f85bb3950,
    0xf3a0d52cba872336, 0xf2b9d6480f2b9d65, 0xf1d48bcee0d399fa, 0xf0f0f0f0f0f0f0f1,
    0xf00f00f00f00f00f, 0xef2eb71fc4345238, 0xee500ee500ee500f, 0xed7303b5cc0ed730,
    0xec979118f3fc4da2, 0xebbdb2a5c1619c8c, 0xeae56403ab95900f, 0xea0ea0ea0ea0ea0f,
    0xe939651fe2d8d35c, 0xe865ac7b7603a197, 0xe79372e225fe30d9, 0xe6c2b4481cd85689,
    0xe5f36cb00e5f36cb, 0xe525982af70c880e, 0xe45932d7dc52100e, 0xe38e38e38e38e38e,
    0xe2c4a6886a4c2e10, 0xe1fc780e1fc780e2, 0xe135a9c97500e136, 0xe070381c0e070382,
    0xdfac1f74346c575f, 0xdee95c4ca037ba57, 0xde27eb2c41f3d9d1, 0xdd67c8a60dd67c8a,
    0xdca8f158c7f91ab8, 0xdbeb61eed19c5958, 0xdb2f171df7702919, 0xda740da740da740e,
    0xd9ba4256c0366e91, 0xd901b2036406c80e, 0xd84a598ec9151f43, 0xd79435e50d79435e,
    0xd6df43fca482f00d, 0xd62b80d62b80d62c, 0xd578e97c3f5fe551, 0xd4c77b03531dec0d,
    0xd4173289870ac52e, 0xd3680d3680d3680d, 0xd2ba083b445250ab, 0xd20d20d20d20d20d,
    0xd161543e28e50274, 0xd0b69fcbd2580d0b, 0xd00d00d00d00d00d, 0xcf6474a8819ec8e9,
    0xcebcf8bb5b4169cb, 0xce168a7725080ce1, 0xcd712752a886d242, 0xcccccccccccccccd,
    0xcc29786c7607f99f, 0xcb8727c065c393e0, 0xcae5d85f1bbd6c95, 0xca4587e6b74f0329,
    0xc9a633fcd967300d, 0xc907da4e871146ad, 0xc86a78900c86a789, 0xc7ce0c7ce0c7ce0c,
    0xc73293d789b9f838, 0xc6980c6980c6980c, 0xc5fe740317f9d00c, 0xc565c87b5f9d4d1c,
    0xc4ce07b00c4ce07b, 0xc4372f855d824ca6, 0xc3a13de60495c773, 0xc30c30c30c30c30c,
    0xc2780613c0309e02, 0xc1e4bbd595f6e947, 0xc152500c152500c1, 0xc0c0c0c0c0c0c0c1,
    0xc0300c0300c0300c, 0xbfa02fe80bfa02ff, 0xbf112a8ad278e8dd, 0xbe82fa0be82fa0bf,
    0xbdf59c91700bdf5a, 0xbd69104707661aa3, 0xbcdd535db1cc5b7b, 0xbc52640bc52640bc,
    0xbbc8408cd63069a1, 0xbb3ee721a54d880c, 0xbab656100bab6561, 0xba2e8ba2e8ba2e8c,
    0xb9a7862a0ff46588, 0xb92143fa36f5e02e, 0xb89bc36ce3e0453a, 0xb81702e05c0b8170,
    0xb79300b79300b793, 0xb70fbb5a19be3659, 0xb68d31340e4307d8, 0xb60b60b60b60b60b,
    0xb58a485518d1e7e4, 0xb509e68a9b94821f, 0xb48a39d44685fe97, 0xb40b40b40b40b40b,
    0xb38cf9b00b38cf9b, 0xb30f63528917c80b, 0xb2927c29da5519cf, 0xb21642c8590b2164,
    0xb19ab5c45606f00b, 0xb11fd3b80b11fd3c, 0xb0a59b418d749d53, 0xb02c0b02c0b02c0b,
    0xafb321a1496fdf0e, 0xaf3addc680af3ade, 0xaec33e1f671529a5, 0xae4c415c9882b931,
    0xadd5e6323fd48a86, 0xad602b580ad602b6, 0xaceb0f891e6551bb, 0xac7691840ac76918,
    0xac02b00ac02b00ac, 0xab8f69e28359cd11, 0xab1cbdd3e2970f60, 0xaaaaaaaaaaaaaaab,
    0xaa392f35dc17f00b, 0xa9c84a47a07f5638, 0xa957fab5402a55ff, 0xa8e83f5717c0a8e8,
    0xa87917088e262b6f, 0xa80a80a80a80a80b, 0xa79c7b16ea64d422, 0xa72f05397829cbc1,
    0xa6c21df6e1625c80, 0xa655c4392d7b73a8, 0xa5e9f6ed347f0721, 0xa57eb50295fad40a,
    0xa513fd6bb00a5140, 0xa4a9cf1d96833751, 0xa44029100a440291, 0xa3d70a3d70a3d70a,
    0xa36e71a2cb033128, 0xa3065e3fae7cd0e0, 0xa29ecf163bb6500a, 0xa237c32b16cfd772,
    0xa1d139855f7268ee, 0xa16b312ea8fc377d, 0xa105a932f2ca891f, 0xa0a0a0a0a0a0a0a1,
    0xa03c1688732b3032, 0x9fd809fd809fd80a, 0x9f747a152d7836d0, 0x9f1165e7254813e2,
    0x9eaecc8d53ae2ddf, 0x9e4cad23dd5f3a20, 0x9deb06c9194aa416, 0x9d89d89d89d89d8a,
    0x9d2921c3d6411308, 0x9cc8e160c3fb19b9, 0x9c69169b30446dfa, 0x9c09c09c09c09c0a,
    0x9baade8e4a2f6e10, 0x9b4c6f9ef03a3caa, 0x9aee72fcf957c10f, 0x9a90e7d95bc609a9,
    0x9a33cd67009a33cd, 0x99d722dabde58f06, 0x997ae76b50efd00a, 0x991f1a515885fb37,
    0x98c3bac74f5db00a, 0x9868c809868c8098, 0x980e4156201301c8, 0x97b425ed097b425f,
    0x975a750ff68a58af, 0x97012e025c04b809, 0x96a850096a850097, 0x964fda6c0964fda7,
    0x95f7cc72d1b887e9, 0x95a02568095a0257, 0x9548e4979e0829fd, 0x94f2094f2094f209,
    0x949b92ddc02526e5, 0x9445809445809446, 0x93efd1c50e726b7c, 0x939a85c40939a85c,
    0x93459be6b009345a, 0x92f113840497889c, 0x929cebf48bbd90e5, 0x9249249249249249,
    0x91f5bcb8bb02d9cd, 0x91a2b3c4d5e6f809, 0x9150091500915009, 0x90fdbc090fdbc091,
    0x90abcc0242af3009, 0x905a38633e06c43b, 0x9009009009009009, 0x8fb823ee08fb823f,
    0x8f67a1e3fdc26178, 0x8f1779d9fdc3a219, 0x8ec7ab397255e41d, 0x8e78356d1408e783,
    0x8e2917e0e702c6cd, 0x8dda520237694809, 0x8d8be33f95d71590, 0x8d3dcb08d3dcb08d,
    0x8cf008cf008cf009, 0x8ca29c046514e023, 0x8c55841c815ed5ca, 0x8c08c08c08c08c09,
    0x8bbc50c8deb420c0, 0x8b70344a139bc75a, 0x8b246a87e19008b2, 0x8ad8f2fba9386823,
    0x8a8dcd1feeae465c, 0x8a42f8705669db46, 0x89f87469a23920e0, 0x89ae4089ae4089ae,
    0x89645c4f6e055dec, 0x891ac73ae9819b50, 0x88d180cd3a4133d7, 0x8888888888888889,
    0x883fddf00883fddf, 0x87f78087f78087f8, 0x87af6fd5992d0d40, 0x8767ab5f34e47ef1,
    0x872032ac13008720, 0x86d905447a34acc6, 0x869222b1acf1ce96, 0x864b8a7de6d1d608,
    0x86053c345a0b8473, 0x85bf37612cee3c9b, 0x85797b917765ab89, 0x8534085340853408,
    0x84eedd357c1b0085, 0x84a9f9c8084a9f9d, 0x84655d9bab2f1008, 0x8421084210842108,
    0x83dcf94dc7570ce1, 0x839930523fbe3368, 0x8355ace3c897db10, 0x83126e978d4fdf3b,
    0x82cf750393ac3319, 0x828cbfbeb9a020a3, 0x824a4e60b3262bc5, 0x8208208208208208,
    0x81c635bc123fdf8e, 0x81848da8faf0d277, 0x814327e3b94f462f, 0x8102040810204081,
    0x80c121b28bd1ba98, 0x8080808080808081, 0x8040201008040201, 0x8000000000000000,
];

/// `ANCHOR[i]` = 1 − log2((257 + i) / 256) with 57 fractional bits.
#[rustfmt::skip]
const ANCHOR: [u64; 256] = [
    0x01fd1ec77250aa71, 0x01fa406bd2443dec, 0x01f764e7742b427a, 0x01f48c34bd1e96eb,
    0x01f1b64e22bd783d, 0x01eee32e2aeccbed, 0x01ec12cf6b97a5da, 0x01e9452c8a710279,
    0x01e67a403cb6ae6c, 0x01e3b20546f554a1, 0x01e0ec767ccdac60, 0x01de298ec0bac0cb,
    0x01db694903d94b87, 0x01d8aba045b01c7a, 0x01d5f08f93f98892, 0x01d338120a6dd9d3,
    0x01d08222d28ebafe, 0x01cdcebd2373994b, 0x01cb1ddc4196f6d8, 0x01c86f7b7ea4a88b,
    0x01c5c3963948fa4b, 0x01c31a27dd00b49c, 0x01c0732be1e9feb7, 0x01bdce9dcc961872,
    0x01bb2c792ddbe748, 0x01b88cb9a2ab5213, 0x01b5ef5ad3e16702, 0x01b35458761d4798,
    0x01b0bbae4995d670, 0x01ae255819f022cb, 0x01ab9151be168dd7, 0x01a8ff971810a5e2,
    0x01a6702414dbb3a6, 0x01a3e2f4ac43f603, 0x01a15804e0be8884, 0x019ecf50bf43f134,
    0x019c48d45f2b5251, 0x0199c48be2063c84, 0x01974273737d1e55, 0x0194c287492c4db0,
    0x019244c3a281a85a, 0x018fc924c89ac847, 0x018d4fa70e23c8de, 0x018ad846cf369a41,
    0x01886300713adfc4, 0x0185efd062c656cd, 0x01837eb31b7dc363, 0x01810fa51bf65fd7,
    0x017ea2a2ed97cce2, 0x017c37a9227e7fb5, 0x0179ceb4555eab8b, 0x017767c12967a452,
    0x017502cc4a27b805, 0x01729fd26b707c7d, 0x01703ed0493b8f67, 0x016ddfc2a78fc634,
    0x016b82a65266cbe5, 0x016927781d932a85, 0x0166ce34e4a6be53, 0x016476d98ad99099,
    0x01622162faf1182b, 0x015fcdce2727ddb4, 0x015d7c18091581e3, 0x015b2c3da19723a8,
    0x0158de3bf8b824b0, 0x015692101d9b4a64, 0x015447b7266439aa, 0x0151ff2e30214bc3,
    0x014fb8725eb5ba93, 0x014d7380dcc422c9, 0x014b3056db995a3d, 0x0148eef19317990d,
    0x0146af4e41a1f3eb, 0x0144716a2c082621, 0x014235429d72a9dd, 0x013ffad4e74f1d5e,
    0x013dc21e613cf392, 0x013b8b1c68fa6ed3, 0x013955cc6251e473, 0x0137222bb70747ba,
    0x0134f037d6c5fb24, 0x0132bfee370ee686, 0x0130914c5326d104, 0x012e644fac04fd7b,
    0x012c38f5c842085d, 0x012a0f3c340705b9, 0x0127e72080fcde5d, 0x0125c0a0463beafb,
    0x01239bb9203bcc33, 0x01217868b0c37e7b, 0x011f56ac9ed9a8d2, 0x011d368296b5254c,
    0x011b17e849adc261, 0x0118fadb6e2d3c1a, 0x0116df59bfa06c15, 0x0114c560fe68af88,
    0x0112aceeefcd8238, 0x011096015dee4d9e, 0x010e809617b46b40, 0x010c6caaf0c55970,
    0x010a5a3dc175218d, 0x0108494c66b8eefc, 0x010639d4c219d5f9, 0x01042bd4b9a7c98a,
    0x01021f4a37ecbfaf, 0x010014332be0032a, 0x00fe0a8d88d9b201, 0x00fc02574686680d,
    0x00f9fb8e60db14dc, 0x00f7f630d808fc2b, 0x00f5f23cb071e044, 0x00f3efaff29c559a,
    0x00f1ee88ab283eef, 0x00efeec4eac37158, 0x00edf062c61e7f8d, 0x00ebf36055e1abc6,
    0x00e9f7bbb6a1ffa0, 0x00e7fd7308d6895b, 0x00e6048470cdbde9, 0x00e40cee16a2ff22,
    0x00e216ae2634459e, 0x00e021c2cf17ed9c, 0x00de2e2a4492a65d, 0x00dc3be2bd8d8380,
    0x00da4aea748c2fbb, 0x00d85b3fa7a34080, 0x00d66ce0986ea9fb, 0x00d47fcb8c0852f1,
    0x00d293fecafec7fa, 0x00d0a978a14c0d9f, 0x00cec0375e4c90dc, 0x00ccd83954b63593,
    0x00caf17cda8f8271, 0x00c90c004926e9dc, 0x00c727c1fd0a2f6e, 0x00c544c055fde993,
    0x00c362f9b6f51ede, 0x00c1826c8608fe99, 0x00bfa3172c70b441, 0x00bdc4f81679556a,
    0x00bbe80db37de9b5, 0x00ba0c5675df8c76, 0x00b831d0d2fda792, 0x00b6587b432e4750,
    0x00b4805441b686a8, 0x00b2a95a4cc313bb, 0x00b0d38be560cc19, 0x00aefee78f757072,
    0x00ad2b6bd1b86f6b, 0x00ab591735abc725, 0x00a987e84794fd38, 0x00a7b7dd96762cc4,
    0x00a5e8f5b4072a3d, 0x00a41b2f34aebcb5, 0x00a24e88af7bec3b, 0x00a08300be1f6514,
    0x009eb895fce4ef76, 0x009cef470aacfb7c, 0x009b271288e64106, 0x00995ff71b877343,
    0x009799f36909078d, 0x0095d5061a5f0f60, 0x0094112ddaf3251f, 0x00924e69589e6b62,
    0x00908cb743a39e86, 0x008ecc164ea93842, 0x008d0c852eb3a503, 0x008b4e029b1f8ac4,
    0x0089908d4d9c2123, 0x0087d42402259a88, 0x008618c576ff9e04, 0x00845e706cafd1bf,
    0x0082a523a5f875bc, 0x0080ecdde7d30ea3, 0x007f359df96b2073, 0x007d7f62a418f8d2,
    0x007bca2ab35c88c5, 0x007a15f4f4d84d9f, 0x007862c0384c48f4, 0x0076b08b4f91074c,
    0x0074ff550e92b572, 0x00734f1c4b4c4425, 0x00719fdfddc299f8, 0x006ff19e9fffd330,
    0x006e44576e0e8f75, 0x006c980925f54d16, 0x006aecb2a7b1d1ca, 0x00694252d534a0a1,
    0x006798e8925c7d18, 0x0065f072c4f1fb02, 0x006448f054a31b38, 0x0062a2602afef4ca,
    0x0060fcc133716a9b, 0x005f58125b3eed32, 0x005db45291804895, 0x005c1180c71e7e13,
    0x005a6f9beecea9be, 0x0058cea2fd0df384, 0x00572e94e81d8bb5, 0x00558f70a7feb2c8,
    0x0053f135366ecc4d, 0x005253e18ee37cd3, 0x0050b774ae86d2a5, 0x004f1bed94337943,
    0x004d814b4070f75c, 0x004be78cb56ff742, 0x004a4eb0f70699a2, 0x0048b6b70aacd25b,
    0x00471f9df778cf6e, 0x00458964c61b69bf, 0x0043f40a80dc9fa7, 0x00425f8e33981925,
    0x0040cbeeebb9b594, 0x003f392bb83a22ca, 0x003da743a99b7d75, 0x003c1635d1e5faad,
    0x003a860144a49a83, 0x0038f6a516e1e38a, 0x003768205f24a728, 0x0035da72356cce9d,
    0x00344d99b33030a5, 0x0032c195f3576f94, 0x00313666123adfd0, 0x002fac092d9f7699,
    0x002e227e64b3c0f3, 0x002c99c4d80ce2ad, 0x002b11dba9a39d55, 0x00298ac1fcd15f10,
    0x00280476f64d593c, 0x00267ef9bc299eb4, 0x0024fa4975d049b6, 0x002376654c00a93a,
    0x0021f34c68cc75ba, 0x002070fdf7950d3b, 0x001eef792508b69d, 0x001d6ebd1f1febfe,
    0x001beec9151aac2e, 0x001a6f9c377dd31b, 0x0018f135b8107912, 0x00177394c9d958d5,
    0x0015f6b8a11c3c61, 0x00147aa07357704f, 0x0012ff4b77413dcb, 0x001184b8e4c56af8,
    0x00100ae7f502c1c4, 0x000e91d7e2489cfc, 0x000d1987e8147baf, 0x000ba1f7430f9aab,
    0x000a2b25310c941a, 0x0008b510f1050523, 0x00073fb9c3173977, 0x0005cb1ee883dcca,
    0x0004573fa3abb20c, 0x0002e41b380d506c, 0x000171b0ea42e5fe, 0x0000000000000000,
];

#[cfg(test)]
mod tests {
    use super::{ANCHOR, RECIPROCAL, neg_log2, neg_log2_at_least};
    use crate::hash::mix::word;

    #[test]
    fn recorded_values() {
        let mut rows = 0;
        for line in include_str!("../../tests/vectors/neg_log2.tsv").lines().skip(2) {
            let (r, log) = line.split_once('\t').unwrap();
            let r = u64::from_str_radix(r, 16).unwrap();
            assert_eq!(neg_log2(r), log.parse().unwrap(), "r = {r:#x}");
            rows += 1;
        }
        assert_eq!(rows, 200);
    }

    #[test]
    fn reciprocals_are_rounded_quotients() {
        for (i, reciprocal) in RECIPROCAL.iter().enumerate() {
            let divisor = 257 + i as u128;
            assert_eq!(u128::from(*reciprocal), ((1 << 72) + divisor / 2) / divisor);
        }
    }

    #[test]
    fn close_to_the_real_logarithm_monotone_and_above_its_bound() {
        let check = |r: u64| {
            let exact = 64.0 - (r.max(1) as f64).log2();
            let ours = neg_log2(r) as f64 / 2_f64.powi(57);
            // f64 itself is off by 2^-47 at 64.
            assert!((ours - exact).abs() < 2_f64.powi(-45), "r = {r:#x}: {ours} {exact}");
            assert!(neg_log2_at_least(r) <= neg_log2(r), "r = {r:#x}");
            if r < u64::MAX {
                assert!(neg_log2(r + 1) <= neg_log2(r), "r = {r:#x}");
            }
        };
        for c in 0..200_000 {
            let r = word(7, c);
            check(r);
            check(r >> (c % 64));
        }
        for step in 0..=255_u64 {
            for zeros in 0..56 {
                let edge = ((256 + step) << 55) >> zeros;
                (edge - 2..=edge + 2).for_each(check);
            }
        }
        (0..1000).for_each(|x| check(u64::MAX - x));
        assert_eq!(neg_log2(0), neg_log2(1));
        assert!(neg_log2(u64::MAX) >= 1);
        assert_eq!(ANCHOR.last(), Some(&0));
    }
}

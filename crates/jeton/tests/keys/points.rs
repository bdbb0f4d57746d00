//! Points in their compressed form (SEC 1 §2.3.3), as OpenSSL writes them with `-conv_form compressed`.

use base64_simd::STANDARD;
use jeton::{Algorithm, KeyError, VerifyingKey};

/// The SPKI of one key with its point compressed, and not.
const WRITTEN: [(Algorithm, &str, &str); 4] = [
    (
        Algorithm::Es256,
        "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADF8VyCDCImhL+hvepcV5AeUqXR2l5hbCWB3OYNRel3qs=",
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEF8VyCDCImhL+hvepcV5AeUqXR2l5hbCWB3OYNRel3qtUdCkdh8s23RW62M/CPmq5F3FPJI3D8tBVmVVrMlCzjQ==",
    ),
    (
        Algorithm::Es384,
        "MEYwEAYHKoZIzj0CAQYFK4EEACIDMgACwfWqxF0RTO0dOSaXF9ipNrzkHXI5rMX3HgSWSeG8zltaoZaBkEDo53TzIN78gOB1",
        "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEwfWqxF0RTO0dOSaXF9ipNrzkHXI5rMX3HgSWSeG8zltaoZaBkEDo53TzIN78gOB102XF58LQvDOmZ5o1QaoxV4IhRaQcnI24IzaONIN/4IKxv1bz53Di4zNrIXal69cC",
    ),
    (
        Algorithm::Es512,
        "MFgwEAYHKoZIzj0CAQYFK4EEACMDRAACAHZ5H72mJ26msdTGVckqqR5PE3PMJH6upaan46NoGH1fgS2KIPkiek4mEmWWIL7fG+6/ouCKhGGdNdNXrs/MV0Ho",
        "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAdnkfvaYnbqax1MZVySqpHk8Tc8wkfq6lpqfjo2gYfV+BLYog+SJ6TiYSZZYgvt8b7r+i4IqEYZ0101euz8xXQegAXvhHZun+K6aUqQHIQ5HKicvx9Fjqzhoh0+HmqGKPjgfVwhZ/ByhGumeTyaAnsynMzNnY33T5EIPqu/RcmzjPPCA=",
    ),
    (
        Algorithm::Es256K,
        "MDYwEAYHKoZIzj0CAQYFK4EEAAoDIgADIOpHt8PoC6fQ1JF0GnemqrsJfY0MsABLJbx/NVRtCcc=",
        "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEIOpHt8PoC6fQ1JF0GnemqrsJfY0MsABLJbx/NVRtCcfkIknFieiW9UN7q+BDf3vpdtjC7UzJLyXknB6UTHZ1Bw==",
    ),
];

#[test]
fn a_compressed_point_is_the_same_key() {
    for (algorithm, compressed, uncompressed) in WRITTEN {
        let [compressed, uncompressed] =
            [compressed, uncompressed].map(|text| STANDARD.decode_to_vec(text).unwrap());
        let key = VerifyingKey::from_der(algorithm, &compressed).unwrap();
        let same = VerifyingKey::from_der(algorithm, &uncompressed).unwrap();
        assert_eq!(key.to_jwk(), same.to_jwk(), "{algorithm}");
        assert_eq!(key.to_spki_der().unwrap(), uncompressed, "{algorithm}");
    }
}

#[test]
fn a_compressed_point_off_its_curve_is_refused() {
    let (algorithm, compressed, _) = WRITTEN[0];
    let spki = STANDARD.decode_to_vec(compressed).unwrap();
    // Of all `x` about half have no point, so some of these have none; a form of 5 does not exist.
    let results: Vec<_> = (0..64)
        .map(|last| {
            let mut other = spki.clone();
            *other.last_mut().unwrap() = last;
            VerifyingKey::from_der(algorithm, &other).map(|_| ())
        })
        .collect();
    assert!(results.contains(&Ok(())));
    assert!(
        results
            .iter()
            .any(|result| matches!(result, Err(KeyError::Rejected { .. })))
    );
    let mut form = spki.clone();
    let start = form.len() - 33;
    form[start] = 5;
    assert!(matches!(
        VerifyingKey::from_der(algorithm, &form),
        Err(KeyError::Rejected { .. })
    ));
}

#[test]
fn a_point_of_another_length_is_refused() {
    let (algorithm, _, uncompressed) = WRITTEN[0];
    let whole = STANDARD.decode_to_vec(uncompressed).unwrap();
    let (start, point) = whole.split_at(whole.len() - 65);
    // What is before the point: a sequence, which kind of key, a bit string of whole bytes.
    let kind = &start[2..start.len() - 3];
    let spki = |point: &[u8]| {
        let length = |bytes: usize| u8::try_from(bytes).unwrap();
        let head = [0x30, length(kind.len() + 3 + point.len())];
        let bits = [0x03, length(1 + point.len()), 0];
        [&head, kind, &bits, point].concat()
    };
    assert_eq!(spki(point), whole);
    let longer = [point, &[0]].concat();
    for other in [&point[..1], &point[..2], &point[..33], &point[..64], &longer] {
        let refused = VerifyingKey::from_der(algorithm, &spki(other)).unwrap_err();
        assert!(
            matches!(refused, KeyError::Rejected { .. }),
            "{}: {refused:?}",
            other.len()
        );
    }
}

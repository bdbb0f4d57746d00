//! Signatures over no bytes at all: `emptyPayload` of Wycheproof's `json_web_signature`, tests 259, 264, 268,
//! 272, 320 and 325. The keys of 2048 bits are the same for PKCS#1 v1.5 and PSS.

use jeton::{VerifyingKey, jws};

const MODULUS_256: &str = "orRRoH0KpfluRVZxUTVQUUqKW0YuvvcXCU-h_ugiJOY3-XRtP3yv0xh42AMltu9aFwD2WQO0aUKeidbqyIRQl7WrOTGJ25JRLtincRoSU_rNIPecFegkfz0-QuRuSMmOJUov6XZTE6A-_48X4aApOXofomqNzib0kO2BKZYV2YFMItphBCjgnH2WWFlCZvXAIdD87KCNlFoSvoLeTR7Oa0wDFFtdNJXU7VQR64eNrwX9evw-Ca2g8RJkIvWQl1oZaYFvSGmLy7obTZyuedRg2Pn4Xnl1AF2bwixOWsD3waRdElaaYoB9O5oC5aUw53MGb0U9H1tMLpz3ggKD90K51Q";
const MODULUS_384: &str = "zab6XKdr_gSS7Ffgo7__cnLcjR4lrR-zOKoFDwLBBOYxM9a1t8SYXruumsA2pbnAMHTWCuyOJbrzkqDEMP8FuI6UiAXT3XRRHYiFJQp7V0IVraAVxVkHZobiU8zJbAgVsSke54fMM2O0932TDrmY18WCskzqnOId6XInkZiYY6J-vICgDeW9L5Iod15aTOsFTVjJvjagVDNpcaE2Qt2VEN1paqJo2zqrIpnV2I-OViQ00UJwlNPfjnLR72m07TTRK6w3UiOyolzyJ_c1-BboXhcjkwR2mmCCFUzRWJn8Hq77abdIo-XtJNODcll94-TionuVHWrH2xgtaAnY_1Ebfw";
const MODULUS_512: &str = "wsSoYCNtPJCWoHbWulEH4Pe9geG6kW9zdXJL0rCwtjlWgTcVo0V6sEWLcfs1pFsn-e96w-V53qRd-_0HgZ7WtwIapTNsWEQqrdlsqe6dMkc-nZJ4VitNECWK3mqY-xx8_cOzcW713sWM9zs1nziVmbS1hlqYY1GesAHDJDh9p1VFDbNBMJNg44B8BWW44sRPvV5ujQTQBtfudouOhDYIKpD6DoN_MvRgh6tKDZviiqfaF5TOsBcqf1DtIPbfZB77y_0qrIl3XHYacxAJPGccl3-hiw1uAfsl96QytCxlNZeExokgVxnBz246Zdri2kNMMm3egbtv__vb9t5cFrunSQ";

/// The modulus, the algorithm and the `kid` of the key, and the token.
const PUBLISHED: [(&str, &str, &str, &str); 6] = [
    (
        MODULUS_256,
        "RS256",
        "RS256_2048",
        "eyJhbGciOiJSUzI1NiIsImtpZCI6IlJTMjU2XzIwNDgifQ..OUCnIKayjkSDpunEbhafP20x0d06LUlX9wTDEcaXQbQA36A7dQX2A9girAFFax5ThM3sDu1nvgmiw2WoWhwOWnwUrB9HJmYVyzZXHkTXbBQZiv5FIJTjciJ76QJChR4K_hdeYuK8qczP9_2JmYVazeF-SAdR8Bpawf4Lv34az_aomN3nvn_aVb9CzZaA6ZIgf-VxtBGrKkRgd2EsKs2ixmJMFLPy5laN6KOsWBq9aGiJUnkwzdLbMc-3hqO8YbzVsusr5ZL5gXSWjSOew5NsgS7e-4F3QyTIOuYQSOoqz3lMz_88Dgo5oo5brI0E94GVb_KSbe97PZuxa9T1o1sEWw",
    ),
    (
        MODULUS_384,
        "RS384",
        "RS384_2048",
        "eyJhbGciOiJSUzM4NCIsImtpZCI6IlJTMzg0XzIwNDgifQ..rt0lnhnnFpKZ6Zt3drRAVctLkyFNLBsTRGBpr2ZYWiZ2VhNkCgd5ZIjkrNkTzyCVr3sQucE9jLxg_SbnlK4uUH0teJ-XyoxR1rcOubbrNV6nAfil38db-f3qEDAIJ0zTv_FVd14kpvh2oovJQNa-Nkau_Ba31Ud6a-2tK7PzBPK1aMB1fSv21cqMEZ8XhsB2xobDcQ5fYnoBbkSJWuKaoBLst2N6pfRlFiNfjinGf0ZoDzb07nSM-SefEzuWyyHj5-JncRz-oz3-pg_Vd51OeQdbRoFzmmSwmvVJ1j1edMdxBrFGyVTeVXHuXynH0vX7TsBtwl2cRDk3zQluHeZjuQ",
    ),
    (
        MODULUS_512,
        "RS512",
        "RS512_2048",
        "eyJhbGciOiJSUzUxMiIsImtpZCI6IlJTNTEyXzIwNDgifQ..uBmOhR9H37yhb6KLOLuVxSD2oZgalv8VvXi1S0R7Np8SofVr11_iNZXRT-wTCl-ExEl6R3XgXjN1kTQdT7StkWWl5dlMsKS0_BARpYEB-qC8jRWXzEslUcMCnnJy-Ag-1BPLiQ9mBMHASqCY5X1X87K1JB-8d6cfft0Rr3g-vaEHAYzYPRVpo6DXl58M6rbp0OD3VxhYNUNXGpd5Rc_JDgzS4diERwJT8bhGPH0wqdEJnA0uSj_S8_k6x2p9q85d4N_ZAxIObi2zy1zYFogabef3yrDQfJCGQYWy2RxP5gxCOhsgzW9fvIgl0qlA6fQrIsIrmVHv9oliDteqluNsUA",
    ),
    (
        MODULUS_256,
        "PS256",
        "PS256_2048",
        "eyJhbGciOiJQUzI1NiIsImtpZCI6IlBTMjU2XzIwNDgifQ..M3Onb4Q1H6ED63vxIHsQjcw9UWOZFElSXyQp6BRb0cWfcIzf3mnnTDaWzt7V2ln6eQuIz1dqpZ3Xaq1C82Ga7HaqHbNe__Xw6Qxm4PIkBhsNz4WgjA8M4Eq8xMQR-3PgCQEohFc55eUrR289Sz-CHWOQnlSNz_nPWHyyO2T-yai9DU7Rq1_g5y6rH_wVRuA4fLEf_VnfGNAankkXTAHEFma4LpDQhUE2WVCe1uVgxJKjiGA_cXCTx2i9Ux1vPPuUxkpDgbLrQ-cayd8ofKtVQa4bW45myhSiNZ6M9HD0j5g2s7dLUy-JcypKsObMIPzOV50ycGd1CiCkyeHESbMq6A",
    ),
    (
        MODULUS_384,
        "PS384",
        "PS384_2048",
        "eyJhbGciOiJQUzM4NCIsImtpZCI6IlBTMzg0XzIwNDgifQ..eyYgsZ46xa6QtuhY-au3lZtVoRBEL_4XqSaUGSo-REfePTPuxwfbSoR7QDOfISF4pV5qmot2T4IiJa3b8GITLZVnTjtUJ1GFR0a7Ea6KaEwgd2V-A9NK-uMQAuX0CzwGH2G-5XHxcPqjz7e_HDy_TJRP2ykMXnva3h5T7UpG1f5Ed6Bl-vrcbSTJ35dciU31fZTHui06DlduX-2Us4dQddSRmmSTXNpAvpKWb6jmT8HvQgCvRErhJvD2abaa106CIrLlMNRA2VIIlS5-Oltl_LyeKVx4PkKfiybbhMydImqosqA4QgTCcd-rrhSlJuJPRxHKRDvo47wyVGqns03ZzA",
    ),
    (
        MODULUS_512,
        "PS512",
        "PS512_2048",
        "eyJhbGciOiJQUzUxMiIsImtpZCI6IlBTNTEyXzIwNDgifQ..DIxFlcd5z4X-Oazi-hsnVRa9ftpN2oktCwYsLjFbxyJUvipNZSEI1EDn210KM9WsmKrzujQOCrHVqv6onY10I1pBzjJg25AlNXf8u87iIRlo_V6Dw_eWclo8lE_VWYenLs9T-wQimxF7jhBR5yoF0B0HkaoLDrAzrtpzkwI40-3aBD9fkS9ibfWvYHAU5LF1yuRls78agx7E0Q998lbHGbKtpmKfmO1UQSvsUnLSIuuRVmJrWnKT1p9C6UIPv-CLDGRebWwOdc844TJ-csZEgbIQ-goZvvkWitsL7QjjQkmGJABwFqaj78ioSnrhZw0sXJR_uMicQAZ8_CaZO3ca0g",
    ),
];

#[test]
fn published_signatures_over_nothing_verify() {
    for (modulus, algorithm, kid, token) in PUBLISHED {
        let jwk = format!(r#"{{"kty":"RSA","alg":"{algorithm}","kid":"{kid}","n":"{modulus}","e":"AQAB"}}"#);
        let verifier = jws::Verifier::new(VerifyingKey::from_jwk(&jwk).unwrap());
        let content = verifier
            .verify(token)
            .unwrap_or_else(|error| panic!("{kid}: {error}"));
        assert_eq!(content.payload(), b"", "{kid}");
        assert!(verifier.verify_detached(token, b"").is_ok(), "{kid}");
        assert!(verifier.verify_detached(token, b"\0").is_err(), "{kid}");
    }
}

//! Keys bound to PSS (RFC 4055 §1.2), as `openssl genpkey -algorithm RSA-PSS` makes them.

use jeton::{Algorithm, KeyError, SigningKey, VerifyingKey};

use super::assert_same;

const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMIIEvAIBADALBgkqhkiG9w0BAQoEggSoMIIEpAIBAAKCAQEAqyaYddhckDJJ6cmX\n49NMdBLduzrm980Ugo+A+2eMPbwtaJJ3O2V0AW8bxkdWF0XYiD9sHe7v4w0DnfXR\n0i1lA1Vc5+ejWca1fD6WNL3oSp9Rbg7PzZJv6Du2hmfpDGbZvsgrD80Wu15DkQZM\nEUiS1Dha9/KKbjEGifhmP4C/J9s4r/UG0YSw3n53ICXhcfS7r6iZBIIi3jhuQxoN\nNMLtxddt7vo+p8nSzkNRq8/RNFnNWTLaKArDyIREC9LCPe7hVIsgcm5/wNDsE3Bh\n5/dVAQAOKXpaCkgq5L3UaqsFQ1R3qfncgssDc9PEG1v1suQpPXwJ9LoXZQN187Sx\n/A+EywIDAQABAoIBADccsQh1mOzn/KwXOd1ni51u+86QG5LdC4c1TZvnDp5Mi7S6\nQUGznCTgEeoJy5un5p+NCLQk3kNXS/xgDWYoLvhhUw7sJMpCdethvf2Sz4vD/LU7\neMfiKT33iIGEUWOodOJ903v9lx3Tr18yT2lbXMiQsx5XkCMGj2v7PHWjcCqVYfSj\nEiX5UbPDYaSZOJyG1TUKq+/RPSUhjgaEW+bio7uwTF00S5xDjoWXio1EzP9ocBdt\nGO+NKfZOsILZtWf9SxYpjTqKJ4eNumk+ovY6RPtfRMGGQMFns762fOKr73qv8Qxz\nJx2pXotvUlEEiQVHUIOOY8UmpQrTajlv2ZmDtUECgYEA6UbBMgG53SOgFFHGxlBl\n7x90uUqUA5xEYKg0VC9fG37GCb7AhirUCkzAlQzZM4J7mma6x8kmf8YsgY9D1WUt\nxgiYZqbpZJQ8mqSq6vm3HItI7Gsh5YC6zontX6L8ARXAlGoKcnrr7oPrdcqOfDwp\nsdCzpno5gejKErXmYcM508ECgYEAu9KbD1wjgZ9UvXu4gCPsiUBqHEn0qTcpIQsr\nFLhUR9Hr5pyISxrgGJ17uTh5En+o6js7kMhkHF9aYEaosyUJJl3Qoj+Lm3vmGPoP\nuFdLM8zHxHqvvohYf9y/1HJe5bjyuPnBuSAGF3HK1+8nArf+VYuk+BXFI19JdEM4\nqzKgS4sCgYEAml+ydk9iGo/63beIXbDS5D3i1sQd043USkrF5ng67k0k7UoIykEJ\ndY95WqnYCxhsh684KAJbse8JgOu4Lj343rbNdBE9HsxilswmN73tibw7FAmJswFP\nnmL0bXfEYUtt2EmchEoIXB188sSLKnf996hvWtpDuE6/e0ZZIZU6bYECgYBsz0rT\ncC6FtpdyGo29dpJexTlz4AhkS7eBFCZGH6972ApRFFgFIrG2sO1vVV8Wr2xdHimY\n6+7LXRZPdj/fYNJXLrxicmvfjLy1tZCL286OWNFWazkLKZQTpwBfBE8jyKydKtvm\n8r10sZCw3jR8Z7lpN7g/nOUTY+169EKNM4wXlwKBgQCQ8dJt/KqTqEKJnSfgH6A/\nKnsuqMfu9Q9zAvNe4rpXq90K2CxiUx6shGHIP1ikx7jfkcSapPaCUHoZ1A74E5H7\n6NRU1DJNpOwmNYSPlSi1Y+EN82ynRfFaijGtjd+D4ASHMlAcD5Eg3zOR6+Xv/zCW\nvQ3Zj0AgTwyYk3sUXMs3aQ==\n-----END PRIVATE KEY-----\n";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBAKsmmHXYXJAySenJl+PTTHQS\n3bs65vfNFIKPgPtnjD28LWiSdztldAFvG8ZHVhdF2Ig/bB3u7+MNA5310dItZQNV\nXOfno1nGtXw+ljS96EqfUW4Oz82Sb+g7toZn6Qxm2b7IKw/NFrteQ5EGTBFIktQ4\nWvfyim4xBon4Zj+AvyfbOK/1BtGEsN5+dyAl4XH0u6+omQSCIt44bkMaDTTC7cXX\nbe76PqfJ0s5DUavP0TRZzVky2igKw8iERAvSwj3u4VSLIHJuf8DQ7BNwYef3VQEA\nDil6WgpIKuS91GqrBUNUd6n53ILLA3PTxBtb9bLkKT18CfS6F2UDdfO0sfwPhMsC\nAwEAAQ==\n-----END PUBLIC KEY-----\n";
/// Bound to SHA-256 as well.
const BOUND: &str = "-----BEGIN PUBLIC KEY-----\nMIIBUTA8BgkqhkiG9w0BAQowL6APMA0GCWCGSAFlAwQCAQUAoRwwGgYJKoZIhvcN\nAQEIMA0GCWCGSAFlAwQCAQUAA4IBDwAwggEKAoIBAQDWc8QL2WsRPyqcomhwi7AI\nKmxFQSSObB3vUxKO5QI+VgF3/wctTn3utEWpptwQdN18ulaWmuntMMbKs1NDeBXL\nNpCRMaA5F4bIX9hxMKLMuQfOExTapGyGCRQnrlx755AqCANYcFP3r4Q8x89YPet+\nuOt7vvGL3aIYib6BFY50HwSLxCnO8S1w5Wbt7AeMV2y4tZl9kg3gscM71Ul48wxo\ntldd4D1kTdGy1thSlKO93S3kv+fbGDolkTVj8cDVPcYCrffHvGH566EQTZMOMIb6\nA0V4O98XUD0yIleYxMcrUbyZmBlozhc0VXjHwR7X7KfOseQUGJw03c8/9QDXXN/z\nAgMBAAE=\n-----END PUBLIC KEY-----\n";

#[test]
fn a_key_for_pss_is_for_pss_alone() {
    for algorithm in [Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512] {
        let key = SigningKey::from_pem(algorithm, PRIVATE).unwrap();
        let public = VerifyingKey::from_pem(algorithm, PUBLIC).unwrap();
        assert_eq!(key.verifying_key().to_jwk(), public.to_jwk());
        assert_same(
            &key,
            &SigningKey::from_pem(algorithm, &*key.to_pem().unwrap()).unwrap(),
        );
    }
    for refused in [
        SigningKey::from_pem(Algorithm::Rs256, PRIVATE).unwrap_err(),
        VerifyingKey::from_pem(Algorithm::Rs256, PUBLIC).unwrap_err(),
    ] {
        let text = refused.to_string();
        assert!(text.contains("for PS256, PS384 and PS512 alone"), "{text}");
    }
    let bound = VerifyingKey::from_pem(Algorithm::Ps256, BOUND).unwrap_err();
    assert!(matches!(bound, KeyError::WrongKind { found, .. } if found.contains("RSASSA-PSS-params")));
}

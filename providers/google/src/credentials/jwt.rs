//! The assertion with which a service account asks for a token: RFC 7523, signed as RS256.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use ring::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use serde::Serialize;

use super::{key_file::ServiceAccount, tokens::SCOPE};

/// How long an assertion is good, in seconds: as long as one may be.
const GOOD: u64 = 3600;

#[derive(Serialize)]
struct Head<'a> {
    alg: &'a str,
    typ: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
}

/// What `account` says of itself at `now`.
pub(super) fn assertion(account: &ServiceAccount, now: SystemTime) -> Result<String, String> {
    let pair = key(account.private_key.expose())?;
    let iat = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let head = Head { alg: "RS256", typ: "JWT", kid: account.private_key_id.as_deref() };
    let (iss, aud) = (&*account.client_email, &*account.token_uri);
    let claims = Claims { iss, scope: SCOPE, aud, iat, exp: iat + GOOD };
    let mut said = format!("{}.{}", encoded(&head), encoded(&claims));
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), said.as_bytes(), &mut signature)
        .map_err(|_| "private_key does not sign".to_owned())?;
    said.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(&signature, &mut said);
    Ok(said)
}

fn encoded(part: &impl Serialize) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).expect("texts and numbers are JSON"))
}

/// Reads a key in PEM: PKCS#8, or the older form of RSA keys alone.
fn key(pem: &str) -> Result<KeyPair, String> {
    let lines = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let der = BASE64_STANDARD.decode(lines.collect::<String>());
    let der = der.map_err(|_| "private_key is no key in PEM".to_owned())?;
    let is_old = pem.contains("BEGIN RSA PRIVATE KEY");
    let read = if is_old { KeyPair::from_der(&der) } else { KeyPair::from_pkcs8(&der) };
    read.map_err(|error| format!("private_key is no RSA key: {error}"))
}

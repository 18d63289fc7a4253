//! TLS: rustls with ring, said explicitly for each configuration; the system's authorities and, where given, one more.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use model::LostBecause;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// The system's authorities: some 150 certificates, read once.
static SYSTEM: OnceLock<RootCertStore> = OnceLock::new();

/// What to trust for a connection to `url`. Reads files, on a thread made for that. A plain address needs no
/// authorities and costs nothing.
pub(crate) async fn client_config(url: &str, ca_file: Option<&Path>) -> Result<ClientConfig, LostBecause> {
    let secure = url.starts_with("wss:") || url.starts_with("https:");
    let ca_file = ca_file.map(Path::to_path_buf);
    let roots = if secure {
        tokio::task::spawn_blocking(move || roots(ca_file))
            .await
            .map_err(|_| LostBecause::Tls("the system's certificates could not be read".into()))??
    } else {
        RootCertStore::empty()
    };
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_root_certificates(roots).with_no_client_auth())
        .map_err(|e| LostBecause::Tls(e.to_string()))
}

fn roots(ca_file: Option<PathBuf>) -> Result<RootCertStore, LostBecause> {
    let mut roots = SYSTEM
        .get_or_init(|| {
            let mut roots = RootCertStore::empty();
            let found = rustls_native_certs::load_native_certs();
            for error in &found.errors {
                tracing::warn!(%error, "a certificate of the system was not read");
            }
            roots.add_parsable_certificates(found.certs);
            roots
        })
        .clone();
    if let Some(path) = ca_file {
        // Read each time: a replaced file then counts from the next connection on.
        let bad = |why: String| LostBecause::Tls(format!("ca_file {}: {why}", path.display()));
        let mut count = 0;
        for certificate in CertificateDer::pem_file_iter(&path).map_err(|e| bad(e.to_string()))? {
            let certificate = certificate.map_err(|e| bad(e.to_string()))?;
            roots.add(certificate).map_err(|e| bad(e.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(bad("no certificate in it; it must be a PEM file".into()));
        }
    }
    Ok(roots)
}

/// The TLS failure inside an I/O error, however deep it is wrapped.
pub(crate) fn inside(mut error: &io::Error) -> Option<&rustls::Error> {
    loop {
        let inner = error.get_ref()?;
        if let Some(found) = inner.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        error = inner.downcast_ref::<io::Error>()?;
    }
}

/// A TLS failure in words for people.
pub(crate) fn explain(error: &rustls::Error) -> LostBecause {
    use rustls::CertificateError as Certificate;
    let rustls::Error::InvalidCertificate(why) = error else {
        return LostBecause::Tls(error.to_string());
    };
    LostBecause::Tls(
        if *why == Certificate::UnknownIssuer {
            "no authority this station trusts has signed it; name the authority's PEM file as ca_file"
        } else if matches!(why, Certificate::Expired | Certificate::ExpiredContext { .. }) {
            "it has expired"
        } else if matches!(why, Certificate::NotValidYet | Certificate::NotValidYetContext { .. }) {
            "it is not valid yet; is the station's date right?"
        } else if matches!(
            why,
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. }
        ) {
            "it was made for another address"
        } else {
            return LostBecause::Tls(error.to_string());
        }
        .into(),
    )
}

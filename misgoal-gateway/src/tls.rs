//! Connections to servers that speak `https` as well as `http`: rustls, with the authorities that this machine trusts or those of a file.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tower_service::Service as _;

use crate::GatewayError;

/// Opens connections, encrypted where the address says `https`.
pub(crate) type Connector = HttpsConnector<HttpConnector>;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// An `http` or `https` address.
pub(crate) fn address(text: &str) -> Result<Uri, GatewayError> {
    // What stands behind may be a key.
    let shown = text.split(['?', '#']).next().unwrap_or_default();
    let wrong = |why: &str| GatewayError::Data(format!("`{shown}` is no server's address: {why}"));
    let uri: Uri = text.parse().map_err(|_| wrong("it is no URL"))?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some() => Ok(uri),
        _ => Err(wrong("expected `http://HOST:PORT/PATH` or `https://HOST/PATH`")),
    }
}

/// What opens connections to this address. Whom a server's certificate must be signed by: the authorities in `ca` alone, where it is given, or those that this
/// machine trusts.
///
/// # Errors
/// When `ca` has no certificate, or this machine trusts nobody.
pub(crate) fn connector(to: &Uri, ca: Option<&Path>) -> Result<Connector, GatewayError> {
    let mut http = HttpConnector::new();
    http.set_nodelay(true);
    http.set_connect_timeout(Some(CONNECT));
    http.enforce_http(false);
    let trusted = match (to.scheme_str(), ca) {
        (Some("https"), Some(file)) => of_file(file)?,
        (Some("https"), None) => of_machine()?,
        _ => RootCertStore::empty(),
    };
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| GatewayError::Data(format!("there is no TLS: {error}")))?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().wrap_connector(http))
}

fn of_file(file: &Path) -> Result<RootCertStore, GatewayError> {
    let wrong = |why: &str| {
        GatewayError::Data(format!("`{}` cannot be used as an authority's certificate: {why}", file.display()))
    };
    if !file.is_file() {
        return Err(GatewayError::Missing(file.to_path_buf()));
    }
    let mut trusted = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| wrong(&error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| wrong(&error.to_string()))?;
        trusted.add(certificate).map_err(|error| wrong(&error.to_string()))?;
    }
    if trusted.is_empty() {
        Err(wrong("it has none; it must be PEM, `-----BEGIN CERTIFICATE-----`"))
    } else {
        Ok(trusted)
    }
}

fn of_machine() -> Result<RootCertStore, GatewayError> {
    let mut trusted = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // What no reader understands vouches for nobody; the others do.
    trusted.add_parsable_certificates(found.certs);
    if trusted.is_empty() {
        let why = "this machine trusts no authority, so no server's certificate can be checked: install its certificates (`ca-certificates`), or name a file of them with `--ca FILE`";
        return Err(GatewayError::Data(why.to_owned()));
    }
    Ok(trusted)
}

/// Opens a connection and closes it: says whether the server's certificate is good. A server that does not answer may do so later.
pub(crate) async fn check(connector: &mut Connector, to: &Uri) -> Result<(), GatewayError> {
    let connecting = std::future::poll_fn(|context| connector.poll_ready(context)).await;
    let connected = match connecting {
        Ok(()) => tokio::time::timeout(CONNECT, connector.call(to.clone())).await,
        Err(error) => Ok(Err(error)),
    };
    match connected {
        Ok(Err(error)) => match refused(&*error) {
            Some(refused) => {
                Err(GatewayError::Server(format!("`{}` is not trusted: {}", authority(to), words(refused))))
            }
            None => Ok(()),
        },
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

/// What an address may be called where its path could hold a key: without the path, nor a name and a password before the host.
pub(crate) fn authority(of: &Uri) -> String {
    let whole = of.authority().map(hyper::http::uri::Authority::as_str).unwrap_or_default();
    whole.rsplit_once('@').map_or(whole, |(_, host)| host).to_owned()
}

pub(crate) use misgoal_guard::config::is_here;

/// Why a request has failed, for people: an error of TLS in what it means, others in their innermost words.
pub(crate) fn why(error: &(dyn Error + 'static)) -> String {
    if let Some(refused) = refused(error) {
        return words(refused);
    }
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// The error of TLS in an error, at whatever depth.
fn refused<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return Some(found);
    }
    // An error of reading and writing holds another one, which is not called its source.
    let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let held = held.map(|held| held as &(dyn Error + 'static));
    held.or_else(|| error.source()).and_then(refused)
}

fn words(error: &rustls::Error) -> String {
    use CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::UnknownIssuer => "its certificate is signed by nobody whom this machine trusts; if that authority is yours, name its certificate with `--ca FILE` (PEM)".to_owned(),
            Bad::NotValidForNameContext { expected, presented } => {
                let presented: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
                format!("its certificate is for {} and not for `{}`", presented.join(", "), expected.to_str())
            }
            Bad::BadSignature => "its certificate is not signed by the authority that it names".to_owned(),
            Bad::NotValidForName => "its certificate is for another name".to_owned(),
            Bad::Expired | Bad::ExpiredContext { .. } => "its certificate has expired, or this machine's clock is wrong".to_owned(),
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                "its certificate is not valid yet, or this machine's clock is wrong".to_owned()
            }
            Bad::Revoked => "its certificate was revoked".to_owned(),
            other => format!("its certificate is refused: {other}"),
        },
        rustls::Error::InvalidMessage(_) => "it does not speak TLS there; is its address `http://`?".to_owned(),
        other => other.to_string(),
    }
}

/// A name as it stands in a certificate, out of `DnsName("NAME")`.
fn bare(name: &str) -> &str {
    let held = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    held.trim_matches('"')
}

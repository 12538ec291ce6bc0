//! The least program that asks for a signing: one TLS connection, one POST, one answer; nothing is checked or recorded.
//! `cargo xtask bench` measures `csrdesk sign` against it, with the same TLS library, CA file and request.

#![allow(clippy::print_stdout, reason = "a program for people")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use http::Uri;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// The longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 1024 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let url: Uri = std::env::var("SIGN_URL")?.parse()?;
    let host = url.host().ok_or("SIGN_URL has no host")?;
    let port = url.port_u16().ok_or("SIGN_URL has no port")?;

    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(std::env::var("CA_FILE")?)? {
        roots.add(certificate?)?;
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(host.to_owned())?;
    let connection = ClientConnection::new(Arc::new(config), name)?;
    let socket = TcpStream::connect((host, port))?;
    socket.set_nodelay(true)?;
    let mut stream = StreamOwned::new(connection, socket);

    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("INPUT_DATA", &std::env::var("INPUT_DATA")?)
        .finish();
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: {host}:{port}\r\nAUTHTOKEN: {}\r\nAccept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        url.path(),
        std::env::var("PAM360_AUTHTOKEN")?,
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer)?;
    println!("{}", String::from_utf8_lossy(&answer));
    Ok(())
}
